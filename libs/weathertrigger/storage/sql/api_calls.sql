-- used --
-- Calls of each account in each of its service's windows, and when the oldest of them have left it. They are kept by the hour,
-- and an hour that is partly in the window counts whole: never too few. Ad fields, and dry runs, whose change waits for later.
SELECT s.service, s.account_id, w.length AS window_length, coalesce(c.calls, 0)::bigint AS used,
       c.oldest + interval '1 hour' + w.length AS oldest_out_at, waiting.fields AS waiting
FROM unnest(%(services)s::text[], %(windows)s::interval[]) AS w (service, length)
JOIN (
    SELECT platform AS service, id AS account_id FROM ad_accounts WHERE removed_at IS NULL
    UNION SELECT unnest(%(services)s::text[]), ''
) AS s USING (service)
CROSS JOIN LATERAL (
    SELECT sum(calls) AS calls, min(hour) AS oldest FROM api_calls
    WHERE service = s.service AND account_id = s.account_id
        AND hour > (SELECT clock_ms()) - w.length - interval '1 hour'
) AS c
CROSS JOIN LATERAL (
    SELECT count(DISTINCT f.id) AS fields
    FROM ad_fields f JOIN ad_changes p ON p.field_id = f.id AND p.finished_at IS NULL AND p.state = 'planned'
    WHERE f.account_id = s.account_id
        AND CASE WHEN p.dry_run THEN p.next_attempt_at ELSE f.next_at END > (SELECT clock_ms())
        AND (p.dry_run OR f.suspect IS NULL)
) AS waiting
ORDER BY s.service, s.account_id, w.length;

-- by_age --
-- Calls of one service by the hour in which they were made, and how long ago that ended at the least.
SELECT greatest(t.now - hour - interval '1 hour', interval '0') AS age, sum(calls)::bigint AS calls
FROM api_calls, (SELECT clock_ms() AS now) AS t
WHERE service = %(service)s AND (%(account_id)s::text IS NULL OR account_id = %(account_id)s)
    AND hour > t.now - %(window)s - interval '1 hour'
GROUP BY hour, t.now
ORDER BY hour DESC;
