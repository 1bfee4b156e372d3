-- record --
-- Who did what to whom, one or many, and what each was before and after.
INSERT INTO audit_log (who, what, subject, before, after)
SELECT %(who)s, %(what)s, subject, before, after
FROM unnest(%(subjects)s::text[], %(befores)s::jsonb[], %(afters)s::jsonb[])
    WITH ORDINALITY AS deed (subject, before, after, place)
ORDER BY place;

-- listed --
-- The newest deeds that are as asked for.
SELECT id, at, who, what, subject, before, after FROM audit_log
WHERE (%(who)s::text IS NULL OR starts_with(who, %(who)s))
    AND (%(what)s::text IS NULL OR starts_with(what, %(what)s))
    AND (%(subject)s::text IS NULL OR subject = %(subject)s)
    AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
ORDER BY id DESC
LIMIT %(limit)s;
