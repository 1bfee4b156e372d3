-- Rules with several cases, and rules that look at several places.

ALTER TABLE automation_rules
    -- Which case the last verdict chose, counted from 1. A rule with one condition has one case.
    ADD COLUMN active_case smallint NOT NULL DEFAULT 1 CONSTRAINT automation_rules_active_case CHECK (active_case >= 1),
    -- All places but the first, which is `place_id`; null where there is one.
    ADD COLUMN other_place_ids text[] CONSTRAINT automation_rules_other_places CHECK (cardinality(other_place_ids) > 0);

-- What a rule sets a field to in each of its cases; null in a case that does not set the field.
ALTER TABLE rule_targets ADD COLUMN expressions jsonb;
UPDATE rule_targets SET expressions = jsonb_build_array(expression);
ALTER TABLE rule_targets
    ALTER COLUMN expressions SET NOT NULL,
    ADD CONSTRAINT rule_targets_expressions CHECK (jsonb_typeof(expressions) = 'array'),
    DROP COLUMN expression;
