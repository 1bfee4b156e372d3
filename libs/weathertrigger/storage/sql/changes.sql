-- plan --
-- C2: the outbox row of every new decision.
INSERT INTO ad_changes (field_id, generation, dry_run, rule_id, execution_id, expression, why, who, winner, state)
SELECT n.*, 'planned'
FROM unnest(%(field_id)s::bigint[], %(generation)s::bigint[], %(dry_run)s::boolean[], %(rule_id)s::text[],
            %(execution_id)s::bigint[], %(expression)s::jsonb[], %(why)s::text[], %(who)s::text[],
            %(winner)s::text[])
    AS n (field_id, generation, dry_run, rule_id, execution_id, expression, why, who, winner);

-- supersede --
-- C2: a newer decision takes the place of what was not yet written, or was written without an answer.
UPDATE ad_changes c SET state = 'superseded', finished_at = clock_ms()
FROM unnest(%(field_id)s::bigint[], %(generation)s::bigint[]) AS n (field_id, generation)
WHERE c.field_id = n.field_id AND c.generation < n.generation AND c.state IN ('planned', 'unknown') AND NOT c.dry_run;

-- add_to_reasons --
-- C2: checks that made their rule active where another rule wins say so (semantics 19).
UPDATE automation_executions e SET reason = e.reason || n.told
FROM unnest(%(execution_id)s::bigint[], %(told)s::text[]) AS n (execution_id, told)
WHERE e.id = n.execution_id;

-- planned_dry_runs --
-- The dry-run changes of an account that have not been worked out yet, with their fields.
SELECT c.id AS change_id, c.execution_id, c.attempts, c.expression::text AS expression, f.*
FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id
WHERE f.account_id = %(account_id)s AND c.dry_run AND c.state = 'planned' AND c.finished_at IS NULL
    AND (c.next_attempt_at IS NULL OR c.next_attempt_at <= clock_ms())
ORDER BY c.id
LIMIT %(limit)s;

-- postpone_dry_runs --
-- The platform cannot be read now: the account's dry runs are looked at again then.
UPDATE ad_changes c SET next_attempt_at = %(next_attempt_at)s, attempts = attempts + 1
FROM ad_fields f
WHERE f.id = c.field_id AND f.account_id = %(account_id)s AND c.dry_run AND c.finished_at IS NULL
    AND (c.next_attempt_at IS NULL OR c.next_attempt_at <= clock_ms());

-- finish_dry_run --
-- What a dry-run change would have written.
UPDATE ad_changes SET state = %(state)s, from_value = %(from_value)s, to_value = %(to_value)s,
    arithmetic = %(arithmetic)s, error = %(error)s, finished_at = clock_ms(), worker_id = %(worker_id)s
WHERE id = %(change_id)s AND finished_at IS NULL;

-- start_call --
-- C6d: the write of this decision is about to leave. One that was finished before and has to be carried out again (a
-- late write of ours, a way back that was refused) is another row, which goes on counting: what is finished stays.
WITH begun AS (
    UPDATE ad_changes SET state = 'calling', from_value = coalesce(from_value, %(from_value)s),
        to_value = %(to_value)s, arithmetic = %(arithmetic)s, attempts = attempts + 1,
        called_at = called_at || clock_ms(), worker_id = %(worker_id)s
    WHERE field_id = %(field_id)s AND generation = %(generation)s AND NOT dry_run AND finished_at IS NULL
    RETURNING id
)
INSERT INTO ad_changes (field_id, generation, rule_id, execution_id, expression, why, who, winner, state, from_value,
                        to_value, arithmetic, attempts, most_attempts, called_at, worker_id)
SELECT c.field_id, c.generation, c.rule_id, c.execution_id, c.expression, c.why, c.who, c.winner, 'calling',
       %(from_value)s, %(to_value)s, %(arithmetic)s, c.attempts + 1, c.most_attempts, ARRAY[clock_ms()], %(worker_id)s
