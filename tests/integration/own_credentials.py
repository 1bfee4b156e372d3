"""Accounts with credentials of their own, for the tests of those."""

from collections.abc import Mapping

from services.ad_action.apply_changes import ApplyChangesStep
from tests.integration.engine import WORKER, Engine
from weathertrigger.credentials_at_rest import Holder, Keyring, new_key
from weathertrigger.environment import read_settings
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.outside.settings import AdSettings
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.storage import accounts
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.installation import OutsideWorld

KEY, OLD_KEY = new_key(), new_key()
TOKEN = "EAAB-own-token-of-the-umbrella-house"
META_OWN = {"access_token": TOKEN}
GOOGLE_OWN = {"client_id": "client-1", "client_secret": "own-client-secret", "refresh_token": "1//own-refresh-token"}


def store(
    engine: Engine,
    account_id: str,
    credentials: Mapping[str, str],
    *,
    key: str = KEY,
    outside_world: OutsideWorld = OutsideWorld.SANDBOX,
) -> None:
    """Gives the account credentials of its own."""
    with engine.database.transaction() as tx:
        account = accounts.lock(tx, account_id)
        assert account is not None
        holder = Holder(account_id, account.platform, outside_world)
        accounts.set_credentials(tx, account_id, Keyring([key]).encrypt(holder, credentials))


def account(engine: Engine, account_id: str) -> Account:
    """The account as it is now."""
    with engine.database.transaction() as tx:
        found = accounts.get(tx, account_id)
    assert found is not None
    return found


def clients(world: Mapping[str, str], *keys: str, **changed: str) -> ByAccount[AdPlatform]:
    """What the services make of the settings, these keys among them."""
    return ad_platforms(read_settings(AdSettings, {**world, "CREDENTIALS_KEYS": ",".join(keys), **changed}))


def action(engine: Engine, by_account: ByAccount[AdPlatform]) -> ApplyChangesStep:
    """A worker of ad-action."""
    return ApplyChangesStep(
        database=engine.database, platforms=by_account, gates=engine.ad_gates, pace=engine.pace, worker_id=WORKER
    )
