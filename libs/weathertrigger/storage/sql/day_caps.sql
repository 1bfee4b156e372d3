-- cap_of --
-- The cap of an account's raises.
SELECT largest_raise_a_day FROM ad_accounts WHERE id = %(account_id)s;

-- set_cap --
-- Sets or takes away the cap.
UPDATE ad_accounts SET largest_raise_a_day = %(cap)s WHERE id = %(account_id)s AND removed_at IS NULL;

-- values_of_today --
-- C6: budgets of the account that are in force or not put back yet; those that were sent today, also without an answer;
-- and those that were in force today until another one was sent. What a platform refused is none of them (`called_at`), nor
-- is what a person set, over which a rule that reasserts writes: only what was sent before is ours.
WITH budgets AS (
    SELECT * FROM ad_fields
    WHERE account_id = %(account_id)s AND field IN ('daily_budget', 'lifetime_budget') AND baseline IS NOT NULL
)
SELECT b.id AS field_id, b.baseline, b.confirmed AS value
FROM budgets b
WHERE b.state IN ('owned', 'left', 'settling')
    AND EXISTS (SELECT FROM ad_changes WHERE field_id = b.id AND NOT dry_run AND to_value = b.confirmed)
UNION
SELECT b.id, b.baseline, sent.value
FROM budgets b
CROSS JOIN LATERAL (
    SELECT * FROM ad_changes
    WHERE field_id = b.id AND NOT dry_run
    ORDER BY generation DESC
    LIMIT 200 -- more decisions than fit into a day
) AS c
CROSS JOIN LATERAL (
    SELECT c.to_value
    UNION ALL
    SELECT c.from_value
    WHERE EXISTS (SELECT FROM ad_changes WHERE field_id = b.id AND NOT dry_run AND id < c.id AND to_value = c.from_value)
) AS sent (value)
WHERE cardinality(c.called_at) > 0 AND sent.value IS NOT NULL
    AND coalesce(c.finished_at, clock_ms()) >= date_trunc('day', clock_ms(), 'UTC');