FROM ad_changes c
WHERE c.field_id = %(field_id)s AND c.generation = %(generation)s AND NOT c.dry_run AND NOT EXISTS (SELECT FROM begun)
ORDER BY c.id DESC
LIMIT 1;

-- finish --
-- C6 and C8: what became of a decision; one that is finished already keeps its result. A wait costs no attempt. What was
-- called and changed nothing is no call that counts (`called_at`).
UPDATE ad_changes SET state = %(state)s, from_value = coalesce(from_value, %(from_value)s),
    to_value = coalesce(to_value, %(to_value)s), arithmetic = coalesce(arithmetic, %(arithmetic)s),
    request_id = coalesce(%(request_id)s, request_id), error = %(error)s,
    worker_id = %(worker_id)s, finished_at = CASE WHEN %(final)s THEN clock_ms() END,
    attempts = attempts - CASE WHEN %(state)s = 'planned' THEN 1 ELSE 0 END,
    called_at = CASE WHEN %(state)s IN ('planned', 'rejected') AND state = 'calling'
        THEN called_at[:cardinality(called_at) - 1] ELSE called_at END,
    most_attempts = coalesce(%(most_attempts)s, most_attempts)
WHERE field_id = %(field_id)s AND generation = %(generation)s AND NOT dry_run AND finished_at IS NULL
RETURNING id, execution_id;

-- wait --
-- C6: a write that is held back for now; says why.
UPDATE ad_changes SET error = %(reason)s
WHERE field_id = %(field_id)s AND generation = %(generation)s AND NOT dry_run AND finished_at IS NULL;

-- calls_since --
-- C6: the calls that have changed these fields since then, or may have; from which value to which.
SELECT c.field_id, c.generation, c.from_value, c.to_value, called.at
FROM unnest(%(field_ids)s::bigint[]) AS f (id)
CROSS JOIN LATERAL (
    SELECT * FROM ad_changes
    WHERE field_id = f.id AND NOT dry_run
    ORDER BY generation DESC
    LIMIT 200 -- more decisions than fit into the time that is asked for
) AS c
CROSS JOIN LATERAL unnest(c.called_at) AS called (at)
WHERE called.at > %(since)s;

-- attempts --
-- C6: the newest decision of each field that was sent and not answered: how often, and how often it may be at most.
SELECT c.field_id, c.attempts, c.most_attempts, c.error
FROM ad_fields f JOIN ad_changes c ON c.field_id = f.id AND c.generation = f.generation AND NOT c.dry_run
WHERE f.id = ANY(%(field_ids)s) AND c.state = 'unknown';

-- back_to_planned --
-- C7: the call was not made after all, and cost no attempt. Its field is locked, so the generation is the newest.
UPDATE ad_changes c
SET state = CASE WHEN c.generation < f.generation THEN 'superseded' ELSE 'planned' END, attempts = c.attempts - 1,
    called_at = c.called_at[:cardinality(c.called_at) - 1],
    finished_at = CASE WHEN c.generation < f.generation THEN clock_ms() END
FROM ad_fields f
WHERE f.id = c.field_id AND f.id = ANY(%(field_ids)s) AND c.state = 'calling' AND c.finished_at IS NULL;

-- awaited --
-- C8: the fields whose call, for this generation, has no result yet.
SELECT c.field_id
FROM unnest(%(field_ids)s::bigint[], %(generations)s::bigint[]) AS n (field_id, generation)
JOIN ad_changes c ON c.field_id = n.field_id AND c.generation = n.generation AND c.state = 'calling' AND NOT c.dry_run
    AND c.finished_at IS NULL;

