"""The ground of the runs about ad platforms: a scheduler and ad-action as processes, two for each platform (bulkheads),
and a sandbox with accounts to change.

Verdicts are made by the step itself; from the doorbell on everything is real. Only times in PostgreSQL and Redis are
moved.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from redis import Redis

from services.automation_cli.up.supervisor import Command, Supervisor
from services.automation_cli.worker_commands import PACE, module, worker_argv
from tests.contract.sandbox_server import GOOGLE as CUSTOMER
from tests.contract.sandbox_server import META as META_ACCOUNT
from tests.contract.sandbox_server import sandbox_process
from tests.integration.engine import NAMESPACE, Engine
from tests.integration.rule_documents import GOOGLE, META, OWNER, Document, rule, status
from tests.processes import wait_until
from weathertrigger.domain.rule import Mode
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.platforms.registry import CREDENTIALS, PLATFORMS
from weathertrigger.storage import accounts, installation, rules
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database
from weathertrigger.storage.installation import Installation, OutsideWorld

ACCOUNTS: Mapping[str, str] = {"meta_ads": META, "google_ads": GOOGLE}
EACH = 30
"""So many entities of each account are changed."""
_KASA = "meta-kasa"
_BREAKER = f"{NAMESPACE}:gate:{{}}::breaker"
_SETTINGS = {
    "REDIS_NAMESPACE": NAMESPACE,
    "LOG_FORMAT": "json",
    "RAISE_COOL_DOWN": "0",
    "META_CALLS_PER_HOUR": "1000000",
    "GOOGLE_ADS_CALLS_PER_DAY": "1000000",
    "WORKER_MAX_CONCURRENT_JOBS": "2",
    "WORKER_GRACEFUL_SHUTDOWN_TIMEOUT": "1000",
}
_OPEN = """
SELECT count(*) FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id
WHERE f.account_id = %(account)s AND c.finished_at IS NULL
"""
_SENT = """
SELECT f.account_id, f.resource, count(*) FILTER (WHERE cardinality(c.called_at) > 0) AS decisions
FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id GROUP BY 1, 2
"""

Entry = Mapping[str, Any]  # Any: an entry of the journal is a JSON object


@dataclass(frozen=True, slots=True)
class AdsGround:
    """What a test may do with the running services, and ask about them."""

    engine: Engine

    def entities(self, platform: str) -> Sequence[str]:
        """The resources that the rule of the platform changes."""
        kind = {"meta_ads": "ad_set/8{:03}", "google_ads": "campaign/6{:03}"}[platform]
        return [kind.format(number) for number in range(EACH)]

    def is_done(self, account: str) -> bool:
        """Whether nothing is open on the account."""
        return not self.engine.value(_OPEN, account=account)

    def settle(
        self, account: str, passed: timedelta = timedelta(minutes=2, seconds=5), patience_s: float = 120
    ) -> None:
        """Time passes faster until nothing is open on the account."""
        moved = time.monotonic()

        def settled() -> bool:
            nonlocal moved
            if self.is_done(account):
                return True
            if time.monotonic() - moved > 3:
                self.engine.later(passed)
                moved = time.monotonic()
            return False

        wait_until(settled, patience_s=patience_s, every_s=0.05)

    def close_breaker_soon(self, platform: str) -> None:
        """As if the time was over for which the breaker stays open."""
        if self.engine.redis.exists(_BREAKER.format(platform)):
            self.engine.redis.hset(_BREAKER.format(platform), "opened_at", 0)

    def held(self, platform: str) -> Counter[str]:
        """What the sandbox holds of the entities: how many are enabled, how many paused."""
        account = {"meta_ads": META_ACCOUNT, "google_ads": CUSTOMER}[platform]
        shown = self.engine.sandbox.get("/_sandbox/entities").json()["accounts"]
        entities = next(one["entities"] for one in shown if one["id"] == account)
        named = {entity["resource"]: entity["status"] for entity in entities if "status" in entity}
        return Counter(named[resource].replace("ENABLED", "ACTIVE") for resource in self.entities(platform))

    def calls(self, platform: str, since: int = 0) -> list[Entry]:
        """What the platform has seen."""
        return [entry for entry in self.engine.sandbox.journal(since) if entry["service"] == platform]

    def repeated(self) -> dict[str, int]:
        """Resources with more value-changing writes than decisions that were sent."""
        sent = {row.resource: row.decisions for row in self.engine.rows(_SENT)}
        changed = Counter(
            change["resource"]
            for entry in self.engine.sandbox.journal()
            if entry["service"] != "person"
            for change in entry["changes"]
            if change["from"] != change["to"]
        )
        return {resource: count for resource, count in changed.items() if count > sent.get(resource, 0)}

    def most_attempts(self, rule_id: str) -> int:
        """Of any change of the rule."""
        most: int = self.engine.value("SELECT max(attempts) FROM ad_changes WHERE rule_id = %(id)s", id=rule_id)
        return most


def pauses(entries: Sequence[Entry]) -> list[float]:
    """Seconds from each call to the next."""
    times = [datetime.fromisoformat(entry["time"]) for entry in entries]
    return [(later - earlier).total_seconds() for earlier, later in pairwise(times)]


@contextmanager
def ads_ground(directory: Path, database_url: str, redis_url: str) -> Iterator[AdsGround]:
    """Everything runs. `database_url` is that of a migrated database, Redis is empty."""
    with (
        sandbox_process(directory / "sandbox", "--speed", "0") as (sandbox, _),
        closing(Database(database_url, application_name="ads run")) as database,
        closing(Redis.from_url(redis_url)) as redis,
    ):
        credentials = {name: dict.fromkeys(names.required, "sandbox") for name, names in CREDENTIALS.items()}
        address = {"base_url": sandbox.url, "oauth_url": sandbox.url}
        clients: dict[str, AdPlatform] = {name: PLATFORMS[name]({**credentials[name], **address}) for name in PLATFORMS}
        engine = Engine(database, redis, sandbox, clients, [])
        _found(engine)
        environment = {**_SETTINGS, **_outside(sandbox.url), "DATABASE_URL": database_url, "REDIS_URL": redis_url}
        commands = [Command("scheduler", module("services.scheduler"), directory / "scheduler.log", environment)]
        for platform in PLATFORMS:
            for number in (1, 2):
                name = f"{platform}-{number}"
                argv = worker_argv("ad-action", "--queues", f"actions.{platform}")
                own = {**environment, **PACE, "WORKER_ID": name}
                commands.append(Command(name, argv, directory / f"{name}.log", own))
        supervisor = Supervisor(commands, lambda _: None, lambda *_: 0.2)
        try:
            supervisor.start()
            running = "SELECT count(*) FROM worker_registry WHERE status = 'running'"
            wait_until(lambda: engine.value(running) == len(commands), patience_s=90, every_s=0.05)
            yield AdsGround(engine)
        finally:
            supervisor.stop(2)


def _found(engine: Engine) -> None:
    with engine.database.transaction() as tx:
        installation.found(tx, Installation(OutsideWorld.SANDBOX, Mode.LIVE))
        rules.ensure_owners(tx, [OWNER])
        accounts.add(tx, Account(META, OWNER, "meta_ads", META_ACCOUNT, "USD", Mode.LIVE))
        accounts.add(tx, Account(_KASA, OWNER, "meta_ads", "act_1002", "JPY", Mode.LIVE))
        accounts.add(tx, Account(GOOGLE, OWNER, "google_ads", CUSTOMER, "USD", Mode.LIVE))
    ad_sets: list[Document] = []
    campaigns: list[Document] = []
    for number in range(EACH):
        ad_sets.append({"resource": f"campaign/7{number:03}", "status": "ACTIVE"})
        parent = f"campaign/7{number:03}" if number < EACH // 2 else "campaign/7000"  # half of them are siblings
        ad_sets.append({"resource": f"ad_set/8{number:03}", "parent": parent, "status": "PAUSED"})
        campaigns.append({"resource": f"campaign_budget/5{number:03}", "daily_budget": "10000000"})
        budget = f"campaign_budget/5{number:03}"
        campaigns.append({"resource": f"campaign/6{number:03}", "status": "PAUSED", "budget": budget})
    grown = [{"id": META_ACCOUNT, "entities": ad_sets}, {"id": CUSTOMER, "entities": campaigns}]
    assert engine.sandbox.json("/_sandbox/entities", {"accounts": grown}).status_code == 201
    engine.apply(
        rule("meta_ads", *[status(f"8{number:03}") for number in range(EACH)]),
        rule("google_ads", *[_campaign(number) for number in range(EACH)]),
        rule("kasa", {**status("33847"), "account": _KASA}),
    )


def _campaign(number: int) -> Document:
    return {"account": GOOGLE, "campaign": f"6{number:03}", "set": {"status": "enabled"}}


def _outside(url: str) -> dict[str, str]:
    addresses = ("OPENWEATHER_URL", "META_URL", "GOOGLE_ADS_URL", "GOOGLE_OAUTH_URL")
    keys = ("OPENWEATHER_API_KEY", "META_ACCESS_TOKEN", "GOOGLE_ADS_CLIENT_ID", "GOOGLE_ADS_CLIENT_SECRET")
    return {**dict.fromkeys(addresses, url), **dict.fromkeys((*keys, "GOOGLE_ADS_REFRESH_TOKEN"), "sandbox")}
