"""The ground of the runs about weather: the services as processes, and a sandbox that tells them the weather.

Time passes by moving times in PostgreSQL and Redis, never by waiting, except where a test says so.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import cast

from redis import Redis

from services.scheduler.sweep_schedule import SweepSchedule
from tests.acceptance.fault_fleet import Fleet
from tests.acceptance.fault_rules import OWNER, interval_ms
from tests.acceptance.recorded_slots import settled
from tests.acceptance.slot_checker import Account, Span
from tests.acceptance.weather_rules import outcome_of
from tests.contract.sandbox_server import META, TIMEOUT, SandboxClient, sandbox_process
from tests.processes import wait_until
from weathertrigger.call_limits import weather_limits
from weathertrigger.domain.rule import Mode, Rule
from weathertrigger.environment import read_settings
from weathertrigger.instants import to_ms
from weathertrigger.limits.keys import GateKeys
from weathertrigger.limits.state import GateState, read_state
from weathertrigger.operations.apply_rules import apply_rules
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.outside.settings import AdSettings, WeatherSettings
from weathertrigger.outside.weather import preferred_provider
from weathertrigger.redis_clock import redis_clock_ms
from weathertrigger.rule_files.load import RuleFile
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import accounts, checks, installation, rules
from weathertrigger.storage.accounts import Account as AdAccount
from weathertrigger.storage.database import Database, Row, Transaction
from weathertrigger.storage.installation import Installation, OutsideWorld
from weathertrigger.weather.replan_day import replan_day

NAMESPACE = "weather"
AD_ACCOUNT = "meta-acme"
PATIENCE_S = 90.0
_REFRESH, _FORECAST_REFRESH = timedelta(hours=1), timedelta(hours=2)
_SETTINGS = {
    "REDIS_NAMESPACE": NAMESPACE,
    "LOG_FORMAT": "json",
    "WEATHER_REFRESH": f"{_REFRESH.total_seconds():.0f}",
    "FORECAST_REFRESH": f"{_FORECAST_REFRESH.total_seconds():.0f}",
    "OPENWEATHER_CALLS_PER_MINUTE": "1000000",
    "OPENWEATHER_CALLS_PER_DAY": "100000000",
    "OPEN_METEO_CALLS_PER_DAY": "100000000",
    "META_ACCESS_TOKEN": "stand-in",
    "WORKER_MAX_CONCURRENT_JOBS": "2",
    "WORKER_GRACEFUL_SHUTDOWN_TIMEOUT": "1000",
}
_OFF = dict.fromkeys(("OPENWEATHER_API_KEY", "OPENWEATHER_API", "OPEN_METEO_URL", "OPEN_METEO_API_KEY"), "")
_TABLES = {"now": "weather_readings", "ahead": "weather_forecasts"}
_MARK = f"{NAMESPACE}:fetching:"
_LONG_ENOUGH = 1.1
"""What is fresh ends up to a tenth later from place to place."""

_RUNNING = "SELECT worker_id FROM worker_registry WHERE status = 'running'"
_GROW_OLD = "UPDATE {table} SET fetched_at = fetched_at - %(passed)s WHERE fetched_at > clock_ms() - %(passed)s"
_FRESH = "SELECT DISTINCT place_id FROM {table} WHERE fetched_at > clock_ms() - %(refresh)s"
_CHECKED = (
    "SELECT rule_id FROM automation_executions WHERE executed_at > %(since)s GROUP BY 1 HAVING count(*) >= %(times)s"
)


@dataclass(frozen=True, slots=True)
class WeatherGround:
    """What a test may do with the running services, and ask about them."""

    sandbox: SandboxClient
    fleet: Fleet
    database: Database
    client: Redis
    environment: Mapping[str, str]
    spans: list[Span] = field(default_factory=list)

    @property
    def bells(self) -> Bells:
        """The schedule's side of Redis."""
        return Bells(self.client, NAMESPACE)

    @property
    def settings(self) -> WeatherSettings:
        """As the services read them."""
        return read_settings(WeatherSettings, self.environment)

    def apply(self, made: Sequence[Rule], *more_outcomes: str) -> None:
        """Takes these rules in as `automation-cli apply` does, and notes what they promise."""
        platforms = ad_platforms(read_settings(AdSettings, self.environment))
        begun = self.now_ms()
        applied = apply_rules(self.database, RuleFile(OWNER, tuple(made)), platforms, worker_id="tester")
        known = self.now_ms()
        self.bells.set(applied.next_checks)
        if preferred := preferred_provider(self.settings):
            replan_day(self.database, preferred[0], self.settings.ages, preferred[1])
        for rule in made:
            outcomes = frozenset({outcome_of(rule), *more_outcomes})
            self.spans.append(Span(rule.id, interval_ms(rule), (begun, known), outcomes=outcomes))

    # --- time

    def now_ms(self) -> int:
        """PostgreSQL's time."""
        return to_ms(self.database.run(checks.clock))

    def wait(self, seconds: float) -> None:
        """Lets so much time pass."""
        until = self.now_ms() + seconds * 1000
        patiently(lambda: self.now_ms() >= until)

    def grow_old(self, *kinds: str) -> None:
        """What is known is as old now as if a refresh had passed; of the present (`now`), of forecasts (`ahead`)."""

        def age(tx: Transaction) -> None:  # both at once: a call may bring both
            for kind in kinds or ("now",):
                passed = self._refresh(kind) * _LONG_ENOUGH + timedelta(minutes=1)
                tx.execute(_GROW_OLD.format(table=_TABLES[kind]), {"passed": passed})

        self.database.run(age)

    def pass_pauses(self, service: str) -> None:
        """The cool-down of this service is over, the time for which its breaker stays open, and that for which nobody
        asks again for what was asked for in vain."""
        keys = GateKeys(NAMESPACE, service)
        self.client.hset(keys.cool_down, "until", 0)
        if self.gate(service).breaker == "open":
            self.client.hset(keys.breaker, "opened_at", 1)
        if in_vain := self.client.keys(f"{NAMESPACE}:fetching.failed:*"):
            self.client.delete(*in_vain)

    def let_troubles_end(self) -> None:
        """Breakers that are closed have been so for long enough; the scheduler sees it in a round."""
        for service in ("openweather", "open_meteo"):
            if self.gate(service).breaker == "closed" and self.gate(service).breaker_since:
                self.client.hset(GateKeys(NAMESPACE, service).breaker, "since", 1)
        patiently(lambda: not self.rows("SELECT FROM incidents WHERE kind = 'breaker_open' AND closed_at IS NULL"))

    def prolong_pauses(self, service: str) -> None:
        """If the breaker of this service is open, it is so from now on: a slow machine changes nothing."""
        if self.gate(service).breaker == "open":
            self.client.hset(GateKeys(NAMESPACE, service).breaker, "opened_at", redis_clock_ms(self.client))

    def gate(self, service: str) -> GateState:
        """How the gate before this service stands."""
        return read_state(self.client, GateKeys(NAMESPACE, service), weather_limits(self.settings)[service])

    def marked(self) -> set[str]:
        """The places that somebody is asking for."""
        marks = cast("list[bytes]", self.client.keys(f"{_MARK}*"))
        return {mark.decode().removeprefix(_MARK) for mark in marks}

    def end_marks(self, places: Collection[str]) -> None:
        """The time is over for which these places are marked."""
        self.client.delete(*(_MARK + place for place in places))

    # --- waiting for what is to happen

    def fresh(self, kind: str = "now") -> set[str]:
        """The places whose present weather or forecast need not be asked for."""
        return {row.place_id for row in self.rows(_FRESH.format(table=_TABLES[kind]), refresh=self._refresh(kind))}

    def wait_for_weather(self, now: int, ahead: int = 0) -> None:
        """Until the weather of so many places is fresh, and the forecasts of so many."""
        patiently(lambda: (len(self.fresh()), len(self.fresh("ahead"))) >= (now, ahead))

    def wait_for_checks(self, times: int = 1) -> None:
        """Until every rule has been checked so many times more."""
        since = self.database.run(checks.clock)
        patiently(lambda: len(self.rows(_CHECKED, since=since, times=times)) == len(self.spans))

    def wait_for_pause(self, service: str) -> None:
        """Until all leave the service alone."""

        def is_left_alone() -> bool:
            state = self.gate(service)
            return state.breaker == "open" or state.cool_down_until is not None

        patiently(is_left_alone)

    def settled(self, what: str) -> Account:
        """Waits until everything that is due by now has been recorded, and counts."""
        return settled(self.database, self.spans, what, PATIENCE_S)

    # --- what is outside

    def forget(self) -> None:
        """Redis forgets everything; then what every replica of the scheduler does every ten seconds."""
        self.client.flushall()
        SweepSchedule(self.database, self.bells)()

    def end_faults(self) -> None:
        """The outside world is well again."""
        assert self.sandbox.session.delete(f"{self.sandbox.url}/_sandbox/faults", timeout=TIMEOUT).status_code == 200

    def rows(self, statement: str, **parameters: object) -> list[Row]:
        """What PostgreSQL says."""
        return self.database.run(lambda tx: tx.rows(statement, parameters))

    def execute(self, statement: str, **parameters: object) -> None:
        """Does something to PostgreSQL."""
        self.database.run(lambda tx: tx.execute(statement, parameters))

    def _refresh(self, kind: str) -> timedelta:
        return self.settings.weather_refresh if kind == "now" else self.settings.forecast_refresh


