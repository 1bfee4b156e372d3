-- What a rule remembers between checks, and what of it is judged.

-- Beyond the state: {"on": [leaf], "met_since": ms, "ended_at": ms}, each only if there is something; null for most rules.
ALTER TABLE automation_rules ADD COLUMN memory jsonb;

-- What of a rule's document its verdicts follow from: all but names, slots, targets and how they are set.
CREATE FUNCTION judged_by(document jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN document - ARRAY['owner', 'name', 'every', 'at', 'catch_up', 'targets', 'priority', 'mode', 'enabled',
                            'notify', 'caps'];
