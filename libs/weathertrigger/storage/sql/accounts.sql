-- with_due_changes --
-- C4: accounts that have work and that nobody is at: fields due that no pause stops, orphaned calls, dry runs to work out.
-- Those where something is to be put back or paused come first.
SELECT a.id, a.platform FROM ad_accounts a
WHERE (a.lease_until IS NULL OR a.lease_until < clock_ms()) AND a.removed_at IS NULL
    AND NOT EXISTS (SELECT FROM account_pauses p WHERE p.account_id = a.id AND NOT p.reverts)
    AND (EXISTS (
            SELECT FROM ad_fields f
            WHERE f.account_id = a.id AND f.next_at <= (SELECT clock_ms())
                AND NOT EXISTS (SELECT FROM field_pauses p WHERE p.field_id = f.id))
        OR a.id IN (
            SELECT f.account_id FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id
            WHERE c.finished_at IS NULL
                AND (c.state = 'calling' OR c.state = 'planned' AND c.dry_run
                    AND (c.next_attempt_at IS NULL OR c.next_attempt_at <= clock_ms()))))
ORDER BY NOT EXISTS (
    SELECT FROM ad_fields f
    WHERE f.account_id = a.id AND f.next_at <= (SELECT clock_ms()) AND f.applied < f.generation
        AND (f.winner IS NULL OR f.winner -> 'expression' = '{"status": "paused"}')), a.id;

-- platforms --
-- The platform of each of these accounts.
SELECT id, platform FROM ad_accounts WHERE id = ANY(%(account_ids)s);

-- get --
-- One account, also one that was removed.
SELECT a.*, (SELECT outside_world FROM installation),
    (SELECT p.reason FROM account_pauses p WHERE p.account_id = a.id ORDER BY p.reverts, p.since LIMIT 1) AS paused_reason
FROM ad_accounts a WHERE a.id = %(account_id)s;

-- all --
-- Every account.
SELECT a.*, (SELECT outside_world FROM installation),
    (SELECT p.reason FROM account_pauses p WHERE p.account_id = a.id ORDER BY p.reverts, p.since LIMIT 1) AS paused_reason
FROM ad_accounts a WHERE a.removed_at IS NULL OR %(with_removed)s ORDER BY a.id;

-- beginning_with --
-- The ids that begin so.
SELECT id FROM ad_accounts WHERE starts_with(id, %(beginning)s) AND removed_at IS NULL ORDER BY id LIMIT %(limit)s;

-- add --
-- A new account; one that was removed comes back if it is the same one. No row: the id is taken.
INSERT INTO ad_accounts AS a (id, user_id, platform, external_id, currency, mode, credentials, credentials_set_at)
VALUES (%(id)s, %(user_id)s, %(platform)s, %(external_id)s, %(currency)s, %(mode)s, %(credentials)s,
        CASE WHEN %(credentials)s IS NOT NULL THEN clock_ms() END)
ON CONFLICT (id) DO UPDATE
SET currency = excluded.currency, mode = excluded.mode, credentials = excluded.credentials,
    credentials_set_at = excluded.credentials_set_at, removed_at = NULL
WHERE a.removed_at IS NOT NULL
    AND (a.user_id, a.platform, a.external_id) = (excluded.user_id, excluded.platform, excluded.external_id)
RETURNING id;

-- lock --
-- One account that was not removed, until the end of the transaction.
SELECT a.*, (SELECT outside_world FROM installation),
    (SELECT p.reason FROM account_pauses p WHERE p.account_id = a.id ORDER BY p.reverts, p.since LIMIT 1) AS paused_reason
FROM ad_accounts a WHERE a.id = %(account_id)s AND a.removed_at IS NULL FOR NO KEY UPDATE OF a;

-- set_credentials --
-- Credentials of the account's own, later than those before them.
UPDATE ad_accounts
SET credentials = %(credentials)s,
    credentials_set_at = greatest(clock_ms(), credentials_set_at + interval '1 millisecond')
WHERE id = %(account_id)s;

-- set_call_limit --
-- How many calls the account may make; NULL: as many as the settings say.
UPDATE ad_accounts SET call_limit = %(calls)s WHERE id = %(account_id)s;

-- encrypt_anew --
-- The same credentials, under another key.
UPDATE ad_accounts SET credentials = %(credentials)s WHERE id = %(account_id)s AND credentials IS NOT NULL;

