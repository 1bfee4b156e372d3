-- add --
-- Something that a person should know, once.
INSERT INTO notifications (kind, subject, message) VALUES (%(kind)s, %(subject)s, %(message)s)
RETURNING id;

-- listed --
-- The newest notifications that are as asked for.
SELECT id, created_at AS at, kind, subject, message FROM notifications
WHERE (%(kind)s::text IS NULL OR starts_with(kind, %(kind)s))
    AND (%(about)s::text IS NULL OR strpos(subject, %(about)s) > 0)
    AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
ORDER BY id DESC
LIMIT %(limit)s;

-- after --
-- The notifications that came after this one, the oldest first.
SELECT id, created_at AS at, message FROM notifications WHERE id > %(id)s ORDER BY id LIMIT %(limit)s;

-- kinds_beginning_with --
-- The kinds that there are and that begin so.
SELECT DISTINCT kind FROM notifications WHERE starts_with(kind, %(beginning)s) ORDER BY kind LIMIT %(limit)s;
