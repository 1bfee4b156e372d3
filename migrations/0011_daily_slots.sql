-- Slots at a local time of every day (`at`) in the place of the grid: minutes after midnight, and the zone whose clocks say so.
ALTER TABLE automation_rules
    ADD COLUMN daily_at smallint CONSTRAINT automation_rules_daily_at CHECK (daily_at BETWEEN 0 AND 1439),
    ADD COLUMN daily_zone text,
    ADD CONSTRAINT automation_rules_daily CHECK (
        (daily_at IS NULL) = (daily_zone IS NULL) AND (daily_at IS NULL OR interval_ms = 86400000)
    );
