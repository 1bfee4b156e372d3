"""Ad accounts with credentials of their own, as the engine uses them: theirs alone, the newest, and never elsewhere."""

import logging
import threading
import time
from datetime import timedelta

import pytest

from tests.contract.secrecy import everything_said_by
from tests.integration.commands import Run
from tests.integration.engine import AGES, Engine, rule_file
from tests.integration.own_credentials import GOOGLE_OWN, KEY, META_OWN, OLD_KEY, TOKEN, account, action, clients, store
from tests.integration.rule_documents import DRY, GOOGLE, META, RAIN, budget, campaign_budget, rule, status
from weathertrigger.credentials_at_rest import Holder, Keyring
from weathertrigger.domain.series import FORECAST_MAX_AGE
from weathertrigger.errors import AccountOff, ConstraintViolated, CredentialsUnreadable, InvalidRules
from weathertrigger.messages import ApplyChanges
from weathertrigger.operations.apply_rules import apply_rules
from weathertrigger.operations.preview import preview
from weathertrigger.storage import accounts
from weathertrigger.storage.installation import OutsideWorld
from weathertrigger.storage.pauses import Covered, Scope

RAISED = ("ad_set/23848", "daily_budget", "9600")
RAISED_AT_GOOGLE = ("campaign_budget/444", "daily_budget", "60000000")
WAIT = timedelta(minutes=5, seconds=1)


@pytest.fixture
def wet(engine: Engine) -> Engine:
    """An engine with a raise planned at each platform."""
    engine.apply(rule("wet", budget("23848"), campaign_budget("111")))
    engine.judge(RAIN, "wet")
    return engine


def notices(engine: Engine) -> list[tuple[str, str]]:
    """What people were told: kind and subject."""
    return [(row.kind, row.subject) for row in engine.rows("SELECT kind, subject FROM notifications ORDER BY id")]


def calls_of(engine: Engine, service: str) -> int:
    return engine.calls_made().get(service, 0)


def test_an_account_is_reached_by_its_own(wet: Engine, outside_world: dict[str, str]) -> None:
    """Those of the settings are for the others; each platform, and each account, has what is its own."""
    store(wet, META, META_OWN)
    store(wet, GOOGLE, GOOGLE_OWN)
    step = action(wet, clients(outside_world, KEY, META_ACCESS_TOKEN="invalid", GOOGLE_ADS_REFRESH_TOKEN="invalid"))
    for one in (META, GOOGLE):
        step(ApplyChanges(one))
    assert wet.writes() == [RAISED, RAISED_AT_GOOGLE]
    assert notices(wet) == []


def test_a_platform_that_the_settings_do_not_know(wet: Engine, outside_world: dict[str, str]) -> None:
    """Own credentials are enough; an account without any is off, and says why (semantics 27)."""
    store(wet, META, META_OWN)
    by_account = clients(outside_world, KEY, META_ACCESS_TOKEN="", GOOGLE_ADS_CLIENT_ID="")
    action(wet, by_account)(ApplyChanges(META))
    action(wet, by_account)(ApplyChanges(GOOGLE))
    assert wet.writes() == [RAISED]
    with pytest.raises(AccountOff, match=r"google_ads is off: .* google-acme has none of its own"):
        by_account.of(account(wet, GOOGLE))


def test_new_credentials_count_from_the_next_lease_on(wet: Engine, outside_world: dict[str, str]) -> None:
    """No worker is started anew: the same step is refused with the old token and succeeds with the new one."""
    store(wet, META, {"access_token": "invalid"})
    step = action(wet, clients(outside_world, KEY))
    step(ApplyChanges(META))
    reason = account(wet, META).paused_reason
    assert reason is not None
    assert "`accounts check meta-acme`" in reason
    assert notices(wet) == [("account_paused", META)]
    store(wet, META, META_OWN)
    wet.resume(Covered(Scope.ACCOUNT, META))
    step(ApplyChanges(META))
    assert wet.writes() == [RAISED]


def test_a_client_stays_as_long_as_its_credentials(wet: Engine, outside_world: dict[str, str]) -> None:
    """With its connections and access token; other keys for the same credentials do not end it, new credentials do."""
    store(wet, META, META_OWN, key=OLD_KEY)
    by_account = clients(outside_world, KEY, OLD_KEY)
    first = by_account.of(account(wet, META))
    assert by_account.of(account(wet, META)) is first
    assert by_account.of(account(wet, GOOGLE)) is by_account.of(account(wet, GOOGLE))
    with wet.database.transaction() as tx:
        found = accounts.lock(tx, META)
        assert found is not None
        assert found.credentials is not None
        ring = Keyring([KEY, OLD_KEY])
        holder = Holder(META, "meta_ads", OutsideWorld.SANDBOX)
        accounts.encrypt_anew(tx, META, ring.encrypt(holder, ring.decrypt(holder, found.credentials.text)))
    assert by_account.of(account(wet, META)) is first
    store(wet, META, META_OWN)
    assert by_account.of(account(wet, META)) is not first


