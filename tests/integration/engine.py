"""The steps of the pipeline as objects, on a database, a Redis and a sandbox of the test's own.

Time passes by moving the times in the database, never by waiting.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from itertools import count
from typing import Any

from redis import Redis

from services.ad_action.apply_changes import ApplyChangesStep
from services.ad_action.restraint import Pace
from services.rule_evaluator.evaluate_rules import EvaluateRulesStep
from services.scheduler.dispatch_due_checks import DispatchDueChecks
from services.scheduler.end_poison import EndPoison
from services.weather_fetcher.fetch_weather import FetchWeatherStep
from tests.contract.sandbox_server import META as META_ACCOUNT
from tests.contract.sandbox_server import SandboxClient
from tests.integration.rule_documents import GOOGLE, META, NEWARK, OWNER, Document
from weathertrigger.broker import make_broker
from weathertrigger.call_limits import CallLimit
from weathertrigger.deliveries.queue_broker import QueueBroker
from weathertrigger.domain.schedule import latest_slot
from weathertrigger.domain.series import FORECAST_MAX_AGE
from weathertrigger.domain.weather import Metric, Reading, Value
from weathertrigger.instants import to_ms
from weathertrigger.limits.gate import Gate
from weathertrigger.messages import ApplyChanges, EvaluateRules, FetchWeather, ReadingChecks
from weathertrigger.operations.apply_rules import Applied, apply_rules
from weathertrigger.outside.ad_gates import AdGates
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.providers.port import WeatherProvider
from weathertrigger.rule_files.load import RuleFile, load_rules
from weathertrigger.rules.evaluation import MAX_AGE
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import accounts, checks, pauses, readings, rules
from weathertrigger.storage.database import Database, Row
from weathertrigger.storage.pauses import Covered, Scope
from weathertrigger.storage.readings import Ages
from weathertrigger.weather.chain import WeatherChain
from weathertrigger.weather.source import Source

NAMESPACE = "wt-test"
WORKER = "tester"
EVERYTHING = Covered(Scope.ALL)
AGES = Ages(refresh=timedelta(minutes=10), forecast_refresh=timedelta(hours=1), max_age=MAX_AGE)
_REPORTED_BY = ("openweather", "open_meteo", "meta_ads", "google_ads")
_KEYS = {"openweather": "weatherApiCalls", "meta_ads": "metaApiCalls", "google_ads": "googleApiCalls"}

_numbers = count(1)


@dataclass
class Engine:
    """Everything that a test of the pipeline holds in its hands. `rung` and `published` are what the steps sent."""

    database: Database
    redis: Redis
    sandbox: SandboxClient
    platforms: Mapping[str, AdPlatform]
    providers: Sequence[WeatherProvider]
    limits: Mapping[str, Sequence[CallLimit]] = field(default_factory=dict)
    pace: Pace = Pace(cool_down=timedelta())
    rung: list[Mapping[str, str]] = field(default_factory=list)
    published: list[EvaluateRules] = field(default_factory=list)

    # --- rules and their schedule

    @cached_property
    def bells(self) -> Bells:
        return Bells(self.redis, NAMESPACE)

    @cached_property
    def broker(self) -> QueueBroker:
        return make_broker(self.redis, NAMESPACE)

    def apply(self, *documents: Document, owner: str = OWNER) -> Applied:
        """Takes these rules in, as a file would say them, and sets their bells."""
        applied = apply_rules(self.database, rule_file(*documents, owner=owner), self.by_account, worker_id=WORKER)
        self.bells.set(applied.next_checks)
        return applied

    def make_due(self, *rule_ids: str, slots_ago: int = 0) -> dict[str, int]:
        """Puts the next slot of each rule back to its latest one, or so many before it; gives the dues."""
        with self.database.transaction() as tx:
            at = checks.clock(tx)
            rows = tx.rows("SELECT id, interval_ms FROM automation_rules WHERE id = ANY(%(ids)s)", {"ids": [*rule_ids]})
            for row in rows:
                interval = timedelta(milliseconds=row.interval_ms)
                slot = latest_slot(row.id, interval, at) - slots_ago * interval
                tx.execute(
                    "UPDATE automation_rules SET next_slot_at = %(slot)s, slot_not_before = NULL WHERE id = %(id)s",
                    {"slot": slot, "id": row.id},
                )
        return self.dues(*rule_ids)

    def dues(self, *rule_ids: str) -> dict[str, int]:
        """When each rule is due, in ms; a rule that is not enabled is left out."""
        with self.database.transaction() as tx:
            return {one: to_ms(at) for one, at in checks.next_checks(tx, rule_ids).items() if at}

    def dispatcher(
        self,
        *,
        database: Database | None = None,
        broker: QueueBroker | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = lambda: 0.5,
    ) -> DispatchDueChecks:
        return DispatchDueChecks(
            database or self.database,
            self.bells,
            broker or self.broker,
            NAMESPACE,
            end_poison=EndPoison(self.database, self.bells, self.rung.append, WORKER),
            monotonic=monotonic,
            chance=chance,
        )

    # --- weather

    def reading(self, values: Mapping[Metric, Value], *, age: timedelta = timedelta(minutes=5)) -> int:
        """Stores a reading of Newark, observed `age` ago; gives its id."""
        with self.database.transaction() as tx:
            rules.ensure_places(tx, [NEWARK])
            at = checks.clock(tx)
            return readings.add(tx, [Reading(NEWARK.id, "openweather", at - age, at, values)])[NEWARK.id]

    def gate(self, service: str) -> Gate:
        """Before one weather provider, with limits that are in nobody's way and a circuit that opens for a second."""
        return Gate(
            redis=self.redis,
            namespace=NAMESPACE,
            database=self.database,
            service=service,
            limits=self.limits.get(service, (CallLimit(100_000, timedelta(hours=24)),)),
            reset=timedelta(seconds=1),
        )

    @property
    def ad_gates(self) -> AdGates:
        """Before the ad platforms, with limits that are in nobody's way unless a test sets some."""
        wide = {
            "meta_ads": (CallLimit(100_000, timedelta(hours=1), per_account=True),),
            "google_ads": (CallLimit(100_000, timedelta(hours=24)),),
        }
        limits = {platform: tuple(self.limits.get(platform, each)) for platform, each in wide.items()}
        return AdGates(redis=self.redis, namespace=NAMESPACE, database=self.database, limits=limits)

    @property
    def chain(self) -> WeatherChain:
        """The providers, each behind its gate."""
        sources = [Source(provider, self.gate(provider.name)) for provider in self.providers]
        return WeatherChain(sources, AGES.max_age)

    def fetcher(
        self, *, refresh: timedelta = AGES.refresh, monotonic: Callable[[], float] = time.monotonic
    ) -> FetchWeatherStep:
        return FetchWeatherStep(
            database=self.database,
            bells=self.bells,
            redis=self.redis,
            namespace=NAMESPACE,
            chain=self.chain,
            publish=self.published.append,
            ages=replace(AGES, refresh=refresh),
            monotonic=monotonic,
        )

    def leased(self, places: Mapping[str, Mapping[str, int]], *ahead: str) -> FetchWeather:
        """The message that the scheduler would send for these dues by place, its lease standing in the bells; of the
        places `ahead` the forecast is wanted too."""
        with self.database.transaction() as tx:
            token = to_ms(checks.clock(tx)) + 15_000 + next(_numbers)
        for dues in places.values():
            self.redis.zadd(self.bells.key, dict.fromkeys(dues, token))
        return FetchWeather(token, {place_id: dict(dues) for place_id, dues in places.items()}, ahead)

    # --- verdicts

    def evaluator(self) -> EvaluateRulesStep:
        return EvaluateRulesStep(
            database=self.database,
            bells=self.bells,
            ring=self.rung.append,
            worker_id=WORKER,
            max_age=AGES.max_age,
            forecast_max_age=FORECAST_MAX_AGE,
        )

    def judge(self, values: Mapping[Metric, Value] | None, *rule_ids: str) -> dict[str, Row]:
        """Asks for a check of the rules now and makes it, with this weather (None: there is none); gives the rows."""
        in_order = "SELECT id FROM automation_rules WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE"
        self.execute(
            f"UPDATE automation_rules SET run_requested_at = clock_ms() WHERE id IN ({in_order})", ids=rule_ids
        )
        reading_id = None if values is None else self.reading(values)
        newest = self.value("SELECT coalesce(max(id), 0) FROM automation_executions")
        self.evaluator()(EvaluateRules(0, [ReadingChecks(NEWARK.id, reading_id, {}, self.dues(*rule_ids))]))
        rows = self.rows("SELECT * FROM automation_executions WHERE id > %(newest)s ORDER BY id", newest=newest)
        return {row.rule_id: row for row in rows}

    def executions(self, *rule_ids: str) -> list[Row]:
        """Every row of these rules (none named: of all), oldest first."""
        where = "WHERE rule_id = ANY(%(ids)s)" if rule_ids else ""
        return self.rows(f"SELECT * FROM automation_executions {where} ORDER BY id", ids=rule_ids)

    # --- changes

    @property
    def by_account(self) -> ByAccount[AdPlatform]:
        """The clients of the settings, for every account."""
        return ByAccount(self.platforms)

    def action(self, platforms: Mapping[str, AdPlatform] | None = None) -> ApplyChangesStep:
        """The step with these clients in the place of those of the settings; no account has credentials of its own."""
        by_account = ByAccount(platforms) if platforms else self.by_account
        return ApplyChangesStep(
            database=self.database, platforms=by_account, gates=self.ad_gates, pace=self.pace, worker_id=WORKER
        )

    def act(self, *account_ids: str) -> None:
        """Rings ad-action for these accounts (none named: for both)."""
        for account_id in account_ids or (META, GOOGLE):
            self.action()(ApplyChanges(account_id))

    def turn(self, values: Mapping[Metric, Value], *rule_ids: str) -> None:
        """The weather turns: the rules are checked, and both accounts are brought to what follows."""
        self.judge(values, *rule_ids)
        self.act()

    def pause(self, covered: Covered = EVERYTHING, *, reverts: bool = False) -> None:
        """Somebody throws the kill switch."""
        with self.database.transaction() as tx:
            assert pauses.pause(tx, covered, reason="stop", who="tester", reverts=reverts)

    def resume(self, covered: Covered = EVERYTHING) -> None:
        """Somebody ends that pause."""
        with self.database.transaction() as tx:
            assert pauses.end(tx, covered)

    def paused_reason(self, account_id: str) -> str | None:
        """Why nothing of the account is written."""
        with self.database.transaction() as tx:
            account = accounts.get(tx, account_id)
        return account.paused_reason if account else None

    def later(self, passed: timedelta) -> None:
        """As if so much time had passed for the fields and for the leases of the accounts."""
        self.execute(
            "UPDATE ad_fields SET next_at = next_at - %(passed)s, seen_at = seen_at - %(passed)s,"
            " attempted_at = attempted_at - %(passed)s, unanswered = ("
            "  SELECT coalesce(jsonb_object_agg(key, value::bigint - %(passed_ms)s), '{}')"
            "  FROM jsonb_each(unanswered))",
            passed=passed,
            passed_ms=passed // timedelta(milliseconds=1),
        )
        self.execute("UPDATE ad_accounts SET lease_until = lease_until - %(passed)s", passed=passed)
        with self.database.transaction() as tx:
            tx.execute("SET LOCAL session_replication_role = replica")  # history too, which nobody else may edit
            tx.execute(
                "UPDATE ad_changes SET next_attempt_at = next_attempt_at - %(passed)s,"
                " called_at = ARRAY(SELECT at - %(passed)s FROM unnest(called_at) AS at)",
                {"passed": passed},
            )
        for key in self.redis.keys(f"{NAMESPACE}:gate:*:cool_down"):
            self.redis.hincrby(key, "until", -(passed // timedelta(milliseconds=1)))

    def field(self, resource: str, name: str) -> Row:
        return self.row("SELECT * FROM ad_fields WHERE (resource, field) = (%(r)s, %(f)s)", r=resource, f=name)

    def changes(self, resource: str, name: str) -> list[Row]:
        """Every change of the field, oldest first."""
        return self.rows(
            "SELECT c.* FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id"
            " WHERE (f.resource, f.field) = (%(r)s, %(f)s) ORDER BY c.id",
            r=resource,
            f=name,
        )

    # --- the witness

    def by_hand(self, resource: str, **values: str) -> None:
        """A person edits an entity of the Meta account in the platform's own pages."""
        answer = self.sandbox.json(f"/_sandbox/entities/{META_ACCOUNT}/{resource}", values)
        assert answer.status_code == 200, answer.text

    def writes(self) -> list[tuple[str, str, str]]:
        """Every value that the engine has written at the platforms: resource, field, value; equal ones too."""
        return [
            (change["resource"], change["field"], change["to"])
            for entry in self.sandbox.journal()
            if entry["service"] != "person"
            for change in entry["changes"]
        ]

    def calls_made(self) -> dict[str, int]:
        """Calls by service, as the services themselves count them."""
        made: Counter[str] = Counter()
        for entry in self.sandbox.journal():
            if entry["service"] in _REPORTED_BY:
                made[entry["service"]] += entry["calls"]
        return dict(+made)

    def calls_counted(self) -> dict[str, int]:
        """Calls by service, as the metrics of the executions and the calls apart say together."""
        counted = Counter(self.calls_of_executions())
        for row in self.rows("SELECT service, sum(calls)::int AS calls FROM calls_apart GROUP BY service"):
            counted[row.service] += row.calls
        return dict(+counted)

    def calls_of_executions(self) -> dict[str, int]:
        """Calls by service, as the metrics of the executions say; those of any weather provider as OpenWeather's."""
        sums = ", ".join(
            f"coalesce(sum((execution_metrics->>'{key}')::int), 0)::int AS {name}" for name, key in _KEYS.items()
        )
        made: dict[str, int] = self.row(f"SELECT {sums} FROM automation_executions")._asdict()
        return {service: calls for service, calls in made.items() if calls}

    # --- the database

    def rows(self, statement: str, **parameters: object) -> list[Row]:
        with self.database.transaction() as tx:
            return tx.rows(statement, _listed(parameters))

    def row(self, statement: str, **parameters: object) -> Row:
        (row,) = self.rows(statement, **parameters)
        return row

    def value(self, statement: str, **parameters: object) -> Any:  # Any: one column of any type
        return self.row(statement, **parameters)[0]

    def execute(self, statement: str, **parameters: object) -> None:
        with self.database.transaction() as tx:
            tx.execute(statement, _listed(parameters))


def asking(
    dues: dict[str, int], reading_id: int | None, *, calls: int = 0, lease: int = 0, place_id: str = NEWARK.id
) -> EvaluateRules:
    """The message that the fetcher would send for these checks."""
    return EvaluateRules(lease, [ReadingChecks(place_id, reading_id, {"openweather": calls} if calls else {}, dues)])


def rule_file(*documents: Document, owner: str = OWNER) -> RuleFile:
    """These rules as a file would say them."""
    text = json.dumps({"owner": owner, "rules": list(documents)})
    return load_rules(text, name="rules.json", minimum_interval=timedelta(seconds=1))


def _listed(parameters: Mapping[str, object]) -> dict[str, object]:
    """psycopg2 writes a list as an array, but a tuple as a row."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in parameters.items()}