@contextmanager
def weather_ground(
    directory: Path, urls: Mapping[str, str], *, fetchers: int, **environment: str
) -> Iterator[WeatherGround]:
    """Everything runs and waits for rules: so many fetchers, a scheduler, an evaluator, the sandbox; one ad account.

    `urls` are those of PostgreSQL (migrated) and Redis. In the environment `{sandbox}` stands for the sandbox's
    address; a weather provider that is not named there is off.
    """
    with (
        sandbox_process(directory / "sandbox", "--speed", "0") as (sandbox, _),
        closing(Database(urls["DATABASE_URL"], application_name="weather run")) as database,
        closing(Redis.from_url(urls["REDIS_URL"])) as client,
    ):
        _found(database)
        given = {name: value.format(sandbox=sandbox.url) for name, value in environment.items()}
        outside = {"OPENWEATHER_URL": sandbox.url, "META_URL": sandbox.url}
        everything = {**_OFF, **_SETTINGS, **outside, **urls, **given}
        replicas = {"scheduler": 1, "weather-fetcher": fetchers, "rule-evaluator": 1}
        fleet = Fleet(everything, directory / "logs", {}, {}, replicas)
        ground = WeatherGround(sandbox, fleet, database, client, everything)
        try:
            fleet.start()
            patiently(lambda: len(ground.rows(_RUNNING)) == fleet.size)
            yield ground
        finally:
            fleet.stop(0)


def patiently(condition: Callable[[], object]) -> None:
    """Waits as long as a busy machine may need, and looks seldom enough not to be what keeps it busy."""
    wait_until(condition, patience_s=PATIENCE_S, every_s=0.05)


def _found(database: Database) -> None:
    with database.transaction() as tx:
        installation.found(tx, Installation(OutsideWorld.SANDBOX, Mode.LIVE))
        rules.ensure_owners(tx, [OWNER])
        accounts.add(tx, AdAccount(AD_ACCOUNT, OWNER, "meta_ads", META, "USD", Mode.LIVE))
