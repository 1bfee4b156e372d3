-- take_name --
-- Semantics 14: the name of a worker is its own for as long as its session lasts; false when a live twin has it.
SELECT pg_try_advisory_lock(worker_lock(%(worker_id)s)) AS taken;

-- end_session --
-- Ends a session that holds the worker's name and that nobody is at any more: the worker's own of before.
SELECT pg_terminate_backend(l.pid) FROM pg_locks l
WHERE l.pid = %(backend)s AND l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (l.classid::bigint << 32 | l.objid::bigint) = worker_lock(%(worker_id)s);

-- listen --
-- From now on this session is told of requests to stop.
LISTEN weathertrigger_workers;

-- enter --
-- A worker begins: what stood under its name is over. Gives whether it had ended without a word.
WITH before AS (SELECT status FROM worker_registry WHERE worker_id = %(worker_id)s)
INSERT INTO worker_registry AS w (worker_id, service, host, process_id, broker_id, status, heartbeat_ms)
VALUES (%(worker_id)s, %(service)s, %(host)s, %(process_id)s, %(broker_id)s, 'starting', %(heartbeat_ms)s)
ON CONFLICT (worker_id) DO UPDATE
SET service = excluded.service, host = excluded.host, process_id = excluded.process_id, broker_id = excluded.broker_id,
    status = excluded.status, heartbeat_ms = excluded.heartbeat_ms, requested_status = NULL, jobs_processed = 0,
    jobs_succeeded = 0, jobs_failed = 0, jobs_expired = 0, current_jobs = 0, started_at = clock_ms(),
    last_heartbeat = clock_ms(), stopped_at = NULL, lost = false
RETURNING EXISTS (SELECT FROM before WHERE status <> 'stopped') AS follows_a_death;

-- beat --
-- A sign of life with everything that is counted; gives what somebody asked of the worker. No row: it was forgotten, or
-- another process came and went under its name.
UPDATE worker_registry
SET status = %(status)s, jobs_processed = %(succeeded)s + %(failed)s, jobs_succeeded = %(succeeded)s,
    jobs_failed = %(failed)s, jobs_expired = %(expired)s, current_jobs = %(current)s, last_heartbeat = clock_ms(),
    stopped_at = CASE WHEN %(status)s = 'stopped' THEN clock_ms() END, lost = false
WHERE worker_id = %(worker_id)s AND (host, process_id) = (%(host)s, %(process_id)s)
RETURNING requested_status;

-- ask_to_stop --
-- Asks every worker of this name, or under this name, to stop, and rings for them.
WITH asked AS (
    UPDATE worker_registry SET requested_status = 'stopped'
    WHERE (worker_id = %(name)s OR starts_with(worker_id, %(name)s || '/')) AND (status <> 'stopped' OR lost)
    RETURNING worker_id
)
SELECT worker_id, pg_notify('weathertrigger_workers', worker_id) FROM asked ORDER BY worker_id;

-- listed --
-- Every worker, or those of this name or under it. Alive is who holds the lock on its name; in the first seconds of
-- PostgreSQL also who has not stopped, for it may be about to come back.
SELECT w.worker_id, w.service, w.host, w.process_id, w.broker_id, w.status, w.requested_status, w.jobs_processed,
       w.jobs_succeeded, w.jobs_failed, w.jobs_expired, w.current_jobs, w.started_at, w.last_heartbeat, w.stopped_at,
       w.lost, w.heartbeat_ms, clock_ms() AS clock,
       l.objid IS NOT NULL
           OR (w.status <> 'stopped' AND pg_postmaster_start_time() > clock_ms() - interval '8 s') AS alive
FROM worker_registry w
LEFT JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (l.classid::bigint << 32 | l.objid::bigint) = worker_lock(w.worker_id)
WHERE %(name)s::text IS NULL OR w.worker_id = %(name)s OR starts_with(w.worker_id, %(name)s || '/')
ORDER BY w.worker_id;

-- retire --
-- Workers that ended without a word: nobody holds their name, their heartbeats have stopped, and PostgreSQL has been
-- there for long enough to hear them.
UPDATE worker_registry w SET status = 'stopped', stopped_at = clock_ms(), current_jobs = 0, lost = true
WHERE w.status <> 'stopped' AND w.last_heartbeat < clock_ms() - 3 * w.heartbeat_ms * interval '1 millisecond'
    AND pg_postmaster_start_time() < clock_ms() - interval '8 s'
    AND NOT EXISTS (
        SELECT FROM pg_locks l
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND (l.classid::bigint << 32 | l.objid::bigint) = worker_lock(w.worker_id))
RETURNING w.worker_id;

-- forget --
-- Workers that stopped long ago.
DELETE FROM worker_registry WHERE status = 'stopped' AND stopped_at < clock_ms() - %(kept)s;
