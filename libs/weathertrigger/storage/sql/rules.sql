-- wait_for_turn --
-- One edit at a time, until the end of the transaction; checks are not held up. Any number that nothing else locks.
SELECT pg_advisory_xact_lock(7203114582);

-- lock --
-- S8: locks the rules that an edit may touch, in the order of their ids.
SELECT id, user_id, document, version, enabled, mode, next_slot_at, interval_ms, run_requested_at, state,
       active_case, deleted_at
FROM automation_rules WHERE id = ANY(%(rule_ids)s) ORDER BY id FOR NO KEY UPDATE;

-- ensure_users --
-- Owners that are named for the first time.
INSERT INTO users (id) SELECT * FROM unnest(%(user_ids)s::text[]) ON CONFLICT DO NOTHING;

-- ensure_places --
-- Grid points that are named for the first time. A name stays.
INSERT INTO places AS p (id, latitude, longitude, name)
SELECT * FROM unnest(%(id)s::text[], %(latitude)s::numeric[], %(longitude)s::numeric[], %(name)s::text[])
ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE p.name IS NULL AND excluded.name IS NOT NULL;

-- without_time_zone --
-- Those of the places whose time zone nobody has looked up.
SELECT id, latitude::float8 AS latitude, longitude::float8 AS longitude FROM places
WHERE id = ANY(%(place_ids)s) AND time_zone IS NULL ORDER BY id;

-- set_time_zones --
-- The time zones of coordinates, where there is none yet.
UPDATE places p SET time_zone = n.time_zone
FROM unnest(%(id)s::text[], %(time_zone)s::text[]) AS n (id, time_zone)
WHERE p.id = n.id AND p.time_zone IS NULL;

-- unjudge --
-- Active rules whose case an edit took away: what they were active for is not asked any more.
UPDATE automation_rules SET state = 'unjudged', state_since = NULL, data_lost = false, active_case = 1
WHERE id = ANY(%(rule_ids)s);

-- put --
-- Rules as a file says them; one that was deleted is back. A new version of an old rule keeps its state; its schedule
-- follows the edit (S8). One that goes on after a pause begins unjudged: nothing is done on a verdict of then. A boundary
-- that is due survives. Where the old verdict does not answer the rule as it is now, a check is asked for at once.
INSERT INTO automation_rules AS r (id, user_id, name, place_id, other_place_ids, conditions, active_case, looks_ahead,
                                   interval_ms, catch_up_ms, priority, mode, enabled, document, next_slot_at,
                                   next_boundary_at, daily_at, daily_zone)
SELECT n.id, n.user_id, n.name, n.place_id,
       (SELECT array_agg(id ORDER BY nr) FROM jsonb_array_elements_text(n.other_places) WITH ORDINALITY AS o (id, nr)),
       n.conditions, n.active_case, n.looks_ahead, n.interval_ms, n.catch_up_ms, n.priority, n.mode, n.enabled, n.document,
       from_ms(n.next_slot_at), from_ms(n.next_boundary_at), n.daily_at, n.daily_zone
FROM unnest(%(id)s::text[], %(user_id)s::text[], %(name)s::text[], %(place_id)s::text[], %(other_places)s::jsonb[],
            %(conditions)s::jsonb[], %(active_case)s::int[], %(looks_ahead)s::boolean[], %(interval_ms)s::bigint[],
            %(catch_up_ms)s::bigint[], %(priority)s::int[], %(mode)s::text[], %(enabled)s::boolean[],
            %(document)s::jsonb[], %(next_slot_at)s::bigint[], %(next_boundary_at)s::bigint[],
            %(daily_at)s::smallint[], %(daily_zone)s::text[])
    AS n (id, user_id, name, place_id, other_places, conditions, active_case, looks_ahead, interval_ms, catch_up_ms,
          priority, mode, enabled, document, next_slot_at, next_boundary_at, daily_at, daily_zone)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, place_id = excluded.place_id, other_place_ids = excluded.other_place_ids,
    conditions = excluded.conditions, active_case = excluded.active_case, looks_ahead = excluded.looks_ahead, interval_ms = excluded.interval_ms, catch_up_ms = excluded.catch_up_ms,
    priority = excluded.priority, mode = excluded.mode,
    enabled = excluded.enabled, deleted_at = NULL, document = excluded.document, version = r.version + 1,
    updated_at = clock_ms(),
    daily_at = excluded.daily_at, daily_zone = excluded.daily_zone, next_slot_at = excluded.next_slot_at,
    slot_not_before = CASE WHEN excluded.next_slot_at = r.next_slot_at THEN r.slot_not_before END,
    run_requested_at = CASE
        WHEN NOT excluded.enabled THEN NULL
        WHEN r.enabled AND judged_by(r.document) = judged_by(excluded.document) THEN r.run_requested_at
        ELSE coalesce(r.run_requested_at, clock_ms())
    END,
    state = CASE WHEN r.enabled THEN r.state ELSE 'unjudged' END,
    state_since = CASE WHEN r.enabled THEN r.state_since END,
    unknown_since = CASE WHEN r.enabled THEN r.unknown_since END,
    data_lost = r.enabled AND r.data_lost,
    memory = CASE
        WHEN NOT r.enabled OR (r.conditions, r.place_id) <> (excluded.conditions, excluded.place_id)
            OR (r.other_place_ids, r.document -> 'quorum')
                IS DISTINCT FROM (excluded.other_place_ids, excluded.document -> 'quorum')
            THEN NULL
        WHEN judged_by(r.document) = judged_by(excluded.document) THEN r.memory
        ELSE nullif(r.memory - ARRAY['outside', 'hours_until'], '{}')
    END,
    next_boundary_at = CASE
        WHEN r.next_boundary_at <= clock_ms() THEN r.next_boundary_at
        WHEN r.enabled AND excluded.enabled AND judged_by(r.document) = judged_by(excluded.document)
            THEN r.next_boundary_at
        WHEN excluded.enabled THEN excluded.next_boundary_at
    END
