-- newest --
-- Of each place: its newest reading, if it was fetched since the given age ago; else the one that was observed last; in both
-- cases none that was observed longer than `max_age` ago; whether its forecast is fresh; and the clock. What is fresh ends at another
-- age from place to place, up to a tenth later, so that places that were asked for together are not so for ever.
SELECT p.id AS place_id, p.latitude::float8 AS latitude, p.longitude::float8 AS longitude, p.name, p.time_zone, p.starved,
       r.id AS reading_id, last_good.id AS last_good_id,
       coalesce(f.fetched_at > t.clock - t.spread * %(forecast_refresh)s, false) AS has_forecast, t.clock
FROM places p
CROSS JOIN LATERAL (SELECT clock_ms() AS clock, 1 + (hashtext(p.id) & 255) / 2560.0::float8 AS spread OFFSET 0) t
LEFT JOIN LATERAL (
    SELECT id FROM weather_readings w
    WHERE w.place_id = p.id AND w.fetched_at > t.clock - t.spread * %(refresh)s AND w.observed_at > t.clock - %(max_age)s
    ORDER BY w.fetched_at DESC LIMIT 1
) r ON true
LEFT JOIN LATERAL (
    SELECT id FROM weather_readings w
    WHERE r.id IS NULL AND w.place_id = p.id AND w.fetched_at > t.clock - %(max_age)s AND w.observed_at > t.clock - %(max_age)s
    ORDER BY w.observed_at DESC LIMIT 1
) last_good ON true
LEFT JOIN weather_forecasts f ON f.place_id = p.id
WHERE p.id = ANY(%(place_ids)s);

-- add --
-- Stores readings; every one keeps its provider's observation time.
INSERT INTO weather_readings (
    place_id, provider, observed_at, fetched_at, discarded, temperature, feels_like, dew_point, humidity, pressure,
    wind_speed, wind_gust, wind_direction, clouds, visibility, uv_index, rain, snow, snowfall, precipitation,
    precipitation_probability, alert, is_day, condition)
SELECT * FROM unnest(
    %(place_id)s::text[], %(provider)s::text[], %(observed_at)s::timestamptz[], %(fetched_at)s::timestamptz[],
    %(discarded)s::jsonb[], %(temperature)s::real[], %(feels_like)s::real[], %(dew_point)s::real[], %(humidity)s::real[],
    %(pressure)s::real[], %(wind_speed)s::real[], %(wind_gust)s::real[], %(wind_direction)s::real[], %(clouds)s::real[],
    %(visibility)s::real[], %(uv_index)s::real[], %(rain)s::real[], %(snow)s::real[], %(snowfall)s::real[],
    %(precipitation)s::real[], %(precipitation_probability)s::real[], %(alert)s::boolean[], %(is_day)s::boolean[],
    %(condition)s::text[])
RETURNING id, place_id;

-- by_id --
-- The readings that checks are to be held against.
SELECT {columns} FROM weather_readings WHERE id = ANY(%(reading_ids)s);

-- hour_by_hour --
-- The past of places, each since its own time: of each hour of the clock the reading that was observed last in it.
SELECT n.place_id, w.*
FROM unnest(%(place_ids)s::text[], %(since)s::timestamptz[]) AS n (place_id, since)
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (date_trunc('hour', observed_at, 'UTC')) observed_at, {metrics}
    FROM weather_readings
    WHERE place_id = n.place_id AND fetched_at > n.since AND observed_at >= n.since
    ORDER BY date_trunc('hour', observed_at, 'UTC'), observed_at DESC, fetched_at DESC
) w;

-- observed_between --
-- What was observed of a place, in the order of time; of one observation that was fetched more than once, what was fetched last.
SELECT DISTINCT ON (observed_at) {columns}
FROM weather_readings
WHERE place_id = %(place_id)s AND fetched_at > %(since)s AND observed_at >= %(since)s AND observed_at < %(until)s
ORDER BY observed_at, fetched_at DESC;

-- put_forecasts --
-- The newest forecast of places, in the place of the one before; one that comes late replaces nothing newer.
INSERT INTO weather_forecasts AS f (place_id, provider, fetched_at, hours, days)
SELECT * FROM unnest(%(place_id)s::text[], %(provider)s::text[], %(fetched_at)s::timestamptz[], %(hours)s::jsonb[],
                     %(days)s::jsonb[])
ON CONFLICT (place_id) DO UPDATE
SET provider = excluded.provider, fetched_at = excluded.fetched_at, hours = excluded.hours, days = excluded.days
WHERE f.fetched_at < excluded.fetched_at;

-- forecasts --
-- The forecasts of places.
SELECT place_id, provider, fetched_at, hours::text AS hours, days::text AS days
FROM weather_forecasts WHERE place_id = ANY(%(place_ids)s);

-- time_zones --
-- The time zones of places, where they are known.
SELECT id, time_zone FROM places WHERE id = ANY(%(place_ids)s) AND time_zone IS NOT NULL;

-- expire --
-- Deletes some of the oldest readings, those that were fetched before then. They are numbered as they were fetched.
DELETE FROM weather_readings
WHERE id = ANY(ARRAY(SELECT id FROM weather_readings ORDER BY id LIMIT %(most)s)) AND fetched_at < %(before)s;
