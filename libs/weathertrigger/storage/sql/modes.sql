-- rules_concerned --
-- The rules that a switch of this scope may make live, or stop.
SELECT DISTINCT t.rule_id
FROM rule_targets t JOIN field_scopes s ON s.field_id = t.field_id
WHERE (s.scope, s.subject) = (%(scope)s, %(subject)s) AND (%(scope)s <> 'rule' OR t.rule_id = %(subject)s)
ORDER BY t.rule_id;

-- set_installation --
-- Switches the installation; gives what it was.
UPDATE installation i SET mode = %(mode)s FROM (SELECT mode FROM installation FOR UPDATE) AS was (mode)
RETURNING was.mode;

-- set_accounts --
-- Switches accounts; gives those that stood otherwise. In the order of the ids, as everybody locks accounts.
WITH meant AS (
    SELECT id FROM ad_accounts
    WHERE removed_at IS NULL AND mode <> %(mode)s
        AND CASE %(scope)s WHEN 'user' THEN user_id = %(subject)s ELSE id = %(subject)s END
    ORDER BY id
    FOR NO KEY UPDATE
)
UPDATE ad_accounts a SET mode = %(mode)s FROM meant WHERE a.id = meant.id RETURNING a.id;

-- standing --
-- What stands in the way of going live beside what is switched: the installation, accounts, rules in dry run.
SELECT 'all' AS scope, '' AS subject FROM installation WHERE mode = 'dry_run'
UNION ALL
SELECT DISTINCT 'account', a.id
FROM ad_accounts a JOIN ad_fields f ON f.account_id = a.id JOIN field_scopes s ON s.field_id = f.id
WHERE (s.scope, s.subject) = (%(scope)s, %(subject)s) AND a.mode = 'dry_run' AND a.removed_at IS NULL
UNION ALL
SELECT DISTINCT 'rule', r.id
FROM automation_rules r JOIN rule_targets t ON t.rule_id = r.id JOIN field_scopes s ON s.field_id = t.field_id
WHERE (s.scope, s.subject) = (%(scope)s, %(subject)s) AND (%(scope)s <> 'rule' OR r.id = %(subject)s)
    AND r.mode = 'dry_run' AND r.enabled AND r.deleted_at IS NULL
ORDER BY scope, subject;
