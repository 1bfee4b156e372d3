"""The clock of the model and its history, both in PostgreSQL, where nothing can be hidden from them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.integration.engine import NAMESPACE, Engine
from weathertrigger.instants import from_ms, to_ms
from weathertrigger.storage.database import Row

_START = 1_900_000_000_123
_TABLES = (
    "automation_executions, automation_rules, rule_targets, ad_changes, ad_fields, weather_readings, calls_apart,"
    " api_calls, notifications, incidents, weather_forecasts, model_history"
)
_SET_UP = f"""
CREATE TABLE model_clock AS SELECT {_START}::bigint AS ms;

-- Time stands still but for what the model does: then a history can be told again.
CREATE OR REPLACE FUNCTION clock_ms() RETURNS timestamptz
    LANGUAGE sql VOLATILE PARALLEL SAFE
    RETURN from_ms((SELECT ms FROM model_clock));

CREATE TABLE model_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_ms(),
    rule_id text NOT NULL,
    enabled boolean NOT NULL,
    interval_ms bigint NOT NULL,
    conditions jsonb NOT NULL,
    catch_up_ms bigint,
    slot_not_before timestamptz,
    next_boundary_at timestamptz,
    run_requested_at timestamptz
);

CREATE FUNCTION model_remember() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO model_history
        (rule_id, enabled, interval_ms, conditions, catch_up_ms, slot_not_before, next_boundary_at, run_requested_at)
    VALUES (NEW.id, NEW.enabled, NEW.interval_ms, NEW.conditions, NEW.catch_up_ms, NEW.slot_not_before,
            NEW.next_boundary_at, NEW.run_requested_at);
    RETURN NULL;
END $$;
CREATE TRIGGER model_remember AFTER INSERT OR UPDATE ON automation_rules
    FOR EACH ROW EXECUTE FUNCTION model_remember();
"""


@dataclass
class Ground:
    """An engine whose time passes only by `advance`, and which remembers every state that a rule was in."""

    engine: Engine
    now_ms: int = _START
    began: float = 0.0

    def set_up(self) -> None:
        """Once per database: the clock and the history."""
        self.engine.execute(_SET_UP)
        self.engine.execute("ALTER TABLE ad_changes DISABLE TRIGGER ad_changes_stay")  # histories begin anew

    def reset(self) -> None:
        """Everything as at first, without a new database."""
        self.engine.execute(f"TRUNCATE {_TABLES}")
        self.engine.redis.flushdb()
        self.put_clock(_START)
        self.began = time.monotonic()

    def passed_really(self) -> timedelta:
        """How long this history has taken: Redis's clock goes on meanwhile, and is compared only now and then."""
        return timedelta(seconds=time.monotonic() - self.began)

    def now(self) -> datetime:
        return from_ms(self.now_ms)

    def put_clock(self, ms: int) -> None:
        self.now_ms = ms
        self.engine.execute("UPDATE model_clock SET ms = %(ms)s", ms=ms)

    def tick(self) -> None:
        """One step is later than another one."""
        self.put_clock(self.now_ms + 1)

    def advance(self, by: timedelta) -> None:
        """Time passes, in Redis for the marks of who is asking for weather."""
        passed = by // timedelta(milliseconds=1)
        self.put_clock(self.now_ms + passed)
        for key in self.engine.redis.keys(f"{NAMESPACE}:fetching*"):
            self.engine.redis.pexpire(key, max(self.engine.redis.pttl(key) - passed, -1))

    def history(self) -> list[Row]:
        return self.engine.rows("SELECT * FROM model_history ORDER BY id")

    def next_checks(self) -> Mapping[str, int]:
        """When each rule that is enabled is due, in ms."""
        rows = self.engine.rows("SELECT id, next_check_at FROM automation_rules WHERE enabled ORDER BY id")
        return {row.id: to_ms(row.next_check_at) for row in rows}

    def early_records(self) -> int:
        """Executions that were recorded ahead of their time."""
        return int(
            self.engine.value(
                "SELECT count(*) FROM automation_executions"
                " WHERE scheduled_for > executed_at OR executed_at > clock_ms()"
            )
        )
