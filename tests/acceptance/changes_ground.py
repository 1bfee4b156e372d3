"""The ground of a fault run of changes: accounts at both platforms, rules that overlap, workers that are killed.

The verdicts come from a rule-evaluator of its own process, the bells from a scheduler, and the writes from ad-action's
workers, all of whom die at once, again and again. A minute passes for the fields and leases whenever nobody is left.
"""

import os
import random
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, cast

from redis import Redis

from services.automation_cli.worker_commands import PACE, ROOT, module, worker_argv
from services.scheduler.ring_due_changes import RingDueChanges
from tests.acceptance.message_doubler import MessageDoubler
from tests.contract.sandbox_server import SandboxClient, sandbox_thread
from tests.integration.engine import Engine
from tests.integration.rule_documents import NEWARK, OWNER, Document, rule
from tests.processes import wait_until
from weathertrigger.broker import enqueue_all, letter
from weathertrigger.domain.rule import Mode
from weathertrigger.domain.weather import Metric
from weathertrigger.embedded import EmbeddedPostgreSQL, EmbeddedRedis
from weathertrigger.errors import SerialisationFailure
from weathertrigger.messages import EvaluateRules, ReadingChecks
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.platforms.registry import CREDENTIALS, PLATFORMS
from weathertrigger.queues import EVALUATION, ActorName
from weathertrigger.storage import accounts, installation, rules
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database
from weathertrigger.storage.installation import Installation, OutsideWorld
from weathertrigger.storage.migrate import migrate

NAMESPACE = "wt-test"
WORKERS = 3
_PASSED = timedelta(seconds=65)  # a lease, and the time until an unanswered call is looked at
_TAKES = {"META_CALLS_PER_HOUR": "10000000", "GOOGLE_ADS_CALLS_PER_DAY": "10000000", "RAISE_COOL_DOWN": "0"}
_CLOSE_WAIT = "08"


@dataclass(frozen=True)
class Shape:
    """How much there is: accounts of each platform, campaigns of each, each with a status and a budget; rules."""

    accounts: int
    campaigns: int
    rules: int

    @property
    def fields(self) -> int:
        return 2 * self.accounts * self.campaigns * 2


@dataclass
class ChangesGround:
    """Everything that a run needs in its hands."""

    engine: Engine
    workers: "Workers"
    sandbox: SandboxClient
    shape: Shape
    documents: dict[str, Document] = field(default_factory=dict)
    kills: int = 0

    def turn(self, rain: Mapping[str, bool]) -> None:
        """The weather turns for these rules: their checks are asked for, and a message with the weather of each goes
        out."""
        for wet in (True, False):
            ids = [rule_id for rule_id, is_wet in rain.items() if is_wet is wet]
            if not ids:
                continue
            self.engine.execute(
                "UPDATE automation_rules SET run_requested_at = clock_ms() WHERE id IN"
                " (SELECT id FROM automation_rules WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE)",
                ids=ids,
            )
            reading = self.engine.reading({Metric.RAIN: 2.0 if wet else 0.0})
            message = EvaluateRules(0, [ReadingChecks(NEWARK.id, reading, {}, self.engine.dues(*ids))])
            enqueue_all(self.engine.broker, [letter(ActorName.EVALUATE_RULES, EVALUATION, message)])

    def kill_workers(self) -> None:
        """All at once; when the sandbox has done with what they asked of it, a minute passes, and others come."""
        self.workers.order("kill")
        self.kills += WORKERS
        port = int(self.sandbox.url.rpartition(":")[2])
        wait_until(lambda: not _waits_for_dead_callers(port), patience_s=30)
        self._let_time_pass()
        for key in self.engine.redis.keys("*:gate:*"):  # limits and breakers are on Redis's clock
            self.engine.redis.delete(key)
        self.workers.order("start")
        RingDueChanges(self.engine.database, self.engine.broker)()

    def _let_time_pass(self) -> None:
        """The evaluator locks fields one by one, and this all at once: whoever of both has to yield begins anew."""
        for _ in range(20):
            with suppress(SerialisationFailure):
                self.engine.later(_PASSED)
                return
        raise AssertionError("the evaluator is always in the way")

    def open_work(self) -> int:
        """Fields of which something is still to be done but look again; checks that were asked for."""
        return int(
            self.engine.value(
                "SELECT (SELECT count(*) FROM ad_fields WHERE applied < generation OR attempted IS NOT NULL)"
                " + (SELECT count(*) FROM automation_rules WHERE run_requested_at IS NOT NULL)"
            )
        )


