-- ids_of_rules --
-- The fields of rules, without a lock.
SELECT DISTINCT field_id FROM rule_targets WHERE rule_id = ANY(%(rule_ids)s);

-- claims --
-- C2: what every rule concerned says of these fields, in the case that it is in, read after their locks. Strictest mode
-- applies (semantics 27).
SELECT t.field_id, t.rule_id, r.priority, r.state, r.data_lost,
       nullif(t.expressions -> (r.active_case - 1), 'null')::text AS expression,
       t.otherwise::text AS otherwise, t.retiring, t.targeted AND r.enabled AS wanted,
       t.targeted AND r.enabled AND r.mode = 'live' AND a.mode = 'live'
           AND (SELECT mode FROM installation) = 'live' AS live
FROM rule_targets t
JOIN automation_rules r ON r.id = t.rule_id
JOIN ad_fields f ON f.id = t.field_id
JOIN ad_accounts a ON a.id = f.account_id
WHERE t.field_id = ANY(%(field_ids)s);

-- live_claims --
-- C6: which of these fields a live rule still targets.
SELECT DISTINCT t.field_id
FROM rule_targets t
JOIN automation_rules r ON r.id = t.rule_id
JOIN ad_fields f ON f.id = t.field_id
JOIN ad_accounts a ON a.id = f.account_id
WHERE t.field_id = ANY(%(field_ids)s) AND t.targeted AND r.enabled AND r.mode = 'live' AND a.mode = 'live'
    AND (SELECT mode FROM installation) = 'live';

-- manual_changes --
-- C6: what the winning rule of each field says of changes by hand, where it says something.
SELECT f.id, r.document ->> 'on_manual_change' AS on_manual_change
FROM ad_fields f JOIN automation_rules r ON r.id = f.winner ->> 'rule'
WHERE f.id = ANY(%(field_ids)s) AND r.document ? 'on_manual_change';

-- of_rule --
-- The fields that a rule targets, with their states.
SELECT f.*, t.entity_level, t.entity_id, t.expressions::text AS expressions, t.otherwise::text AS otherwise
FROM rule_targets t JOIN ad_fields f ON f.id = t.field_id
WHERE t.rule_id = %(rule_id)s AND t.targeted
ORDER BY f.id;

-- known_targets --
-- Which field carries what a user named, as far as any rule has named it before. A rule that may change a shared
-- budget says nothing to one that may not.
SELECT DISTINCT f.account_id, t.entity_level, t.entity_id, f.field, f.resource
FROM rule_targets t JOIN ad_fields f ON f.id = t.field_id
WHERE t.targeted AND (f.account_id, t.entity_level, t.entity_id, f.field, t.expressions @> '[{"shared_budget": "allow"}]') IN (
    SELECT n.account_id, n.level, n.entity_id, n.field, said.so
    FROM unnest(%(account_id)s::text[], %(level)s::text[], %(entity_id)s::text[], %(field)s::text[],
                %(may_share)s::boolean[]) AS n (account_id, level, entity_id, field, may_share),
         (VALUES (false), (true)) AS said (so)
    WHERE n.may_share OR NOT said.so);

-- give_up --
-- Targets that live rules gave up where they have a last word.
UPDATE rule_targets t SET targeted = false, retiring = true
FROM unnest(%(rule_ids)s::text[], %(was_live)s::boolean[]) AS r (id, was_live), ad_fields f
WHERE t.rule_id = r.id AND f.id = t.field_id AND (t.retiring OR r.was_live AND f.state NOT IN ('free', 'left'))
    AND NOT EXISTS (
        SELECT FROM unnest(%(rule_id)s::text[], %(field_id)s::bigint[]) AS n (rule_id, field_id)
        WHERE n.rule_id = t.rule_id AND n.field_id = t.field_id);

-- drop --
-- Targets that rules gave up where they have none.
DELETE FROM rule_targets t
WHERE t.rule_id = ANY(%(rule_ids)s) AND NOT t.retiring
    AND NOT EXISTS (
        SELECT FROM unnest(%(rule_id)s::text[], %(field_id)s::bigint[]) AS n (rule_id, field_id)
        WHERE n.rule_id = t.rule_id AND n.field_id = t.field_id);

-- target --
-- The targets of rules as their file says; a live rule is not retiring from them.
INSERT INTO rule_targets AS t (rule_id, field_id, entity_level, entity_id, expressions, otherwise)
SELECT n.rule_id, n.field_id, n.entity_level, n.entity_id, n.expressions, n.otherwise
FROM unnest(%(rule_id)s::text[], %(field_id)s::bigint[], %(entity_level)s::text[], %(entity_id)s::text[],
            %(expressions)s::jsonb[], %(otherwise)s::jsonb[])
    AS n (rule_id, field_id, entity_level, entity_id, expressions, otherwise)
ON CONFLICT (rule_id, field_id) DO UPDATE
SET entity_level = excluded.entity_level, entity_id = excluded.entity_id, expressions = excluded.expressions,
    otherwise = excluded.otherwise, targeted = true;

-- retire --
-- C2: rules that cease to be live have one last word on fields that are neither free nor left; a live rule has none.
UPDATE rule_targets t SET retiring = NOT r.is_live
FROM unnest(%(rule_ids)s::text[], %(was_live)s::boolean[], %(is_live)s::boolean[]) AS r (id, was_live, is_live),
     ad_fields f
