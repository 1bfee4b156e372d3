-- server --
-- Which PostgreSQL it is.
SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number;

-- rules_enabled --
-- Whether there is anything to check.
SELECT EXISTS (SELECT FROM automation_rules WHERE enabled) AS any;