class Workers:
    """The process that forks the workers."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            module("tests.acceptance.forked_workers", str(WORKERS)),
            env={**environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'libs'}"},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def order(self, what: str) -> None:
        """Returns when it is done."""
        cast("IO[str]", self._process.stdin).write(f"{what}\n")
        cast("IO[str]", self._process.stdin).flush()
        assert cast("IO[str]", self._process.stdout).readline() == "done\n"

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextmanager
def changes_ground(directory: Path, shape: Shape, chance: random.Random) -> Iterator[ChangesGround]:
    """Servers, accounts, rules and services, every message of which comes twice."""
    with ExitStack() as stack:
        postgres = stack.enter_context(EmbeddedPostgreSQL(directory))
        redis_server = stack.enter_context(EmbeddedRedis(directory))
        sandbox = stack.enter_context(sandbox_thread(directory / "sandbox"))
        database = Database(postgres.url, application_name="changes run", size=4)
        stack.enter_context(closing(database))
        client = Redis.from_url(redis_server.url)
        migrate(database)
        engine = Engine(database, client, sandbox, _clients(sandbox.url), [])
        _prepare(engine, sandbox, shape)
        documents = {one["id"]: one for one in _documents(shape, chance)}
        engine.apply(*documents.values())
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            **_outside(sandbox.url),
            **_TAKES,
            **PACE,
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis_server.url,
            "REDIS_NAMESPACE": NAMESPACE,
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "error",
        }
        stack.enter_context(MessageDoubler(redis_server.url, NAMESPACE, chance))
        for name, argv in (("scheduler", module("services.scheduler")), ("evaluator", worker_argv("rule-evaluator"))):
            stack.enter_context(_running(argv, {**environment, "WORKER_ID": name}, directory / f"{name}.log"))
        workers = Workers(environment)
        stack.callback(workers.close)
        workers.order("start")
        yield ChangesGround(engine, workers, sandbox, shape, documents)


@contextmanager
def _running(argv: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[None]:
    with log.open("w") as output, subprocess.Popen(argv, env=environment, stdout=output, stderr=output) as process:
        try:
            yield
        finally:
            process.kill()


def _clients(url: str) -> dict[str, AdPlatform]:
    credentials = {name: dict.fromkeys(names.required, "sandbox") for name, names in CREDENTIALS.items()}
    return {name: PLATFORMS[name]({**credentials[name], "base_url": url, "oauth_url": url}) for name in PLATFORMS}


def _outside(url: str) -> dict[str, str]:
    google = dict.fromkeys(("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"), "sandbox")
    return {
        "OPENWEATHER_API_KEY": "sandbox",
        "OPENWEATHER_URL": url,
        "META_ACCESS_TOKEN": "sandbox",
        "META_URL": url,
        **{f"GOOGLE_ADS_{name}": value for name, value in google.items()},
        "GOOGLE_ADS_URL": url,
        "GOOGLE_OAUTH_URL": url,
    }


def _prepare(engine: Engine, sandbox: SandboxClient, shape: Shape) -> None:
    with engine.database.transaction() as tx:
        installation.found(tx, Installation(OutsideWorld.SANDBOX, Mode.LIVE))
        rules.ensure_owners(tx, [OWNER])
        for number in range(shape.accounts):
            accounts.add(tx, Account(f"meta-{number}", OWNER, "meta_ads", f"act_9{number:03}", "USD", Mode.LIVE))
            accounts.add(tx, Account(f"google-{number}", OWNER, "google_ads", f"9{number:09}", "USD", Mode.LIVE))
    sandbox.meta("budget_changes", most=1_000_000)
    seeds = [_seed(platform, number, shape) for number in range(shape.accounts) for platform in ("meta", "google")]
    assert sandbox.json("/_sandbox/entities", {"accounts": seeds}).status_code == 201


def _seed(platform: str, number: int, shape: Shape) -> Document:
    entities: list[Document] = []
    for one in range(shape.campaigns):
        name = f"{number + 1}{one:03}"
        if platform == "meta":
            entities += [
                {"resource": f"campaign/7{name}", "status": "ACTIVE"},
                {
                    "resource": f"ad_set/8{name}",
                    "parent": f"campaign/7{name}",
                    "status": "PAUSED",
                    "daily_budget": "5000",
                },
            ]
        else:
            entities += [
                {"resource": f"campaign_budget/4{name}", "daily_budget": "50000000"},
                {"resource": f"campaign/1{name}", "status": "PAUSED", "budget": f"campaign_budget/4{name}"},
            ]
    account_id = f"act_9{number:03}" if platform == "meta" else f"9{number:09}"
    return {"platform": f"{platform}_ads", "id": account_id, "currency": "USD", "entities": entities}


def _ad_set(name: str) -> Document:
    parent = f"campaign/7{name}"
    return {"resource": f"ad_set/8{name}", "parent": parent, "status": "PAUSED", "daily_budget": "5000"}


def _documents(shape: Shape, chance: random.Random) -> Iterator[Document]:
    """Every entity is a target of one to three rules."""
    by_rule: dict[int, list[Document]] = {number: [] for number in range(shape.rules)}
    for number in range(shape.accounts):
        for one in range(shape.campaigns):
            for platform, level, entity in (("meta", "ad_set", "8"), ("google", "campaign", "1")):
                for of in chance.sample(range(shape.rules), chance.choice((1, 2, 2, 3))):
                    change = chance.choice(("+10 %", "+20 %", "+50 %", "-20 %"))
                    wanted = {"status": "enabled", "daily_budget": {"change": change}}
                    target = {"account": f"{platform}-{number}", level: f"{entity}{number + 1}{one:03}", "set": wanted}
                    by_rule[of].append(target)
    for number, targets in by_rule.items():
        yield rule(f"rule-{number:02}", *targets, priority=number % 7, every="24 h")


def _waits_for_dead_callers(port: int) -> bool:
    """Whether a request is being answered whose caller is gone."""
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(one[1].endswith(f":{port:04X}") and one[3] == _CLOSE_WAIT for one in sockets)
