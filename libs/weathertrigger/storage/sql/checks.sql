-- clock --
-- The time that decides, read after the row locks of the transaction (protocol S, step 1).
SELECT clock_ms() AS clock;

-- standing --
-- S3: what the truth says about rules whose bell rang; a rule that is not returned is gone. Outside its active hours a rule
-- needs no weather, nor when they end just now; after a longer outage it may already be within the next ones.
SELECT id, place_id, other_place_ids, looks_ahead, next_check_at, clock_ms() AS clock,
       coalesce(
           CASE
               WHEN memory ->> 'outside' IS NOT NULL THEN from_ms((memory ->> 'hours_until')::bigint) > clock_ms()
               ELSE clock_ms() - from_ms((memory ->> 'hours_until')::bigint) BETWEEN '0 s' AND '1 min'
           END,
           memory ->> 'outside' IS NOT NULL) AS rests
FROM automation_rules
WHERE id = ANY(%(rule_ids)s);

-- upcoming --
-- S7: every rule whose next check is within the given horizon, and the clock. Here as elsewhere the clock is read in a
-- subquery, once: an index cannot be searched for a function whose value changes from row to row.
SELECT id, next_check_at, clock_ms() AS clock
FROM automation_rules
WHERE next_check_at <= (SELECT clock_ms() + %(horizon)s);

-- next_checks --
-- S6: where the bells of these rules belong now.
SELECT id, next_check_at
FROM automation_rules
WHERE id = ANY(%(rule_ids)s);

-- lock_due --
-- S5a: locks the rules that are still due as the message says; the others are left to whoever settled them. A message
-- from the future (the clock was put back) is left alone too: what is not due has nothing to record.
SELECT r.id, r.place_id, r.version, r.interval_ms, r.state, r.state_since, r.unknown_since, r.data_lost,
       r.memory::text AS memory, r.next_slot_at, r.slot_not_before, r.next_boundary_at, r.run_requested_at, r.catch_up_ms,
       r.daily_at, r.daily_zone, r.other_place_ids, r.active_case
FROM json_each_text(%(dues)s) AS claimed (id, due)
JOIN automation_rules r ON r.id = claimed.id AND r.next_check_at = from_ms(claimed.due::bigint) AND r.enabled
WHERE r.next_check_at <= clock_ms()
ORDER BY r.id
FOR NO KEY UPDATE OF r;

-- stored --
-- Rules that are not compiled yet, as their files say them.
SELECT r.id, r.version, r.document::text AS document, p.time_zone
FROM automation_rules r JOIN places p ON p.id = r.place_id
WHERE r.id = ANY(%(rule_ids)s);

-- advance --
-- S5d: the next slots of rules of which nothing else has changed, which is nearly always so.
UPDATE automation_rules AS r
SET next_slot_at = from_ms(n.next_slot_at::bigint)
FROM json_each_text(%(next_slots)s) AS n (id, next_slot_at)
WHERE r.id = n.id;

-- settle --
-- S5d: the schedule and the state that a batch of checks leaves behind.
UPDATE automation_rules AS r
SET next_slot_at = n.next_slot_at, slot_not_before = n.slot_not_before, next_boundary_at = n.next_boundary_at,
    run_requested_at = n.run_requested_at, state = n.state, state_since = n.state_since, unknown_since = n.unknown_since,
    data_lost = n.data_lost, active_case = n.active_case, memory = n.memory::jsonb
FROM json_to_recordset(%(rules)s) AS n (
    id text, next_slot_at timestamptz, slot_not_before timestamptz, next_boundary_at timestamptz,
    run_requested_at timestamptz, state text, state_since timestamptz, unknown_since timestamptz, data_lost boolean,
    active_case integer, memory text)
WHERE r.id = n.id;

-- record --
-- S5d: one row per settled trigger of each rule. Documents come on lines of their own: JSON within JSON is read twice.
INSERT INTO automation_executions (rule_id, scheduled_for, trigger, coalesced_from, executed_at, success,
    conditions_met, outcome, reason, execution_metrics, explanation, worker_id, error)
SELECT n.rule_id, n.scheduled_for, n.trigger, n.coalesced_from, %(executed_at)s, n.conditions_met IS NOT NULL,
       n.conditions_met, n.outcome, n.reason, n.execution_metrics::jsonb, n.explanation::jsonb, %(worker_id)s, n.error
FROM ROWS FROM (
    json_to_recordset(%(rows)s) AS (
        rule_id text, scheduled_for timestamptz, trigger text, coalesced_from timestamptz, conditions_met boolean,
        outcome text, reason text, error text),
    string_to_table(%(execution_metrics)s, E'\n', ''),
    string_to_table(%(explanation)s, E'\n', ''))
    AS n (rule_id, scheduled_for, trigger, coalesced_from, conditions_met, outcome, reason, error, execution_metrics,
          explanation)
ON CONFLICT ON CONSTRAINT automation_executions_once DO NOTHING
RETURNING id, rule_id;

-- request_run --
-- S9: asks for a check now; joins one that is already pending, which has rung. Gives the rule's time of next check.
WITH before AS (
    SELECT id, run_requested_at FROM automation_rules WHERE id = %(rule_id)s AND enabled FOR NO KEY UPDATE
)
UPDATE automation_rules r SET run_requested_at = coalesce(r.run_requested_at, clock_ms())
FROM before
WHERE r.id = before.id
RETURNING r.next_check_at, before.run_requested_at IS NULL AS is_new;

-- coming --
-- The checks that come next, those that are due first, in the order of the index.
SELECT id, user_id, interval_ms, daily_at, next_check_at, clock_ms() AS clock
FROM automation_rules
WHERE next_check_at IS NOT NULL
ORDER BY next_check_at
LIMIT %(limit)s;