-- remove --
-- Hides the account without its credentials; a lease that somebody has is worth nothing any more.
UPDATE ad_accounts
SET removed_at = clock_ms(), credentials = NULL, credentials_set_at = NULL, lease_until = NULL, fence = fence + 1
WHERE id = %(account_id)s;

-- end_pause --
-- An account that comes back one day is not paused.
DELETE FROM pauses WHERE (scope, subject) = ('account', %(account_id)s);

-- end_changes --
-- What was still to be worked out on the account, or to be changed.
UPDATE ad_changes c SET state = 'superseded', error = 'The account was removed.', finished_at = clock_ms()
FROM ad_fields f
WHERE f.id = c.field_id AND f.account_id = %(account_id)s AND c.finished_at IS NULL;

-- leave_fields --
-- Whatever the fields of the account are set to stays, and is nobody's any more.
WITH locked AS (SELECT id FROM ad_fields WHERE account_id = %(account_id)s ORDER BY id FOR NO KEY UPDATE)
UPDATE ad_fields f SET state = 'free', winner = NULL, applied = generation, next_at = NULL, held_reason = NULL,
    ordered = NULL
FROM locked WHERE f.id = locked.id
RETURNING f.id;

-- rules_on --
-- The enabled rules that target a field of the account.
SELECT DISTINCT t.rule_id
FROM ad_fields f JOIN rule_targets t ON t.field_id = f.id JOIN automation_rules r ON r.id = t.rule_id
WHERE f.account_id = %(account_id)s AND t.targeted AND r.enabled
ORDER BY t.rule_id;

-- unsettled --
-- The fields of the account that are not put back yet, or of which something else is still to be done.
SELECT resource, field, state, baseline FROM ad_fields
WHERE account_id = %(account_id)s AND (state <> 'free' OR applied < generation OR next_at IS NOT NULL)
ORDER BY resource, field;

-- take_lease --
-- C3: takes the account unless somebody is at it; the fence tells a zombie from whoever came after it. Where nothing of
-- it may be written nobody needs to call.
UPDATE ad_accounts SET lease_until = clock_ms() + %(lease)s, fence = fence + 1
WHERE id = %(account_id)s AND removed_at IS NULL AND (lease_until IS NULL OR lease_until < clock_ms())
    AND NOT EXISTS (SELECT FROM account_pauses p WHERE p.account_id = ad_accounts.id AND NOT p.reverts)
RETURNING id, platform, external_id, currency, fence, credentials, credentials_set_at, call_limit,
    (SELECT outside_world FROM installation),
    EXISTS (
        SELECT FROM incidents i
        WHERE i.kind = 'credentials_unreadable' AND i.subject = ad_accounts.id AND i.closed_at IS NULL
    ) AS unreadable;

-- renew_lease --
-- C4: keeps the account while the fence is ours.
UPDATE ad_accounts SET lease_until = clock_ms() + %(lease)s
WHERE id = %(account_id)s AND fence = %(fence)s
RETURNING id;

-- hold_fence --
-- C6, C8: locks the account's row while the fence is ours; no row: somebody else came after us.
SELECT id FROM ad_accounts WHERE id = %(account_id)s AND fence = %(fence)s FOR NO KEY UPDATE;

-- leave_to_call --
-- C7: in one read the fence, what the lease has left, and of each field its generation and whether a pause stops it.
SELECT a.lease_until > clock_ms() + %(time_out)s AS leased, f.id, f.generation,
    EXISTS (SELECT FROM field_pauses p WHERE p.field_id = f.id) AS stopped
FROM ad_accounts a JOIN ad_fields f ON f.account_id = a.id
WHERE a.id = %(account_id)s AND a.fence = %(fence)s AND f.id = ANY(%(field_ids)s);

-- lease_left --
-- How long somebody has the account at most; no row: nobody is at it.
SELECT lease_until - clock_ms() AS left FROM ad_accounts WHERE id = %(account_id)s AND lease_until > clock_ms();

-- give_lease_back --
-- C10: gives the account back, if nothing on it is due.
UPDATE ad_accounts a SET lease_until = NULL
WHERE a.id = %(account_id)s AND a.fence = %(fence)s
    AND NOT EXISTS (SELECT FROM ad_fields f WHERE f.account_id = a.id AND f.next_at <= (SELECT clock_ms()));
