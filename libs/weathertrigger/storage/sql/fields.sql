-- lock_of_rules --
-- C2: locks every field that these rules target, are retiring from or gave up, in the order of their ids.
SELECT f.* FROM ad_fields f
WHERE f.id IN (
    SELECT t.field_id FROM rule_targets t WHERE t.rule_id = ANY(%(rule_ids)s) UNION SELECT unnest(%(given_up)s::bigint[]))
ORDER BY f.id
FOR NO KEY UPDATE;

-- lock_for_edit --
-- S8: locks the fields that an edit gives up or takes, before any target is touched; the order prevents deadlocks.
SELECT f.id FROM ad_fields f
WHERE f.id IN (
    SELECT t.field_id FROM rule_targets t WHERE t.rule_id = ANY(%(rule_ids)s) UNION SELECT unnest(%(field_ids)s::bigint[]))
ORDER BY f.id
FOR NO KEY UPDATE;

-- lock_fields --
-- C6: locks the fields of one account that are about to be decided.
SELECT f.* FROM ad_fields f WHERE f.id = ANY(%(field_ids)s) ORDER BY f.id FOR NO KEY UPDATE;

-- of_ids --
-- Fields by their ids, for a look.
SELECT f.* FROM ad_fields f WHERE f.id = ANY(%(field_ids)s) ORDER BY f.id;

-- store --
-- Writes fields back as a step left them.
UPDATE ad_fields AS f
SET state = n.state, baseline = n.baseline, confirmed = n.confirmed, attempted = n.attempted,
    attempted_at = n.attempted_at, unanswered = n.unanswered, suspect = n.suspect, seen_at = n.seen_at, winner = n.winner,
    resting = n.resting, generation = n.generation, applied = n.applied, next_at = n.next_at,
    held_reason = n.held_reason, failures = n.failures, ordered = n.ordered
FROM unnest(%(id)s::bigint[], %(state)s::text[], %(baseline)s::text[], %(confirmed)s::text[], %(attempted)s::text[],
            %(attempted_at)s::timestamptz[], %(unanswered)s::jsonb[], %(suspect)s::text[], %(seen_at)s::timestamptz[],
            %(winner)s::jsonb[], %(resting)s::jsonb[], %(generation)s::bigint[], %(applied)s::bigint[],
            %(next_at)s::timestamptz[], %(held_reason)s::text[], %(failures)s::integer[],
            %(ordered)s::text[])
    AS n (id, state, baseline, confirmed, attempted, attempted_at, unanswered, suspect, seen_at, winner, resting,
          generation, applied, next_at, held_reason, failures, ordered)
WHERE f.id = n.id;

-- postpone_stopped --
-- C4: what is due on an account and may not be written is looked at later, without a call. A pause's end makes it due.
WITH stopped AS (
    SELECT f.id FROM ad_fields f
    WHERE f.account_id = %(account_id)s AND f.next_at <= clock_ms()
        AND EXISTS (SELECT FROM field_pauses p WHERE p.field_id = f.id)
    ORDER BY f.id
    FOR NO KEY UPDATE
)
UPDATE ad_fields f SET next_at = clock_ms() + %(wait)s FROM stopped WHERE f.id = stopped.id;

-- limit --
-- C5, C8: a platform has asked for a wait until then.
UPDATE ad_fields SET limited_until = %(until)s WHERE id = %(field_id)s;

-- due --
-- C4: the fields of an account that have something to do now: before looks that find out whether all is as it should be those
-- where something is to be changed, and of these pauses and reverts first.
SELECT f.*, ARRAY(
    SELECT DISTINCT t.entity_level || '/' || t.entity_id FROM rule_targets t WHERE t.field_id = f.id
) AS named
FROM ad_fields f
WHERE f.account_id = %(account_id)s AND f.next_at <= (SELECT clock_ms())
ORDER BY f.applied = f.generation AND f.suspect IS NULL,
    f.winner IS NOT NULL AND f.winner -> 'expression' <> '{"status": "paused"}',
    f.next_at, f.field, f.id -- one field of many entities at once: those of one entity do not travel together at Meta
LIMIT %(limit)s;

-- ensure --
-- Makes the rows of fields that are named for the first time.
INSERT INTO ad_fields (account_id, resource, field)
SELECT * FROM unnest(%(account_id)s::text[], %(resource)s::text[], %(field)s::text[])
ON CONFLICT ON CONSTRAINT ad_fields_once DO NOTHING;

-- identify --
-- The ids of fields by account, resource and name.
SELECT id, account_id, resource, field FROM ad_fields
WHERE (account_id, resource, field) IN (
    SELECT * FROM unnest(%(account_id)s::text[], %(resource)s::text[], %(field)s::text[]));
