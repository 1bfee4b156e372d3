-- with_due_changes --
-- C4: accounts that have work and that nobody is at: fields due, orphaned calls, dry runs to work out.
SELECT a.id, a.platform FROM ad_accounts a
WHERE (a.lease_until IS NULL OR a.lease_until < clock_ms())
    AND a.paused_reason IS NULL
    AND (EXISTS (SELECT FROM ad_fields f WHERE f.account_id = a.id AND f.next_at <= (SELECT clock_ms()))
        OR a.id IN (
            SELECT f.account_id FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id
            WHERE c.finished_at IS NULL
                AND (c.state = 'calling' OR c.state = 'planned' AND c.dry_run
                    AND (c.next_attempt_at IS NULL OR c.next_attempt_at <= clock_ms()))));

-- platforms --
-- The platform of each of these accounts.
SELECT id, platform FROM ad_accounts WHERE id = ANY(%(account_ids)s);

-- get --
-- One account.
SELECT id, user_id, platform, external_id, currency, mode, paused_reason FROM ad_accounts WHERE id = %(account_id)s;

-- all --
-- Every account.
SELECT id, user_id, platform, external_id, currency, mode, paused_reason FROM ad_accounts ORDER BY id;

-- add --
-- A new account.
INSERT INTO ad_accounts (id, user_id, platform, external_id, currency, mode)
VALUES (%(id)s, %(user_id)s, %(platform)s, %(external_id)s, %(currency)s, %(mode)s);

-- take_lease --
-- C3: takes the account unless somebody is at it; the fence tells a zombie from whoever came after it.
UPDATE ad_accounts SET lease_until = clock_ms() + %(lease)s, fence = fence + 1
WHERE id = %(account_id)s AND paused_reason IS NULL AND (lease_until IS NULL OR lease_until < clock_ms())
RETURNING id, platform, external_id, currency, fence;

-- renew_lease --
-- C4: keeps the account while the fence is ours.
UPDATE ad_accounts SET lease_until = clock_ms() + %(lease)s
WHERE id = %(account_id)s AND fence = %(fence)s
RETURNING id;

-- hold_fence --
-- C6, C8: locks the account's row while the fence is ours; no row: somebody else came after us.
SELECT id FROM ad_accounts WHERE id = %(account_id)s AND fence = %(fence)s FOR NO KEY UPDATE;

-- leave_to_call --
-- C7: in one read, whether the lease lasts for a call and the account is not paused.
SELECT lease_until > clock_ms() + %(time_out)s AS leased, paused_reason IS NOT NULL AS paused
FROM ad_accounts WHERE id = %(account_id)s AND fence = %(fence)s;

-- give_lease_back --
-- C10: gives the account back, if nothing on it is due.
UPDATE ad_accounts a SET lease_until = NULL
WHERE a.id = %(account_id)s AND a.fence = %(fence)s
    AND NOT EXISTS (SELECT FROM ad_fields f WHERE f.account_id = a.id AND f.next_at <= (SELECT clock_ms()));

-- pause --
-- Stops every call for the account, with the reason that a person reads.
UPDATE ad_accounts SET paused_reason = %(reason)s, lease_until = NULL
WHERE id = %(account_id)s AND paused_reason IS NULL;
