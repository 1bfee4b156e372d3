-- cap_of --
-- The cap of an account's raises.
SELECT largest_raise_a_day FROM ad_accounts WHERE id = %(account_id)s;

-- set_cap --
-- Sets or takes away the cap.
UPDATE ad_accounts SET largest_raise_a_day = %(cap)s WHERE id = %(account_id)s AND removed_at IS NULL;

-- values_of_today --
-- C6: budgets of the account that are in force, and those that were sent today, also without an answer.
SELECT f.id AS field_id, f.baseline, f.confirmed AS value
FROM ad_fields f
WHERE f.account_id = %(account_id)s AND f.field IN ('daily_budget', 'lifetime_budget')
    AND f.state IN ('owned', 'left') AND f.baseline IS NOT NULL AND f.confirmed IS NOT NULL
UNION
SELECT f.id, f.baseline, c.to_value
FROM ad_fields f JOIN ad_changes c ON c.field_id = f.id
WHERE f.account_id = %(account_id)s AND f.field IN ('daily_budget', 'lifetime_budget')
    AND f.baseline IS NOT NULL AND c.to_value IS NOT NULL AND NOT c.dry_run AND c.attempts > 0
    AND coalesce(c.finished_at, clock_ms()) >= date_trunc('day', clock_ms(), 'UTC');
