-- open --
-- A trouble that begins, or one that is known already and was seen again.
INSERT INTO incidents (kind, subject, message) VALUES (%(kind)s, %(subject)s, %(message)s)
ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO UPDATE SET last_seen_at = clock_ms()
RETURNING xmax = 0 AS is_new;

-- close --
-- A trouble that has ended; nothing where there was none.
UPDATE incidents SET closed_at = clock_ms()
WHERE kind = %(kind)s AND subject = %(subject)s AND closed_at IS NULL
RETURNING opened_at, closed_at;

-- end_quiet --
-- Troubles of one kind that nobody has met for long.
UPDATE incidents SET closed_at = clock_ms()
WHERE kind = %(kind)s AND last_seen_at < clock_ms() - %(quiet)s AND closed_at IS NULL;

-- listed --
-- The troubles of now, the oldest first.
SELECT kind, subject, message, opened_at FROM incidents WHERE closed_at IS NULL ORDER BY opened_at, id;