def test_two_sets_in_one_moment_are_two(wet: Engine) -> None:
    """The time of a set tells it from the one before, however fast they follow."""
    seen = []
    with wet.database.transaction() as tx:
        for _ in range(5):
            accounts.set_credentials(
                tx, META, Keyring([KEY]).encrypt(Holder(META, "meta_ads", OutsideWorld.SANDBOX), META_OWN)
            )
            found = accounts.get(tx, META)
            assert found is not None
            assert found.credentials is not None
            seen.append(found.credentials.set_at)
    assert len(set(seen)) == 5
    assert seen == sorted(seen)


@pytest.mark.parametrize("keys", [(), (OLD_KEY,)])
def test_an_account_that_cannot_be_read_waits(
    wet: Engine, outside_world: dict[str, str], keys: tuple[str, ...]
) -> None:
    """Told once, however often it is rung; others are untouched; with the key it goes on, which is told too."""
    store(wet, META, META_OWN)
    step = action(wet, clients(outside_world, *keys))
    for _ in range(3):
        step(ApplyChanges(META))
        wet.later(WAIT)
    step(ApplyChanges(GOOGLE))
    assert notices(wet) == [("credentials_unreadable", META)]
    assert account(wet, META).paused_reason is None
    assert wet.writes() == [RAISED_AT_GOOGLE]
    assert calls_of(wet, "meta_ads") == 1  # the one with which `apply` asked
    action(wet, clients(outside_world, KEY))(ApplyChanges(META))
    assert wet.writes() == [RAISED_AT_GOOGLE, RAISED]
    assert notices(wet) == [("credentials_unreadable", META), ("credentials_unreadable_ended", META)]


def test_a_waiting_account_is_looked_at_every_five_minutes(wet: Engine, outside_world: dict[str, str]) -> None:
    """Not at once again, which would keep a worker busy with nothing."""
    store(wet, META, META_OWN)
    action(wet, clients(outside_world))(ApplyChanges(META))
    wait = wet.value("SELECT min(next_at) - clock_ms() FROM ad_fields WHERE account_id = 'meta-acme'")
    assert timedelta(minutes=4) < wait <= timedelta(minutes=5)
    assert wet.value("SELECT lease_until FROM ad_accounts WHERE id = 'meta-acme'") is None


def test_credentials_of_another_account_are_refused(wet: Engine, outside_world: dict[str, str]) -> None:
    """A row that somebody copied: nothing is sent."""
    with wet.database.transaction() as tx:
        accounts.add(
            tx, accounts.Account("meta-other", "user-456", "meta_ads", "act_77", "USD", account(wet, META).mode)
        )
    store(wet, "meta-other", META_OWN)
    wet.execute(
        "UPDATE ad_accounts a SET (credentials, credentials_set_at) = (o.credentials, o.credentials_set_at)"
        " FROM ad_accounts o WHERE a.id = 'meta-acme' AND o.id = 'meta-other'"
    )
    action(wet, clients(outside_world, KEY))(ApplyChanges(META))
    assert wet.writes() == []
    assert notices(wet) == [("credentials_unreadable", META)]
    (message,) = [row.message for row in wet.rows("SELECT message FROM notifications")]
    assert "stored for another account or another outside world" in message


def test_real_credentials_never_go_to_the_sandbox(wet: Engine, outside_world: dict[str, str]) -> None:
    """Semantics 27: a database that was real and is called a sandbox's keeps what it has to itself."""
    store(wet, META, META_OWN, outside_world=OutsideWorld.REAL)
    action(wet, clients(outside_world, KEY))(ApplyChanges(META))
    assert wet.writes() == []
    assert notices(wet) == [("credentials_unreadable", META)]
    assert calls_of(wet, "meta_ads") == 1  # the one with which `apply` asked


def test_nothing_of_a_sandbox_goes_to_a_vendor(wet: Engine, outside_world: dict[str, str]) -> None:
    """Semantics 27: with a vendor's own address the accounts of a sandbox are off, with and without credentials of
    their own; in a real installation they are not."""
    store(wet, META, META_OWN)
    by_account = clients(outside_world, KEY, META_URL="", GOOGLE_OAUTH_URL="")
    for one in (META, GOOGLE):
        with pytest.raises(AccountOff, match="this installation is the sandbox's"):
            by_account.of(account(wet, one))
    wet.execute("UPDATE installation SET outside_world = 'real'")
    assert by_account.of(account(wet, GOOGLE)).name == "google_ads"


def test_stored_credentials_that_are_not_enough(wet: Engine, outside_world: dict[str, str]) -> None:
    """What a later version of the adapter may need is named, and the account waits."""
    store(wet, GOOGLE, {"client_id": "client-1", "base_url": "https://elsewhere.example"})
    with pytest.raises(CredentialsUnreadable, match="google_ads needs client_secret") as caught:
        clients(outside_world, KEY).of(account(wet, GOOGLE))
    assert "client-1" not in everything_said_by(caught.value)


