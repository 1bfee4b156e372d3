-- The workers and how they live, messages that nobody can work on, how far back a check is caught up on, API calls by hour.

CREATE TABLE worker_registry (
    worker_id text PRIMARY KEY CONSTRAINT worker_registry_id_length CHECK (length(worker_id) BETWEEN 1 AND 300),
    service text NOT NULL,
    host text NOT NULL,
    process_id integer NOT NULL,
    broker_id text, -- under which Dramatiq keeps what this process has fetched; null: it fetches nothing
    status text NOT NULL
        CONSTRAINT worker_registry_status CHECK (status IN ('starting', 'running', 'stopping', 'stopped')),
    requested_status text CONSTRAINT worker_registry_requested_status CHECK (requested_status = 'stopped'),
    heartbeat_ms integer NOT NULL, -- how often it promises to write
    jobs_processed bigint NOT NULL DEFAULT 0,
    jobs_succeeded bigint NOT NULL DEFAULT 0,
    jobs_failed bigint NOT NULL DEFAULT 0,
    jobs_expired bigint NOT NULL DEFAULT 0, -- of the succeeded: doorbells that came too late to be of use
    current_jobs integer NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL DEFAULT clock_ms(),
    last_heartbeat timestamptz NOT NULL DEFAULT clock_ms(),
    stopped_at timestamptz,
    lost boolean NOT NULL DEFAULT false, -- it ended without a word
    CONSTRAINT worker_registry_jobs CHECK (jobs_processed = jobs_succeeded + jobs_failed)
);

-- A worker holds this advisory lock for as long as it lives (semantics 14).
CREATE FUNCTION worker_lock(worker_id text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN hashtextextended(worker_id, 7203114583);

ALTER TABLE dead_letters ADD COLUMN redis_id text; -- of a message that came by way of Redis, so that it is kept once
ALTER TABLE dead_letters ADD CONSTRAINT dead_letters_once UNIQUE (queue, redis_id);

-- How old a slot may be when it is checked after an outage; null: one interval.
ALTER TABLE automation_rules ADD COLUMN catch_up_ms bigint
    CONSTRAINT automation_rules_catch_up CHECK (catch_up_ms BETWEEN 1000 AND 86400000);

-- Every call that was made to an outside service, by the hour (UTC) in which it was made.
CREATE TABLE api_calls (
    service text NOT NULL,
    account_id text NOT NULL DEFAULT '',
    hour timestamptz NOT NULL,
    calls bigint NOT NULL,
    PRIMARY KEY (service, account_id, hour)
);
