"""An engine of its own for every test that asks for one."""

import os
import subprocess
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from redis import Redis

from tests.contract.sandbox_server import GOOGLE as GOOGLE_CUSTOMER
from tests.contract.sandbox_server import META as META_ACCOUNT
from tests.contract.sandbox_server import SandboxClient, sandbox_thread
from tests.integration.commands import ROOT, Run
from tests.integration.engine import NAMESPACE, Engine
from tests.integration.forked_commands import command_server, run_forked
from tests.integration.rule_documents import GOOGLE, META, OWNER
from weathertrigger.domain.rule import Mode
from weathertrigger.environment import read_settings
from weathertrigger.outside.settings import WeatherSettings
from weathertrigger.outside.weather import weather_providers
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.platforms.registry import CREDENTIALS, PLATFORMS
from weathertrigger.storage import accounts, installation, rules
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database
from weathertrigger.storage.installation import Installation, OutsideWorld


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    """A fresh sandbox; its clock stands still on 1 June 2013, when it is dry in Newark."""
    with sandbox_thread(tmp_path / "sandbox") as client:
        yield client


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    """A migrated database of the test's own, with a pool for many threads."""
    opened = Database(migrated_url, application_name="weathertrigger tests", size=24)
    yield opened
    opened.close()


@pytest.fixture
def outside_world(sandbox: SandboxClient) -> dict[str, str]:
    """The environment that makes the sandbox the outside world."""
    return {
        "OPENWEATHER_API_KEY": "sandbox",
        "OPENWEATHER_URL": sandbox.url,
        "META_ACCESS_TOKEN": "sandbox",
        "META_URL": sandbox.url,
        "GOOGLE_ADS_CLIENT_ID": "sandbox",
        "GOOGLE_ADS_CLIENT_SECRET": "sandbox",
        "GOOGLE_ADS_REFRESH_TOKEN": "sandbox",
        "GOOGLE_ADS_URL": sandbox.url,
        "GOOGLE_OAUTH_URL": sandbox.url,
    }


@pytest.fixture
def engine(database: Database, redis_client: Redis, sandbox: SandboxClient, outside_world: dict[str, str]) -> Engine:
    """A live installation with one account at each platform, and no rules yet."""
    with database.transaction() as tx:
        installation.found(tx, Installation(OutsideWorld.SANDBOX, Mode.LIVE))
        rules.ensure_owners(tx, [OWNER])
        accounts.add(tx, Account(META, OWNER, "meta_ads", META_ACCOUNT, "USD", Mode.LIVE))
        accounts.add(tx, Account(GOOGLE, OWNER, "google_ads", GOOGLE_CUSTOMER, "USD", Mode.LIVE))
    providers = weather_providers(read_settings(WeatherSettings, outside_world))
    return Engine(database, redis_client, sandbox, _ad_clients(sandbox.url), providers)


def _ad_clients(url: str) -> dict[str, AdPlatform]:
    """A client of each ad platform, all at the sandbox. How often Meta lets a budget be changed is in nobody's way."""
    credentials = {name: dict.fromkeys(names.required, "sandbox") for name, names in CREDENTIALS.items()}
    more = {"base_url": url, "oauth_url": url, "budget_changes_per_hour": "1000"}
    return {name: PLATFORMS[name]({**credentials[name], **more}) for name in PLATFORMS}


@pytest.fixture
def environment(migrated_url: str, redis_url: str, outside_world: dict[str, str]) -> dict[str, str]:
    """What a command is given: this test's database, Redis and sandbox."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **inherited,
        **outside_world,
        "DATABASE_URL": migrated_url,
        "REDIS_URL": redis_url,
        "REDIS_NAMESPACE": NAMESPACE,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'libs'}",
    }


@pytest.fixture(scope="session")
def commands() -> ForkServerContext:
    """Where commands are forked from."""
    return command_server()


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path, commands: ForkServerContext) -> Run:
    """Runs the command in a directory where nothing else is; keyword arguments replace parts of its environment."""

    def run_command(*arguments: str, text: str | None = None, **changed: str) -> subprocess.CompletedProcess[str]:
        return run_forked(commands, arguments, env={**environment, **changed}, cwd=tmp_path, text=text)

    return run_command
