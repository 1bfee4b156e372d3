-- Readings in columns of their own, forecasts, what is wrong outside, which rules look at forecasts.

-- A reading in columns takes half the room that it took as JSON. 4-byte numbers hold more digits than any sensor.
ALTER TABLE weather_readings
    ADD COLUMN temperature real, ADD COLUMN feels_like real, ADD COLUMN dew_point real, ADD COLUMN humidity real,
    ADD COLUMN pressure real, ADD COLUMN wind_speed real, ADD COLUMN wind_gust real, ADD COLUMN wind_direction real,
    ADD COLUMN clouds real, ADD COLUMN visibility real, ADD COLUMN uv_index real, ADD COLUMN rain real,
    ADD COLUMN snow real, ADD COLUMN snowfall real, ADD COLUMN precipitation real,
    ADD COLUMN precipitation_probability real, ADD COLUMN alert boolean, ADD COLUMN is_day boolean,
    ADD COLUMN condition text; -- kinds of weather that hold at once, separated by commas
UPDATE weather_readings r
SET (temperature, feels_like, dew_point, humidity, pressure, wind_speed, wind_gust, wind_direction, clouds, visibility,
     uv_index, rain, snow, snowfall, precipitation, precipitation_probability, alert, is_day) = (
        SELECT v.temperature, v.feels_like, v.dew_point, v.humidity, v.pressure, v.wind_speed, v.wind_gust,
               v.wind_direction, v.clouds, v.visibility, v.uv_index, v.rain, v.snow, v.snowfall, v.precipitation,
               v.precipitation_probability, v.alert, v.is_day
        FROM jsonb_populate_record(r, r."values") AS v),
    condition = (SELECT string_agg(kind, ',' ORDER BY place)
                 FROM jsonb_array_elements_text(r."values" -> 'condition') WITH ORDINALITY AS kinds (kind, place)),
    discarded = nullif(discarded, '{}');
ALTER TABLE weather_readings DROP COLUMN "values";

-- The newest forecast of each place; older ones are of no use to a verdict.
CREATE TABLE weather_forecasts (
    place_id text PRIMARY KEY REFERENCES places,
    provider text NOT NULL,
    fetched_at timestamptz NOT NULL,
    hours jsonb NOT NULL, -- {"first": hour since the epoch, metric: [value of each hour or null]}
    days jsonb NOT NULL -- {date: {"min" | "max" | "sum": {metric: value}}}
);

-- A trouble outside that an operator is told once, when it begins, and once more when it ends.
CREATE TABLE incidents (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    message text NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT clock_ms(),
    last_seen_at timestamptz NOT NULL DEFAULT clock_ms(),
    closed_at timestamptz
);
CREATE UNIQUE INDEX incidents_open ON incidents (kind, subject) WHERE closed_at IS NULL;

-- Whether a rule's condition looks at the forecast.
ALTER TABLE automation_rules ADD COLUMN looks_ahead boolean NOT NULL DEFAULT false;

-- The first provider's daily limit does not reach for this place (the rules of others go before).
ALTER TABLE places ADD COLUMN starved boolean NOT NULL DEFAULT false;