def test_no_account_chooses_where_its_calls_go(wet: Engine, outside_world: dict[str, str]) -> None:
    """An address among the credentials counts for nothing."""
    store(wet, META, {**META_OWN, "base_url": "http://127.0.0.1:1"})
    action(wet, clients(outside_world, KEY))(ApplyChanges(META))
    assert wet.writes() == [RAISED]


@pytest.mark.parametrize("text", [TOKEN, "", '{"access_token": "x"}', "gAAAAA"])
def test_the_table_takes_nothing_in_the_clear(engine: Engine, text: str) -> None:
    """Whatever a program or a person does wrong."""
    with pytest.raises(ConstraintViolated) as caught:
        engine.execute("UPDATE ad_accounts SET credentials = %(text)s, credentials_set_at = clock_ms()", text=text)
    assert caught.value.constraint == "ad_accounts_credentials_encrypted"


def test_a_rules_file_and_a_preview_say_why(wet: Engine, outside_world: dict[str, str]) -> None:
    """`apply` refuses a target that nobody can be asked about; `test-rule` says so beside the field."""
    store(wet, META, META_OWN)
    with pytest.raises(InvalidRules, match="CREDENTIALS_KEYS is not set here"):
        apply_rules(wet.database, rule_file(rule("new", budget("23847"))), clients(outside_world), worker_id="x")
    shown = preview(
        wet.database,
        "wet",
        chain=wet.chain,
        platforms=clients(outside_world),
        admissions=wet.ad_gates,
        ages=AGES,
        forecast_max_age=FORECAST_MAX_AGE,
    )
    notes = {one.entity: one.note for one in shown.fields}
    assert "CREDENTIALS_KEYS is not set here" in str(notes["meta-acme ad_set 23848"])
    assert notes["google-acme campaign 111"] is None


def test_keys_are_rotated_beside_the_work(engine: Engine, run: Run, outside_world: dict[str, str]) -> None:
    """While workers that know nothing yet raise and revert, every row is encrypted anew, and anew: no change is lost or
    waits, nobody is told of anything, and at the end the old key is of no use."""
    engine.apply(rule("wet", status("23847"), campaign_budget("111")))
    store(engine, META, META_OWN, key=OLD_KEY)
    store(engine, GOOGLE, GOOGLE_OWN, key=OLD_KEY)
    done, turns = threading.Event(), 0

    def work() -> None:
        nonlocal turns
        while not done.is_set():
            for weather in (RAIN, DRY):
                engine.judge(weather, "wet")
                for one in (META, GOOGLE):
                    action(engine, clients(outside_world, KEY, OLD_KEY))(ApplyChanges(one))
            turns += 1

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for keys in (f"{KEY},{OLD_KEY}", f"{OLD_KEY},{KEY}", f"{KEY},{OLD_KEY}"):
            rotated = run("accounts", "rotate-keys", CREDENTIALS_KEYS=keys)
            assert (rotated.returncode, rotated.stderr) == (0, "2 account(s) are under the first key.\n")
            turned = turns
            while turns == turned and worker.is_alive():
                time.sleep(0.01)
    finally:
        done.set()
        worker.join()
    states = {(row.state, row.count) for row in engine.rows("SELECT state, count(*) FROM ad_changes GROUP BY state")}
    assert states == {("confirmed", 4 * turns)}
    assert len(engine.writes()) == 4 * turns > 8
    assert notices(engine) == []
    for one in (META, GOOGLE):
        clients(outside_world, KEY).of(account(engine, one))
        with pytest.raises(CredentialsUnreadable):
            clients(outside_world, OLD_KEY).of(account(engine, one))


def test_no_credential_is_in_a_log(
    wet: Engine, outside_world: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """At the level at which libraries tell everything: reads, writes, a refusal, a row that cannot be read."""
    caplog.set_level(logging.DEBUG)
    store(wet, META, {**META_OWN, "app_secret": "own-app-secret"})
    store(wet, GOOGLE, GOOGLE_OWN)
    step = action(wet, clients(outside_world, KEY))
    for one in (META, GOOGLE):
        step(ApplyChanges(one))
    wet.sandbox.fault("meta_ads", "status", count=3, status=401)
    wet.sandbox.fault("google_ads", "status", count=3, status=403)
    wet.judge(DRY, "wet")
    for one in (META, GOOGLE):
        step(ApplyChanges(one))
        action(wet, clients(outside_world))(ApplyChanges(one))
    assert "account" in caplog.text
    assert len(notices(wet)) >= 2
    for secret in (TOKEN, "own-app-secret", *GOOGLE_OWN.values(), KEY):
        assert secret == "client-1" or secret not in caplog.text
