-- add --
-- A message that nobody can work on, with the reason.
INSERT INTO dead_letters (queue, actor, body, reason)
VALUES (%(queue)s, %(actor)s, %(body)s, %(reason)s);
