-- listed --
-- Every place with its rules and its newest reading.
SELECT p.id, p.name, p.latitude::float8 AS latitude, p.longitude::float8 AS longitude, p.time_zone, p.starved,
       coalesce(r.rules, 0) AS rules, coalesce(r.enabled, 0) AS enabled, w.provider, w.observed_at, w.fetched_at,
       clock_ms() AS clock
FROM places p
LEFT JOIN (
    SELECT each.place_id, count(*) AS rules, count(*) FILTER (WHERE enabled) AS enabled
    FROM automation_rules CROSS JOIN LATERAL unnest(place_id || other_place_ids) AS each (place_id)
    WHERE deleted_at IS NULL GROUP BY each.place_id
) AS r ON r.place_id = p.id
LEFT JOIN LATERAL (
    SELECT provider, observed_at, fetched_at FROM weather_readings
    WHERE place_id = p.id ORDER BY fetched_at DESC LIMIT 1
) AS w ON true
ORDER BY p.latitude DESC, p.longitude;
