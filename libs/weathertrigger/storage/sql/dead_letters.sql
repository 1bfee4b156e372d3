-- add --
-- A message that nobody can work on, with the reason.
INSERT INTO dead_letters (queue, actor, body, reason, redis_id)
VALUES (%(queue)s, %(actor)s, %(body)s, %(reason)s, %(redis_id)s)
ON CONFLICT ON CONSTRAINT dead_letters_once DO NOTHING;
