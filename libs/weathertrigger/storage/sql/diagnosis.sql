-- server --
-- Which PostgreSQL it is.
SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number;

-- rules_enabled --
-- Whether there is anything to check.
SELECT EXISTS (SELECT FROM automation_rules WHERE enabled) AS any;

-- services_alive --
-- How many workers of each service have written within three of their heartbeats.
SELECT service, count(*) AS workers FROM worker_registry
WHERE status <> 'stopped' AND NOT lost
    AND last_heartbeat > clock_ms() - 3 * heartbeat_ms * interval '1 millisecond'
GROUP BY service ORDER BY service;
