-- newest --
-- The newest reading of each place, if it was fetched since the given age ago; and the clock.
SELECT p.id AS place_id, p.latitude::float8 AS latitude, p.longitude::float8 AS longitude, p.name, p.time_zone,
       r.id AS reading_id, clock_ms() AS clock
FROM places p
LEFT JOIN LATERAL (
    SELECT id FROM weather_readings w
    WHERE w.place_id = p.id AND w.fetched_at > (SELECT clock_ms() - %(refresh)s)
    ORDER BY w.fetched_at DESC LIMIT 1
) r ON true
WHERE p.id = ANY(%(place_ids)s);

-- add --
-- Stores readings; every one keeps its provider's observation time.
INSERT INTO weather_readings (place_id, provider, observed_at, fetched_at, "values", discarded)
SELECT n.* FROM unnest(%(place_id)s::text[], %(provider)s::text[], %(observed_at)s::timestamptz[],
                       %(fetched_at)s::timestamptz[], %(reading_values)s::jsonb[], %(discarded)s::jsonb[]) AS n
RETURNING id, place_id;

-- by_id --
-- The readings that checks are to be held against.
SELECT id, place_id, provider, observed_at, fetched_at, "values"::text AS reading_values, discarded::text AS discarded
FROM weather_readings WHERE id = ANY(%(reading_ids)s);