-- abandon --
-- C3: calls of somebody gone have an unknown outcome and are looked at now. The fields are locked before their
-- generations are read: a decision that is being made at the same time has not seen what becomes of the call.
WITH behind AS (
    SELECT f.id, f.generation FROM ad_fields f
    WHERE f.account_id = %(account_id)s
        AND EXISTS (SELECT FROM ad_changes c WHERE c.field_id = f.id AND c.state = 'calling' AND c.finished_at IS NULL)
    ORDER BY f.id
    FOR NO KEY UPDATE
), gone AS (
    UPDATE ad_changes c
    SET state = CASE WHEN c.generation < behind.generation THEN 'superseded' ELSE 'unknown' END,
        finished_at = CASE WHEN c.generation < behind.generation THEN clock_ms() END
    FROM behind
    WHERE c.field_id = behind.id AND c.state = 'calling' AND c.finished_at IS NULL
    RETURNING c.field_id
)
UPDATE ad_fields f SET next_at = clock_ms() FROM gone WHERE f.id = gone.field_id;

-- asked_by --
-- The execution that asked for the newest decision of each field.
SELECT DISTINCT ON (field_id) field_id, execution_id FROM ad_changes
WHERE field_id = ANY(%(field_ids)s) AND NOT dry_run AND finished_at IS NULL
ORDER BY field_id, generation DESC;

-- count_calls --
-- Adds calls and actions to the metrics of the execution that asked for them.
UPDATE automation_executions
SET execution_metrics = execution_metrics || jsonb_build_object(
        %(calls_key)s::text, (execution_metrics ->> %(calls_key)s)::int + %(calls)s,
        'actionsExecuted', (execution_metrics ->> 'actionsExecuted')::int + %(actions)s),
    success = success AND NOT %(failed)s
WHERE id = %(execution_id)s;

-- count_hour --
-- Calls that were made just now, whoever asked for them.
INSERT INTO api_calls (service, account_id, hour, calls)
VALUES (%(service)s, %(account_id)s, date_trunc('hour', clock_ms(), 'UTC'), %(calls)s)
ON CONFLICT (service, account_id, hour) DO UPDATE SET calls = api_calls.calls + excluded.calls;

-- take_from_apart --
-- Calls by service that an execution counts now. In the order of the services, so that two who take wait for each other
-- and not in a circle.
INSERT INTO calls_apart (service, calls)
SELECT service, -calls FROM unnest(%(service)s::text[], %(calls)s::bigint[]) AS n (service, calls) ORDER BY service
ON CONFLICT (service, account_id, day) DO UPDATE SET calls = calls_apart.calls + excluded.calls;

-- count_apart --
-- Calls that no execution asked for.
INSERT INTO calls_apart (service, account_id, calls) VALUES (%(service)s, %(account_id)s, %(calls)s)
ON CONFLICT (service, account_id, day) DO UPDATE SET calls = calls_apart.calls + excluded.calls;

-- failing_rule --
-- Semantics 30: the rule whose expression this decision is, if so many of its changes failed for good in a row, the newest
-- ones, of those that were decided since it was paused the last time: others may fail in the call whose failure paused it.
-- What goes back is no rule's wish.
WITH decided AS (
    SELECT winner AS rule_id FROM ad_changes
    WHERE field_id = %(field_id)s AND generation = %(generation)s AND NOT dry_run
    ORDER BY id DESC LIMIT 1
)
SELECT decided.rule_id FROM decided
CROSS JOIN LATERAL (
    SELECT coalesce(max(n.created_at), '-infinity') AS at FROM notifications n
    WHERE n.kind = 'rule_paused' AND n.subject = decided.rule_id
) AS paused
CROSS JOIN LATERAL (
    SELECT count(*) AS made, bool_and(newest.state = 'rejected') AS all_failed
    FROM (
        SELECT c.state FROM ad_changes c
        WHERE c.winner = decided.rule_id AND NOT c.dry_run AND c.state IN ('confirmed', 'rejected')
            AND c.created_at > paused.at AND c.finished_at > paused.at -- the index knows this one
        ORDER BY c.finished_at DESC, c.id DESC
        LIMIT %(failures)s
    ) AS newest
) AS last
WHERE last.made = %(failures)s AND last.all_failed;

-- open_by_state --
-- How many changes are not finished, dry runs that are not worked out yet among them.
SELECT state, count(*) AS changes FROM ad_changes WHERE finished_at IS NULL GROUP BY state;
