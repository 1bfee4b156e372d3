-- told --
-- The fields in a scope for people, each with its newest change and the pause that forbids to write it, if one does.
SELECT f.*, c.id AS change_id, c.state AS change_state, c.why, c.who, c.error, c.arithmetic, c.attempts,
       coalesce(c.finished_at, c.created_at) AS changed_at,
       (SELECT p.reason FROM field_pauses p WHERE p.field_id = f.id ORDER BY p.reverts, p.since LIMIT 1) AS paused
FROM field_scopes s
JOIN ad_fields f ON f.id = s.field_id
LEFT JOIN LATERAL (
    SELECT * FROM ad_changes WHERE field_id = f.id AND NOT dry_run ORDER BY generation DESC, id DESC LIMIT 1
) AS c ON true
WHERE (s.scope, s.subject) = (%(scope)s, %(subject)s)
    AND (%(account_id)s::text IS NULL OR f.account_id = %(account_id)s)
    AND (%(state)s::text IS NULL OR f.state = %(state)s)
    AND (%(field_id)s::bigint IS NULL OR f.id = %(field_id)s)
    AND (NOT %(in_use)s OR f.state <> 'free' OR f.winner IS NOT NULL)
ORDER BY f.account_id, f.resource, f.field;

-- claims --
-- What every rule says of a field, the winning one first.
SELECT t.rule_id AS rule, r.user_id AS owner, r.priority, r.state, r.state_since, r.enabled,
       CASE WHEN (SELECT mode FROM installation) = 'dry_run' THEN 'installation'
            WHEN a.mode = 'dry_run' THEN 'account' WHEN r.mode = 'dry_run' THEN 'rule' END AS dry_run_of,
       t.entity_level || ' ' || t.entity_id AS entity, t.expressions::text AS expressions, r.active_case,
       t.otherwise::text AS otherwise, t.targeted, t.retiring, t.rule_id = f.winner ->> 'rule' AS wins
FROM rule_targets t
JOIN automation_rules r ON r.id = t.rule_id
JOIN ad_fields f ON f.id = t.field_id
JOIN ad_accounts a ON a.id = f.account_id
WHERE t.field_id = %(field_id)s
ORDER BY (t.rule_id = f.winner ->> 'rule') IS TRUE DESC, r.priority DESC, t.rule_id;
