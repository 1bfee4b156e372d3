-- executions --
-- The newest checks.
SELECT id, rule_id AS rule, trigger, scheduled_for, coalesced_from, executed_at, outcome, conditions_met, success,
       reason, execution_metrics, explanation, worker_id, error
FROM automation_executions
ORDER BY id DESC
LIMIT %(limit)s;

-- executions_of_rule --
-- The newest checks of one rule, in the order of the index on rule and time.
SELECT id, rule_id AS rule, trigger, scheduled_for, coalesced_from, executed_at, outcome, conditions_met, success,
       reason, execution_metrics, explanation, worker_id, error
FROM automation_executions
WHERE rule_id = %(rule_id)s
ORDER BY scheduled_for DESC, id DESC
LIMIT %(limit)s;

-- execution --
-- One check.
SELECT id, rule_id AS rule, trigger, scheduled_for, coalesced_from, executed_at, outcome, conditions_met, success,
       reason, execution_metrics, explanation, worker_id, error
FROM automation_executions
WHERE id = %(execution_id)s;

-- changes_of_execution --
-- What a check of a rule asked for, in the order in which it was planned, with the platform and currency that its money is of.
SELECT c.id, f.account_id AS account, a.platform, a.currency, f.resource, f.field, c.from_value, c.to_value, c.arithmetic,
       c.state, c.dry_run, c.why, c.attempts, c.request_id, c.error, c.created_at, c.finished_at
FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id JOIN ad_accounts a ON a.id = f.account_id
WHERE c.rule_id = %(rule_id)s AND c.execution_id = %(execution_id)s
ORDER BY c.id;

-- changes --
-- The newest changes that are as asked for.
SELECT c.id, f.id AS field_id, f.account_id AS account, f.resource, f.field, c.from_value, c.to_value, c.arithmetic,
       c.state, c.dry_run, c.rule_id AS rule, c.execution_id AS execution, c.generation, c.why, c.who, c.attempts,
       c.request_id, c.error, c.worker_id, c.created_at, c.finished_at
FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id
WHERE (%(change_id)s::bigint IS NULL OR c.id = %(change_id)s)
    AND (%(rule_id)s::text IS NULL OR c.rule_id = %(rule_id)s)
    AND (%(execution_id)s::bigint IS NULL OR c.execution_id = %(execution_id)s)
    AND (%(account_id)s::text IS NULL OR f.account_id = %(account_id)s)
    AND (%(field_id)s::bigint IS NULL OR f.id = %(field_id)s)
    AND (%(field)s::text IS NULL OR f.field = %(field)s)
    AND (%(state)s::text IS NULL OR c.state = %(state)s)
    AND (%(since)s::timestamptz IS NULL OR coalesce(c.finished_at, c.created_at) >= %(since)s)
ORDER BY c.id DESC
LIMIT %(limit)s;
