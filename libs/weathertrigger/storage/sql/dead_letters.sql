-- add --
-- A message that nobody can work on, with the reason.
INSERT INTO dead_letters (queue, actor, body, reason, redis_id)
VALUES (%(queue)s, %(actor)s, %(body)s, %(reason)s, %(redis_id)s)
ON CONFLICT ON CONSTRAINT dead_letters_once DO NOTHING;

-- listed --
-- The newest dead letters, of one queue or of all.
SELECT id, created_at, queue, actor, reason, body, redis_id FROM dead_letters
WHERE %(queue)s::text IS NULL OR queue = %(queue)s
ORDER BY id DESC
LIMIT %(limit)s;

-- ids --
-- Every dead letter, the oldest first.
SELECT id FROM dead_letters ORDER BY id;

-- get --
-- Those of the dead letters that are there, whole.
SELECT id, created_at, queue, actor, reason, body, redis_id FROM dead_letters WHERE id = ANY(%(ids)s);

-- lock --
-- Those of the dead letters that are there, for whoever is about to send them again.
SELECT id, queue, actor, body FROM dead_letters
WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE;

-- remove --
-- Dead letters that were sent again, or that nobody wants any more.
DELETE FROM dead_letters WHERE id = ANY(%(ids)s);

-- count --
-- How many dead letters there are.
SELECT count(*) AS letters FROM dead_letters;
