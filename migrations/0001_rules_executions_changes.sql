-- The truth: rules and their schedule, readings, executions, and the changes of ad fields.
-- Times of the schedule are whole milliseconds, because they travel as such through Redis and are compared exactly.

CREATE FUNCTION from_ms(ms bigint) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN 'epoch'::timestamptz + ms * interval '1 millisecond';

CREATE FUNCTION clock_ms() RETURNS timestamptz
    LANGUAGE sql VOLATILE PARALLEL SAFE
    RETURN date_trunc('milliseconds', clock_timestamp());

-- One row: real and sandbox services are never mixed in one installation (semantics 27).
CREATE TABLE installation (
    only_row boolean PRIMARY KEY DEFAULT true CONSTRAINT installation_only_row CHECK (only_row),
    outside_world text NOT NULL CONSTRAINT installation_outside_world CHECK (outside_world IN ('sandbox', 'real')),
    mode text NOT NULL CONSTRAINT installation_mode CHECK (mode IN ('dry_run', 'live')),
    created_at timestamptz NOT NULL DEFAULT clock_ms()
);

CREATE TABLE users (
    id text PRIMARY KEY CONSTRAINT users_id_length CHECK (length(id) BETWEEN 1 AND 100),
    created_at timestamptz NOT NULL DEFAULT clock_ms()
);

CREATE TABLE ad_accounts (
    id text PRIMARY KEY CONSTRAINT ad_accounts_id_length CHECK (length(id) BETWEEN 1 AND 100),
    user_id text NOT NULL REFERENCES users,
    platform text NOT NULL,
    external_id text NOT NULL,
    currency text NOT NULL CONSTRAINT ad_accounts_currency CHECK (currency ~ '^[A-Z]{3}$'),
    mode text NOT NULL DEFAULT 'live' CONSTRAINT ad_accounts_mode CHECK (mode IN ('dry_run', 'live')),
    paused_reason text,
    lease_until timestamptz,
    fence bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_ms(),
    CONSTRAINT ad_accounts_once UNIQUE (platform, external_id)
);

CREATE TABLE places (
    id text PRIMARY KEY,
    latitude numeric(5, 2) NOT NULL CONSTRAINT places_latitude CHECK (latitude BETWEEN -90 AND 90),
    longitude numeric(5, 2) NOT NULL CONSTRAINT places_longitude CHECK (longitude BETWEEN -180 AND 180),
    name text,
    time_zone text,
    CONSTRAINT places_grid_point UNIQUE (latitude, longitude)
);

CREATE TABLE weather_readings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    place_id text NOT NULL REFERENCES places,
    provider text NOT NULL,
    observed_at timestamptz NOT NULL,
    fetched_at timestamptz NOT NULL,
    "values" jsonb NOT NULL,
    discarded jsonb
);
CREATE INDEX weather_readings_latest ON weather_readings (place_id, fetched_at DESC);

CREATE TABLE automation_rules (
    id text PRIMARY KEY CONSTRAINT automation_rules_id_length CHECK (length(id) BETWEEN 1 AND 100),
    user_id text NOT NULL REFERENCES users,
    name text NOT NULL,
    place_id text NOT NULL REFERENCES places,
    conditions jsonb NOT NULL,
    interval_ms bigint NOT NULL CONSTRAINT automation_rules_interval CHECK (interval_ms BETWEEN 100 AND 86400000),
    priority integer NOT NULL DEFAULT 0,
    mode text NOT NULL CONSTRAINT automation_rules_mode CHECK (mode IN ('dry_run', 'live')),
    enabled boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1,
    document jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_ms(),
    updated_at timestamptz NOT NULL DEFAULT clock_ms(),
    -- rule state, written by the evaluator only when it changed
    state text NOT NULL DEFAULT 'unjudged'
        CONSTRAINT automation_rules_state CHECK (state IN ('unjudged', 'active', 'inactive')),
    state_since timestamptz,
    unknown_since timestamptz,
    data_lost boolean NOT NULL DEFAULT false,
    -- protocol S: Redis rings the bell, these columns decide
    next_slot_at timestamptz NOT NULL,
    slot_not_before timestamptz,
    next_boundary_at timestamptz,
    run_requested_at timestamptz,
    next_check_at timestamptz GENERATED ALWAYS AS (
        CASE WHEN enabled THEN least(greatest(next_slot_at, slot_not_before), next_boundary_at, run_requested_at) END
    ) STORED,
    CONSTRAINT automation_rules_whole_ms CHECK (
        next_slot_at = date_trunc('milliseconds', next_slot_at)
        AND slot_not_before IS NOT DISTINCT FROM date_trunc('milliseconds', slot_not_before)
        AND next_boundary_at IS NOT DISTINCT FROM date_trunc('milliseconds', next_boundary_at)
        AND run_requested_at IS NOT DISTINCT FROM date_trunc('milliseconds', run_requested_at)
    )
) WITH (fillfactor = 50);
CREATE INDEX automation_rules_next_check_at ON automation_rules (next_check_at) WHERE next_check_at IS NOT NULL;

