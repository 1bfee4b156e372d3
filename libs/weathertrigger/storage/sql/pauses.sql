-- pause --
-- Stops what the scope covers. One that is there already stays, unless reverts are to go out no longer or, where a person
-- says so, from now on.
INSERT INTO pauses AS p (scope, subject, reason, reverts, who)
VALUES (%(scope)s, %(subject)s, %(reason)s, %(reverts)s, %(who)s)
ON CONFLICT ON CONSTRAINT pauses_once DO UPDATE SET reverts = excluded.reverts, reason = excluded.reason, who = excluded.who
WHERE p.reverts <> excluded.reverts AND (p.reverts OR %(loosen)s)
RETURNING p.scope;

-- end --
-- Ends one pause; gives what it was.
DELETE FROM pauses WHERE (scope, subject) = (%(scope)s, %(subject)s) RETURNING *;

-- get --
-- One pause.
SELECT * FROM pauses WHERE (scope, subject) = (%(scope)s, %(subject)s);

-- listed --
-- Every pause, the widest first.
SELECT * FROM pauses ORDER BY array_position(ARRAY['all', 'user', 'account', 'rule'], scope), subject;

-- of_account --
-- The pauses of a whole account, the strictest first.
SELECT scope, subject, reason, reverts, who, since FROM account_pauses
WHERE account_id = %(account_id)s ORDER BY reverts, since;

-- accounts_covered --
-- The accounts that have fields in the scope, with their platforms.
SELECT DISTINCT a.id, a.platform
FROM field_scopes s JOIN ad_fields f ON f.id = s.field_id JOIN ad_accounts a ON a.id = f.account_id
WHERE (s.scope, s.subject) = (%(scope)s, %(subject)s) AND a.removed_at IS NULL
ORDER BY a.id;

-- on_their_way --
-- The writes in the scope that have left and have no answer yet.
SELECT DISTINCT f.account_id, f.resource, f.field, c.to_value
FROM field_scopes s JOIN ad_fields f ON f.id = s.field_id JOIN ad_changes c ON c.field_id = f.id
WHERE (s.scope, s.subject) = (%(scope)s, %(subject)s) AND c.state = 'calling' AND c.finished_at IS NULL
ORDER BY f.account_id, f.resource, f.field;

-- bring_forward --
-- The changes that wait on fields in the scope are due now, or when the platform's own wait is over. In the order of the
-- ids, as everybody locks fields.
WITH waiting AS (
    SELECT f.id FROM ad_fields f
    WHERE f.id IN (SELECT s.field_id FROM field_scopes s WHERE (s.scope, s.subject) = (%(scope)s, %(subject)s))
        AND f.next_at > clock_ms()
        AND EXISTS (
            SELECT FROM ad_changes c
            WHERE c.field_id = f.id AND c.state IN ('planned', 'unknown') AND NOT c.dry_run AND c.finished_at IS NULL)
    ORDER BY f.id
    FOR NO KEY UPDATE
)
UPDATE ad_fields f SET next_at = least(f.next_at, greatest(clock_ms(), f.limited_until))
FROM waiting WHERE f.id = waiting.id;

-- bring_dry_runs_forward --
-- And so are the dry runs of the accounts concerned.
UPDATE ad_changes c SET next_attempt_at = NULL
FROM field_scopes s
WHERE (s.scope, s.subject) = (%(scope)s, %(subject)s) AND s.field_id = c.field_id AND c.dry_run AND c.finished_at IS NULL;