WHERE t.rule_id = r.id AND f.id = t.field_id AND t.targeted AND t.retiring = r.is_live
    AND (r.is_live OR r.was_live AND f.state NOT IN ('free', 'left'));

-- elsewhere --
-- Targets of entities whose field another resource carries by now.
SELECT t.rule_id, t.field_id, t.entity_level, t.entity_id, t.expressions::text AS expressions,
       t.otherwise::text AS otherwise, f.field, f.resource
FROM rule_targets t
JOIN ad_fields f ON f.id = t.field_id
JOIN unnest(%(level)s::text[], %(entity_id)s::text[], %(field)s::text[], %(resource)s::text[])
    AS n (level, entity_id, field, resource)
    ON (n.level, n.entity_id, n.field) = (t.entity_level, t.entity_id, f.field) AND n.resource <> f.resource
WHERE f.account_id = %(account_id)s AND t.targeted
ORDER BY t.rule_id, t.field_id;

-- stay_behind --
-- C2: live rules have one last word on the carriers of before, where these are neither free nor left.
UPDATE rule_targets t SET targeted = false, retiring = true
FROM unnest(%(rule_id)s::text[], %(field_id)s::bigint[]) AS n (rule_id, field_id), ad_fields f, automation_rules r,
     ad_accounts a
WHERE (t.rule_id, t.field_id) = (n.rule_id, n.field_id) AND f.id = t.field_id AND r.id = t.rule_id
    AND a.id = f.account_id
    AND (t.retiring OR r.enabled AND r.mode = 'live' AND a.mode = 'live' AND (SELECT mode FROM installation) = 'live'
        AND f.state NOT IN ('free', 'left'));

-- drop_behind --
-- And no word where they have none.
DELETE FROM rule_targets t USING unnest(%(rule_id)s::text[], %(field_id)s::bigint[]) AS n (rule_id, field_id)
WHERE (t.rule_id, t.field_id) = (n.rule_id, n.field_id) AND t.targeted;

-- follow --
-- The rules target the present carriers, as they did those of before, all of which they have left by now: one campaign
-- may get the budget that another one of the rule had. What is a rule's target and did not move stays so.
INSERT INTO rule_targets AS t (rule_id, field_id, entity_level, entity_id, expressions, otherwise)
SELECT DISTINCT ON (n.rule_id, n.present_id)
    n.rule_id, n.present_id, n.entity_level, n.entity_id, n.expressions, n.otherwise
FROM unnest(%(rule_id)s::text[], %(field_id)s::bigint[], %(present_id)s::bigint[], %(entity_level)s::text[],
            %(entity_id)s::text[], %(expressions)s::jsonb[], %(otherwise)s::jsonb[])
    AS n (rule_id, field_id, present_id, entity_level, entity_id, expressions, otherwise)
ORDER BY n.rule_id, n.present_id, n.field_id
ON CONFLICT (rule_id, field_id) DO UPDATE
SET entity_level = excluded.entity_level, entity_id = excluded.entity_id, expressions = excluded.expressions,
    otherwise = excluded.otherwise, targeted = true
WHERE NOT t.targeted
RETURNING t.rule_id, t.entity_level, t.entity_id;

-- mark_live --
-- C2: rules that begin to be live on fields have no last word there.
UPDATE rule_targets t SET retiring = false
FROM unnest(%(field_id)s::bigint[], %(rule_id)s::text[]) AS n (field_id, rule_id)
WHERE t.field_id = n.field_id AND t.rule_id = n.rule_id AND t.retiring;

-- mark_retiring --
-- C2: rules that cease to be live on fields have one last word on those that are neither free nor left.
UPDATE rule_targets t SET retiring = true
FROM unnest(%(field_id)s::bigint[], %(rule_id)s::text[]) AS n (field_id, rule_id), ad_fields f
WHERE t.field_id = n.field_id AND t.rule_id = n.rule_id AND f.id = t.field_id AND f.state NOT IN ('free', 'left');

-- end_retiring --
-- C2 and C11: a field that is free or left, or on which a live rule wins, ends the retiring marks on it.
DELETE FROM rule_targets t USING ad_fields f
WHERE f.id = t.field_id AND f.id = ANY(%(field_ids)s) AND t.retiring AND NOT t.targeted
    AND (f.state IN ('free', 'left') OR f.winner IS NOT NULL);

-- clear_retiring --
-- C2 and C11, for rules that still target the field (disabled, or in dry run).
UPDATE rule_targets t SET retiring = false FROM ad_fields f
WHERE f.id = t.field_id AND f.id = ANY(%(field_ids)s) AND (f.state IN ('free', 'left') OR f.winner IS NOT NULL)
    AND t.retiring AND t.targeted;

-- keep --
-- Whatever these fields are set to stays, where no rule has the say any more. While a live rule is left there, it counts
-- from the same baseline as before (semantics 17).
UPDATE ad_fields f
SET state = CASE WHEN f.id = ANY(%(live_ids)s) THEN 'left' ELSE 'free' END, applied = generation, next_at = NULL,
    held_reason = NULL, ordered = NULL
WHERE f.id = ANY(%(field_ids)s) AND f.winner IS NULL AND f.state <> 'free';

-- drop_changes --
-- And nothing is put back there.
UPDATE ad_changes c SET state = 'superseded', error = 'The value was left as it is.', finished_at = clock_ms()
FROM ad_fields f
WHERE f.id = c.field_id AND f.id = ANY(%(field_ids)s) AND f.winner IS NULL AND NOT c.dry_run AND c.finished_at IS NULL;