CREATE TABLE automation_executions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_id text NOT NULL,
    scheduled_for timestamptz NOT NULL,
    trigger text NOT NULL CONSTRAINT automation_executions_trigger CHECK (trigger IN ('slot', 'boundary', 'manual')),
    executed_at timestamptz NOT NULL,
    coalesced_from timestamptz,
    success boolean NOT NULL,
    conditions_met boolean,
    outcome text NOT NULL CONSTRAINT automation_executions_outcome
        CHECK (outcome IN ('met', 'not_met', 'unknown', 'no_data', 'missed', 'superseded', 'failed')),
    reason text NOT NULL,
    execution_metrics jsonb NOT NULL,
    explanation jsonb,
    worker_id text NOT NULL,
    error text,
    CONSTRAINT automation_executions_once UNIQUE (rule_id, scheduled_for, trigger),
    CONSTRAINT automation_executions_verdict CHECK ((outcome IN ('met', 'not_met')) = (conditions_met IS NOT NULL))
);

CREATE TABLE ad_fields (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id text NOT NULL REFERENCES ad_accounts,
    resource text NOT NULL,
    field text NOT NULL,
    state text NOT NULL DEFAULT 'free'
        CONSTRAINT ad_fields_state CHECK (state IN ('free', 'owned', 'settling', 'held', 'left')),
    baseline text,
    confirmed text,
    attempted text,
    attempted_at timestamptz,
    answered boolean NOT NULL DEFAULT true, -- the last attempt got an answer, yes or no
    suspect text, -- a value that is not ours, seen once
    seen_at timestamptz, -- when the suspect, or an unanswered attempt's value, was first seen
    winner jsonb,
    resting jsonb NOT NULL DEFAULT '"baseline"', -- what applies when there is no winner
    generation bigint NOT NULL DEFAULT 0,
    applied bigint NOT NULL DEFAULT 0,
    next_at timestamptz,
    held_reason text,
    failures integer NOT NULL DEFAULT 0, -- passing failures in a row
    CONSTRAINT ad_fields_once UNIQUE (account_id, resource, field),
    CONSTRAINT ad_fields_applied CHECK (applied <= generation),
    CONSTRAINT ad_fields_baseline CHECK (state = 'free' OR baseline IS NOT NULL)
);
CREATE INDEX ad_fields_due ON ad_fields (account_id, next_at) WHERE next_at IS NOT NULL;

-- Which field a rule sets while it is active. A row outlives its target as `retiring` until the field has settled.
CREATE TABLE rule_targets (
    rule_id text NOT NULL REFERENCES automation_rules ON DELETE RESTRICT,
    field_id bigint NOT NULL REFERENCES ad_fields,
    entity_level text NOT NULL,
    entity_id text NOT NULL,
    expression jsonb NOT NULL,
    otherwise jsonb NOT NULL,
    targeted boolean NOT NULL DEFAULT true,
    retiring boolean NOT NULL DEFAULT false,
    PRIMARY KEY (rule_id, field_id),
    CONSTRAINT rule_targets_purpose CHECK (targeted OR retiring)
);
CREATE INDEX rule_targets_field ON rule_targets (field_id);

CREATE TABLE ad_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    field_id bigint NOT NULL REFERENCES ad_fields,
    generation bigint NOT NULL,
    dry_run boolean NOT NULL DEFAULT false,
    rule_id text,
    execution_id bigint,
    expression jsonb, -- null: back to what applies at rest
    why text NOT NULL,
    state text NOT NULL CONSTRAINT ad_changes_state CHECK (state IN
        ('planned', 'calling', 'unknown', 'confirmed', 'unchanged', 'rejected', 'superseded', 'held', 'dry_run')),
    from_value text,
    to_value text,
    arithmetic text,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    request_id text,
    error text,
    worker_id text,
    created_at timestamptz NOT NULL DEFAULT clock_ms(),
    finished_at timestamptz
);
CREATE UNIQUE INDEX ad_changes_generation ON ad_changes (field_id, generation) WHERE NOT dry_run;
CREATE INDEX ad_changes_open ON ad_changes (field_id) WHERE finished_at IS NULL;

-- Calls that no execution asked for, so that executions + these = the calls really made.
CREATE TABLE calls_apart (
    service text NOT NULL,
    account_id text NOT NULL DEFAULT '',
    day date NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC')::date,
    calls bigint NOT NULL,
    PRIMARY KEY (service, account_id, day)
);

CREATE TABLE notifications (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    message text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_ms()
);

CREATE TABLE dead_letters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text NOT NULL,
    actor text NOT NULL,
    body text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_ms()
);
