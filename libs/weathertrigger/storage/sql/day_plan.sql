-- needs --
-- What the enabled rules, but for some, ask for, place by place: checks a day, and those of them that look ahead.
SELECT p.place_id,
       sum(86400000.0 / interval_ms)::float8 AS checks,
       coalesce(sum(86400000.0 / interval_ms) FILTER (WHERE looks_ahead), 0)::float8 AS forecast_checks,
       bool_or(mode = 'live') AS is_live,
       coalesce(max(priority) FILTER (WHERE mode = 'live'), max(priority)) AS priority
FROM automation_rules r CROSS JOIN LATERAL unnest(r.place_id || r.other_place_ids) AS p (place_id)
WHERE enabled AND id <> ALL(%(besides)s::text[]) GROUP BY p.place_id;

-- mark --
-- Which places go without, as the plan says; gives those that did not so far.
WITH starving AS (
    UPDATE places SET starved = NOT starved
    WHERE starved <> (id = ANY(%(starved)s::text[]))
    RETURNING id, starved
)
SELECT id FROM starving WHERE starved ORDER BY id;
