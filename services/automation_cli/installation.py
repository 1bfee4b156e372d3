"""Makes a database ready for `up`: its kind, the sandbox's ad accounts, the rules of a file."""

from collections.abc import Sequence
from contextlib import suppress

from redis import Redis

from services.automation_cli.accounts.known import about
from services.automation_cli.by_whom import record, who
from services.automation_cli.refusals import OtherWorld
from weathertrigger.broker import make_broker
from weathertrigger.domain.rule import Mode
from weathertrigger.doorbells import ring_accounts
from weathertrigger.errors import ConstraintViolated
from weathertrigger.operations.apply_rules import Applied, apply_rules
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.rule_files.load import RuleFile
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import accounts, installation, rules
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.installation import Installation, OutsideWorld

_DEMO_USER = "user-456"
_DEMO_ACCOUNTS = (
    Account("meta-acme", _DEMO_USER, "meta_ads", "act_1001", "USD", Mode.LIVE),
    Account("google-acme", _DEMO_USER, "google_ads", "1234567890", "USD", Mode.LIVE),
)
_REAL = Installation(OutsideWorld.REAL, Mode.DRY_RUN)
_SANDBOX = Installation(OutsideWorld.SANDBOX, Mode.LIVE)


def settle_kind(database: Database, real_because: Sequence[str]) -> Installation:
    """What kind of installation this is. A new one is real and in dry run if there are reasons, else a live sandbox.

    Raises:
        OtherWorld: the database is of the other kind.
    """
    wished = _REAL if real_because else _SANDBOX
    there = database.run(lambda tx: _found(tx, wished))
    if there.outside_world is wished.outside_world:
        return there
    if real_because:
        raise OtherWorld(
            f"This database belongs to the sandbox, and the real world is wanted ({', '.join(real_because)}): take "
            "that back, or use another database (--data DIR or DATABASE_URL)."
        )
    raise OtherWorld(
        "This database belongs to an installation with real API keys, and none is set: set them, or use another "
        "database for the sandbox (--data DIR or DATABASE_URL)."
    )


def _found(tx: Transaction, wished: Installation) -> Installation:
    if installation.get(tx) is None:
        kind = {"outside world": wished.outside_world.value, "mode": wished.mode.value}
        record(tx, "setup", "the installation", None, kind)
    return installation.found(tx, wished)


def add_demo_accounts(database: Database) -> None:
    """Adds those of the sandbox's ad accounts that are missing or were removed."""
    database.run(_add_demo_accounts)


def _add_demo_accounts(tx: Transaction) -> None:
    there = {(one.platform, one.external_id) for one in accounts.all_accounts(tx)}
    rules.ensure_owners(tx, [_DEMO_USER])
    for account in _DEMO_ACCOUNTS:
        if (account.platform, account.external_id) not in there:
            with suppress(ConstraintViolated):  # the name is that of another account
                accounts.add(tx, account)
                record(tx, "setup", f"account {account.id}", None, about(account))


def take_rules_in(
    database: Database, redis: Redis, namespace: str, file: RuleFile, platforms: ByAccount[AdPlatform]
) -> Applied:
    """Applies the file, sets the bells of its rules and rings the accounts whose changes were decided anew.

    Raises:
        InvalidRules: with every target that cannot be; nothing is saved.
    """
    applied = apply_rules(database, file, platforms, worker_id="automation-cli", who=who())
    Bells(redis, namespace).set(applied.next_checks)
    ring_accounts(make_broker(redis, namespace), applied.to_ring)
    return applied
