-- starting_point --
-- Where the tables stand now, so that what comes later can be told from what was there.
SELECT (SELECT coalesce(max(id), 0) FROM automation_executions) AS execution_id,
       (SELECT coalesce(max(id), 0) FROM ad_changes) AS change_id,
       (SELECT coalesce(max(id), 0) FROM notifications) AS notification_id,
       (SELECT coalesce(jsonb_object_agg(service, calls), '{}') FROM
           (SELECT service, sum(calls) AS calls FROM calls_apart GROUP BY service) AS apart) AS calls_apart,
       (SELECT coalesce(array_agg(id), '{}') FROM ad_changes WHERE finished_at IS NULL) AS open_changes;

-- checks_after --
-- The checks recorded after this id, oldest first.
SELECT id, rule_id, trigger, scheduled_for, executed_at, outcome, reason
FROM automation_executions WHERE id > %(id)s ORDER BY id LIMIT %(limit)s;

-- changes_after --
-- The changes planned after this id, and the open ones, oldest first.
SELECT c.id, f.account_id, a.platform, a.currency, f.resource, f.field, c.rule_id, c.state, c.from_value, c.to_value,
       c.error, c.finished_at
FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id JOIN ad_accounts a ON a.id = f.account_id
WHERE c.id > %(id)s OR c.id = ANY(%(open)s)
ORDER BY c.id LIMIT %(limit)s;

-- rules --
-- Rules with their last check, in the order of their ids, and how many there are in all.
SELECT r.id, r.enabled, r.state, r.next_check_at, e.outcome, e.reason, e.scheduled_for, e.executed_at,
       (SELECT count(*) FROM automation_rules WHERE deleted_at IS NULL) AS in_all, clock_ms() AS clock
FROM (SELECT * FROM automation_rules WHERE deleted_at IS NULL ORDER BY id LIMIT %(limit)s) AS r
LEFT JOIN LATERAL (
    SELECT outcome, reason, scheduled_for, executed_at FROM automation_executions
    WHERE rule_id = r.id ORDER BY scheduled_for DESC LIMIT 1
) AS e ON true
ORDER BY r.id;

-- totals --
-- What was done since the starting point. Slots from before the first check stand apart: the services were starting.
WITH recorded AS (
    SELECT outcome, execution_metrics AS metrics,
           CASE WHEN trigger = 'slot' AND scheduled_for > min(executed_at) OVER ()
                THEN extract(epoch FROM executed_at - scheduled_for)::float8 * 1000 END AS lateness
    FROM automation_executions WHERE id > %(execution_id)s
)
SELECT count(*) AS checks,
       (SELECT coalesce(jsonb_object_agg(outcome, n), '{}') FROM
           (SELECT outcome, count(*) AS n FROM recorded GROUP BY outcome) AS outcomes) AS outcomes,
       (SELECT coalesce(jsonb_object_agg(state, n), '{}') FROM
           (SELECT state, count(*) AS n FROM ad_changes WHERE id > %(change_id)s GROUP BY state) AS states) AS changes,
       coalesce(sum((metrics ->> 'weatherApiCalls')::bigint), 0)::bigint AS weather_calls,
       coalesce(sum((metrics ->> 'metaApiCalls')::bigint), 0)::bigint AS meta_calls,
       coalesce(sum((metrics ->> 'googleApiCalls')::bigint), 0)::bigint AS google_calls,
       (SELECT coalesce(jsonb_object_agg(service, calls), '{}') FROM
           (SELECT service, sum(calls) AS calls FROM calls_apart GROUP BY service) AS apart) AS calls_apart,
       percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY lateness) AS lateness
FROM recorded;