RETURNING r.id, r.next_check_at;

-- supersede --
-- S8: a slot that was due, and a check that was asked for, when an edit or a pause came first.
INSERT INTO automation_executions (rule_id, scheduled_for, trigger, coalesced_from, executed_at, success, outcome,
    reason, execution_metrics, worker_id)
SELECT n.rule_id, from_ms(n.scheduled_for), n.trigger, from_ms(n.coalesced_from), %(executed_at)s, false, 'superseded',
       %(reason)s, %(execution_metrics)s, %(worker_id)s
FROM unnest(%(rule_id)s::text[], %(scheduled_for)s::bigint[], %(trigger)s::text[], %(coalesced_from)s::bigint[])
    AS n (rule_id, scheduled_for, trigger, coalesced_from)
ON CONFLICT ON CONSTRAINT automation_executions_once DO NOTHING;

-- mark_deleted --
-- S8: rules that are deleted; `put` has disabled them before.
UPDATE automation_rules SET deleted_at = clock_ms() WHERE id = ANY(%(rule_ids)s);

-- forget --
-- C11: a deleted rule goes with its last mark. One that somebody edits now is left to whoever comes next.
DELETE FROM automation_rules WHERE id IN (
    SELECT r.id FROM automation_rules r
    WHERE r.deleted_at IS NOT NULL AND NOT EXISTS (SELECT FROM rule_targets t WHERE t.rule_id = r.id)
    ORDER BY r.id
    FOR UPDATE SKIP LOCKED);

-- still_there --
-- Those of the rules that have a row.
SELECT id FROM automation_rules WHERE id = ANY(%(rule_ids)s) ORDER BY id;

-- of_owner --
-- The rules of one owner, whole.
SELECT id, document, version FROM automation_rules WHERE user_id = %(user_id)s AND deleted_at IS NULL ORDER BY id;

-- whole --
-- Every rule, whole.
SELECT document, version FROM automation_rules WHERE deleted_at IS NULL ORDER BY id;

-- listed --
-- Every rule, as `automation-cli rules` shows it.
SELECT r.id, r.user_id, r.name, r.place_id, r.other_place_ids, r.interval_ms, r.daily_at, r.priority, r.mode, r.enabled,
       r.state, r.state_since, r.active_case, r.next_check_at, r.version,
       (SELECT p.reason FROM pauses p
        WHERE p.scope = 'all' OR p.scope = 'user' AND p.subject = r.user_id OR p.scope = 'rule' AND p.subject = r.id
        ORDER BY p.reverts, p.since LIMIT 1) AS paused
FROM automation_rules r WHERE r.deleted_at IS NULL ORDER BY r.id;

-- get --
-- One rule, whole.
SELECT r.id, r.user_id, r.document, r.version, r.state, r.state_since, r.unknown_since, r.data_lost, r.active_case,
       r.memory::text AS memory, r.next_slot_at, r.next_boundary_at, r.next_check_at, r.mode, r.enabled
FROM automation_rules r WHERE r.id = %(rule_id)s AND r.deleted_at IS NULL;

-- next_checks_of_all --
-- The bells of every rule, for an empty Redis.
SELECT id, next_check_at FROM automation_rules WHERE next_check_at IS NOT NULL;

-- beginning_with --
-- The ids of rules that begin so, for the shell of whoever is typing one.
SELECT id FROM automation_rules WHERE starts_with(id, %(beginning)s) AND deleted_at IS NULL ORDER BY id LIMIT %(limit)s;
