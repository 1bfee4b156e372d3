"""`automation-cli accounts`: add, set-credentials, list, check, pause, resume, remove; what is kept of who did it."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.at_a_terminal import typed
from tests.integration.commands import Run, assert_refused
from tests.integration.engine import NAMESPACE, Engine
from tests.integration.own_credentials import GOOGLE_OWN, KEY, META_OWN, TOKEN, account, action, clients, store
from tests.integration.rule_documents import DRY, GOOGLE, META, OWNER, RAIN, budget, rule, status
from weathertrigger.broker import queue_key
from weathertrigger.errors import ConstraintViolated
from weathertrigger.messages import ApplyChanges

NEW = ("--platform", "meta_ads", "--external-id", "act_1002", "--currency", "JPY", "--user", OWNER)
_AN_HOUR = timedelta(minutes=61)
SECRETS = (TOKEN, KEY, GOOGLE_OWN["client_secret"], GOOGLE_OWN["refresh_token"])


@pytest.fixture
def give(tmp_path: Path) -> Callable[[object], str]:
    """Writes credentials into a file; gives its path."""

    def written(content: object) -> str:
        file = tmp_path / "credentials"
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(file)

    return written


@pytest.fixture
def keyed(run: Run) -> Run:
    """The command where CREDENTIALS_KEYS is set; whatever it says, no secret is in it."""

    def run_command(*arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        done = run(*arguments, **{"CREDENTIALS_KEYS": KEY, **changed})
        assert not any(secret in done.stdout + done.stderr for secret in SECRETS)
        return done

    return run_command


def listed(run: Run) -> dict[str, dict[str, object]]:
    done = run("accounts", "list", "--output", "json")
    assert done.returncode == 0, done.stderr
    return {row["id"]: row for row in json.loads(done.stdout)}


def checked(run: Run, *arguments: str, code: int = 0) -> dict[str, dict[str, str]]:
    """What is found, by account."""
    done = run("accounts", "check", *arguments, "--output", "json")
    assert done.returncode == code, done
    return {row["account"]: row for row in json.loads(done.stdout)}


def everything_in(engine: Engine) -> str:
    """Every row of every table as text."""
    tables = engine.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    rows = [engine.rows(f"SELECT t::text AS row FROM {table.table_name} t") for table in tables]
    return "\n".join(row.row for each in rows for row in each)


def audited(engine: Engine) -> list[tuple[str, str]]:
    """What was done to whom."""
    return [(row.what, row.subject) for row in engine.rows("SELECT what, subject FROM audit_log ORDER BY id")]


def test_added_with_credentials_and_listed_without(engine: Engine, keyed: Run, give: Callable[[object], str]) -> None:
    """0; the list says that it has some and since when; they are nowhere as text."""
    assert keyed("accounts", "add", "kasa", *NEW, "--credentials", give(META_OWN)).returncode == 0
    found = listed(keyed)
    assert found["kasa"]["credentials"] == "own"
    assert found["kasa"]["credentials_set_at"]
    assert (found[META]["credentials"], found[META]["credentials_set_at"]) == ("settings", None)
    table = keyed("accounts", "list").stdout
    assert "own, since 20" in table
    assert "of the settings" in table
    everything = everything_in(engine)
    assert "act_1002" in everything
    assert not any(secret in everything for secret in SECRETS)


@pytest.mark.parametrize("form", [f"access_token={TOKEN}\napp_secret=\n", json.dumps(META_OWN)])
def test_credentials_on_standard_input(engine: Engine, keyed: Run, outside_world: dict[str, str], form: str) -> None:
    """0, in both forms; what was stored is what the engine uses."""
    done = keyed("accounts", "set-credentials", META, "--credentials", "-", text=form)
    assert done.returncode == 0, done.stderr
    engine.apply(rule("wet", budget("23848")))
    engine.judge(RAIN, "wet")
    action(engine, clients(outside_world, KEY, META_ACCESS_TOKEN="invalid"))(ApplyChanges(META))
    assert engine.writes() == [("ad_set/23848", "daily_budget", "9600")]


def test_credentials_typed_on_a_terminal(engine: Engine, environment: dict[str, str], tmp_path: Path) -> None:
    """Each is asked for by its name, and a terminal that echoes shows none of them."""
    parent, child = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "services.automation_cli",
        "accounts",
        "set-credentials",
        META,
        "--credentials",
        "-",
    ]
    environment = {**environment, "CREDENTIALS_KEYS": KEY}
    with subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdin=child, stdout=child, stderr=child, start_new_session=True
    ) as process:
        os.close(child)
        shown = b""

        def wait_for(words: bytes) -> None:
            nonlocal shown
            while words not in shown:
                shown += os.read(parent, 1024)

        wait_for(b"access_token:")
        os.write(parent, f"{TOKEN}\n".encode())
        wait_for(b"app_secret (may be left out):")
        os.write(parent, b"\n")
        wait_for(b"are set")
        assert process.wait(20) == 0
    os.close(parent)
    assert TOKEN.encode() not in shown
    assert account(engine, META).credentials is not None


def test_nothing_is_stored_without_a_key(engine: Engine, run: Run, give: Callable[[object], str]) -> None:
    """2, how to come to a key, and neither an account nor a user."""
    done = run("accounts", "add", "kasa", *NEW[:-1], "somebody-new", "--credentials", give(META_OWN))
    assert_refused(done, 2, "CREDENTIALS_KEYS is not set", "accounts new-key")
    assert "kasa" not in listed(run)
    assert engine.value("SELECT count(*) FROM users") == 1
    assert_refused(run("accounts", "set-credentials", META, "--credentials", give(META_OWN)), 2, "CREDENTIALS_KEYS")
    wrong = run("accounts", "set-credentials", META, "--credentials", give(META_OWN), CREDENTIALS_KEYS="topsecret")
    assert_refused(wrong, 2, "CREDENTIALS_KEYS must be keys as")
    assert "topsecret" not in wrong.stderr


def test_a_database_that_is_nobodys_yet(keyed: Run, give: Callable[[object], str]) -> None:
    """1: for which outside world the credentials are has to be known first."""
    done = keyed("accounts", "add", "kasa", *NEW, "--credentials", give(META_OWN))
    assert_refused(done, 1, "automation-cli setup")
    assert keyed("accounts", "add", "kasa", *NEW).returncode == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"access_token": TOKEN, "refresh_token": "x"}, "has none of the names access_token, app_secret"),
        (f"{TOKEN}", "line 1 is not NAME=VALUE"),
        ({"app_secret": TOKEN}, "meta_ads needs access_token"),
        ({"access_token": f"{TOKEN}\n{TOKEN}"}, "access_token of meta_ads holds a space"),
        ("", "meta_ads needs access_token"),
    ],
)
def test_what_are_no_credentials(
    engine: Engine, keyed: Run, give: Callable[[object], str], content: object, words: str
) -> None:
    """2, one sentence that repeats nothing, and all is as it was."""
    done = keyed("accounts", "set-credentials", META, "--credentials", give(content))
    assert_refused(done, 2, words)
    assert done.stderr.count("\n") == 1
    assert account(engine, META).credentials is None


def test_a_token_as_an_argument(engine: Engine, keyed: Run) -> None:
    """2: it is no file, and it is not repeated."""
    assert_refused(keyed("accounts", "set-credentials", META, "--credentials", TOKEN), 2, "never an argument")


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "nobody"),
        ("pause", "nobody", "--reason", "x"),
        ("resume", "nobody"),
        ("remove", "nobody", "--yes"),
        ("set-credentials", "nobody", "--credentials", "-"),
    ],
)
def test_an_account_that_is_not_there(engine: Engine, keyed: Run, arguments: tuple[str, ...]) -> None:
    """3, also for one that was removed."""
    assert_refused(keyed("accounts", *arguments, text=f"access_token={TOKEN}"), 3, "no ad account 'nobody'")
    assert keyed("accounts", "remove", META, "--yes").returncode == 0
    gone = (META if one == "nobody" else one for one in arguments)
    assert_refused(keyed("accounts", *gone, text=f"access_token={TOKEN}"), 3, f"no ad account '{META}'")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"account": "two words"}, "is not an id"),
        ({"--external-id": "1002x"}, "--external-id must be act_ and a number"),
        ({"--platform": "google_ads"}, "--external-id must be ten digits"),
    ],
)
def test_what_is_no_account(engine: Engine, run: Run, change: dict[str, str], words: str) -> None:
    """2, and one sentence."""
    options = dict(zip(NEW[::2], NEW[1::2], strict=True)) | change
    name = options.pop("account", "kasa")
    assert_refused(run("accounts", "add", name, *(one for pair in options.items() for one in pair)), 2, words)


def test_an_account_is_known_once(engine: Engine, run: Run) -> None:
    """5, however its id is written."""
    other = ("--currency", "USD", "--user", OWNER)
    for platform, external_id in (("google_ads", "123-456-7890"), ("meta_ads", "1001")):
        done = run("accounts", "add", "twice", "--platform", platform, "--external-id", external_id, *other)
        assert_refused(done, 5, "is known already, under another name")


def test_all_is_well(engine: Engine, keyed: Run) -> None:
    """0: one call each, which is counted; nothing is changed."""
    store(engine, META, META_OWN)
    found = checked(keyed)
    assert {one["verdict"] for one in found.values()} == {"ok"}
    assert (found[META]["name"], found[META]["currency"], found[META]["status"]) == ("Umbrella House", "USD", "active")
    assert found[GOOGLE]["status"] == "enabled"
    assert engine.calls_counted() == engine.calls_made() == {"meta_ads": 1, "google_ads": 1}
    assert engine.writes() == []
    assert list(checked(keyed, META, META)) == [META]
    assert "It can be reached, and is as it is known here." in keyed("accounts", "check").stdout


def test_what_is_wrong_is_said_in_a_sentence(engine: Engine, keyed: Run) -> None:
    """6, for each account its own; the others are looked at all the same."""
    store(engine, META, {"access_token": "invalid"})
    assert engine.sandbox.json("/_sandbox/accounts/1234567890", {"status": "SUSPENDED", "currency": "EUR"}).ok
    found = checked(keyed, code=6)
    assert {one["verdict"] for one in found.values()} == {"bad"}
    assert found[META]["found"].startswith("Meta refused the access token or its permissions (code 190")
    assert found[GOOGLE]["found"] == (
        "It can be reached, but its currency is EUR there and USD here and its status is suspended, so that its ads do "
        "not run."
    )
    done = keyed("accounts", "check", META)
    assert done.returncode == 6
    assert done.stderr == f"Error: 1 of 1 account(s) are not well: {META}.\n"
    assert engine.calls_counted() == engine.calls_made() == {"meta_ads": 2, "google_ads": 1}


def test_accounts_that_are_not_called(engine: Engine, keyed: Run) -> None:
    """6, and no call: unreadable here, without credentials at all, and of a service that does not answer."""
    store(engine, META, META_OWN)
    done = json.loads(
        keyed("accounts", "check", "--output", "json", CREDENTIALS_KEYS="", GOOGLE_ADS_CLIENT_ID="").stdout
    )
    assert "CREDENTIALS_KEYS is not set here" in done[1]["found"]
    assert "google-acme has none of its own" in done[0]["found"]
    assert engine.calls_made() == {}
    silent = keyed("accounts", "check", META, "--output", "json", META_URL="http://127.0.0.1:1")
    assert "could not be reached" in json.loads(silent.stdout)[0]["found"]


def test_a_paused_account_can_be_checked(engine: Engine, keyed: Run) -> None:
    """0: it is what one does before one resumes it; that it is paused is said too."""
    assert keyed("accounts", "pause", META, "--reason", "the agency asked for it").returncode == 0
    assert checked(keyed, META)[META]["found"].endswith("It is paused here: the agency asked for it")


def test_paused_and_resumed(engine: Engine, keyed: Run) -> None:
    """0 for each; nothing is written meanwhile, and then what waited goes out at once."""
    engine.apply(rule("wet", budget("23848")))
    assert keyed("accounts", "pause", META, "--reason", "  budget review  ").returncode == 0
    assert listed(keyed)[META]["paused"] == "budget review"
    engine.judge(RAIN, "wet")
    engine.act(META)
    assert engine.writes() == []
    engine.execute("UPDATE ad_fields SET next_at = clock_ms() + interval '4 min'")
    done = keyed("accounts", "resume", META)
    assert (done.returncode, done.stderr) == (0, f"{META} goes on.\n")
    assert engine.redis.llen(queue_key(NAMESPACE, "actions.meta_ads")) == 1
    engine.act(META)
    assert engine.writes() == [("ad_set/23848", "daily_budget", "9600")]


def test_paused_twice_and_resumed_twice(engine: Engine, keyed: Run) -> None:
    """5: it says why it is paused, or that it is not; 2 for a reason that is none."""
    assert_refused(keyed("accounts", "pause", META, "--reason", " "), 2, "A reason is a line of text.")
    assert_refused(keyed("accounts", "pause", META), 2, "--reason")
    assert_refused(keyed("accounts", "resume", META), 5, "There is no pause of")
    assert keyed("accounts", "pause", META, "--reason", "first").returncode == 0
    assert_refused(keyed("accounts", "pause", META, "--reason", "second"), 5, "is paused already: first")
    assert audited(engine) == [("pause", f"account {META}")]


def test_a_dry_run_that_waited_goes_on(engine: Engine, keyed: Run) -> None:
    """What a rule in dry run would do is worked out after a pause too, at once."""
    engine.apply(rule("wet", budget("23848"), mode="dry_run"))
    engine.judge(RAIN, "wet")
    engine.execute("UPDATE ad_changes SET next_attempt_at = clock_ms() + interval '1 h'")
    assert keyed("accounts", "pause", META, "--reason", "x").returncode == 0
    assert keyed("accounts", "resume", META).returncode == 0
    engine.act(META)
    assert [row.state for row in engine.changes("ad_set/23848", "daily_budget")] == ["dry_run"]


def test_new_credentials_of_a_paused_account(engine: Engine, keyed: Run, give: Callable[[object], str]) -> None:
    """0: it stays paused, which is said, with what comes next."""
    assert keyed("accounts", "pause", META, "--reason", "revoked").returncode == 0
    done = keyed("accounts", "set-credentials", META, "--credentials", give(META_OWN))
    assert (done.returncode, "It is paused (revoked)" in done.stderr) == (0, True)
    assert listed(keyed)[META]["paused"] == "revoked"


def test_removed(engine: Engine, keyed: Run) -> None:
    """0: the credentials are gone, the account is hidden, its history and its money are still shown."""
    store(engine, META, META_OWN)
    engine.apply(rule("wet", budget("23848")))
    engine.turn(RAIN, "wet")
    engine.apply(rule("wet", budget("23848"), enabled=False))
    engine.act(META)
    engine.later(_AN_HOUR)
    engine.act(META)
    assert keyed("accounts", "remove", META, "--yes").returncode == 0
    assert list(listed(keyed)) == [GOOGLE]
    kept = engine.row("SELECT credentials, credentials_set_at, removed_at FROM ad_accounts WHERE id = %(id)s", id=META)
    assert kept.credentials is None
    assert kept.removed_at is not None
    assert "96.00 USD" in keyed("changes").stdout
    assert "The ad account meta-acme was removed." in keyed("test-rule", "wet").stdout
    assert json.loads(keyed("users", "list", "--output", "json").stdout)[0]["accounts"] == 1
    engine.act(META)
    assert audited(engine)[-1] == ("accounts remove", f"account {META}")


def test_an_account_in_use_stays(engine: Engine, keyed: Run) -> None:
    """5, before anybody is asked: the rules that target it, in dry run too; then the fields that are not put back."""
    engine.apply(rule("wet", budget("23848")), rule("dry", status("23847"), mode="dry_run"))
    engine.turn(RAIN, "wet")
    assert_refused(keyed("accounts", "remove", META), 5, f"Enabled rules target {META}: dry, wet.")
    engine.apply(rule("wet", budget("23848"), enabled=False), rule("dry", status("23847"), enabled=False))
    refused = keyed("accounts", "remove", META, "--yes")
    assert_refused(refused, 5, "daily budget of ad set 23848 (owned, 80.00 USD before)")
    assert list(listed(keyed)) == [GOOGLE, META]


def test_removed_with_what_was_raised(engine: Engine, keyed: Run) -> None:
    """0 with --leave: nothing is written, what stays is listed with what it was before and audited, nothing waits any
    more; enabled rules are in the way all the same. The account can come back, and finds its fields as they are."""
    engine.apply(rule("wet", budget("23848")))
    engine.turn(RAIN, "wet")
    assert_refused(keyed("accounts", "remove", META, "--leave", "--yes"), 5, f"Enabled rules target {META}: wet.")
    assert keyed("accounts", "pause", META, "--reason", "moved to another agency").returncode == 0
    engine.apply(rule("wet", budget("23848"), enabled=False))
    refused = keyed("accounts", "remove", META, "--yes")
    assert_refused(refused, 5, "daily budget of ad set 23848 (owned, 80.00 USD before)", "--leave")
    done = keyed("accounts", "remove", META, "--leave", "--yes")
    assert "This stays as it is: daily budget of ad set 23848 (owned, 80.00 USD before)." in done.stderr
    assert done.returncode == 0
    assert "80.00 USD before" in engine.value("SELECT before ->> 'left' FROM audit_log ORDER BY id DESC LIMIT 1")
    field = engine.field("ad_set/23848", "daily_budget")
    assert (field.state, field.next_at) == ("free", None)
    assert [row.state for row in engine.changes("ad_set/23848", "daily_budget")] == ["confirmed", "superseded"]
    assert (
        keyed("accounts", "add", META, *NEW[:2], "--external-id", "act_1001", "--currency", "USD", *NEW[6:]).returncode
        == 0
    )
    engine.apply(rule("wet", budget("23848")))
    engine.turn(RAIN, "wet")
    assert engine.writes() == [("ad_set/23848", "daily_budget", "9600"), ("ad_set/23848", "daily_budget", "11520")]


@pytest.mark.parametrize("command", ["resume", "set-credentials", "set-limit"])
def test_a_wait_that_a_platform_asked_for_is_not_cut_short(
    engine: Engine, keyed: Run, give: Callable[[object], str], command: str
) -> None:
    """Meta has blocked one ad set for an hour: what a person does to the account brings forward what else waits, and
    not this; no call is made for it (semantics 24)."""
    engine.apply(rule("wet", budget("23848"), status("23868")))
    engine.judge(RAIN, "wet")
    engine.sandbox.meta("budget_changes", most=1)
    engine.sandbox.form("/v26.0/23848", daily_budget="8000")
    engine.act(META)
    engine.judge(DRY, "wet")
    engine.execute("UPDATE ad_fields SET next_at = clock_ms() + interval '5 min' WHERE field = 'status'")
    engine.execute("UPDATE ad_fields SET next_at = limited_until WHERE field = 'daily_budget'")
    before = engine.field("ad_set/23848", "daily_budget").next_at
    more = {"resume": [], "set-credentials": ["--credentials", give(META_OWN)], "set-limit": ["150"]}
    if command == "resume":
        assert keyed("accounts", "pause", META, "--reason", "x").returncode == 0
    assert keyed("accounts", command, META, *more[command]).returncode == 0
    assert engine.field("ad_set/23848", "daily_budget").next_at == before
    assert engine.field("ad_set/23868", "status").next_at <= engine.value("SELECT clock_ms()")


@pytest.mark.usefixtures("engine")
def test_nobody_removes_by_mistake(keyed: Run, environment: dict[str, str], tmp_path: Path) -> None:
    """2 where nobody can be asked, 1 where the answer is no, 0 where it is yes."""
    asked = "act_1001", "erase its credentials?"
    remove = ("accounts", "remove", META)
    assert_refused(keyed(*remove), 2, *asked, "Nobody can be asked here: say --yes.")
    for answer in ("n\n", "\n"):
        assert_refused(typed(answer, *remove, environment=environment, folder=tmp_path), 1, *asked)
    assert typed("y\n", *remove, environment=environment, folder=tmp_path).returncode == 0


def test_an_account_comes_back(engine: Engine, keyed: Run, give: Callable[[object], str]) -> None:
    """0: under its old name, or a new one; 5 for its old name when it is another account, or once it is back."""
    options = ("--platform", "meta_ads", "--currency", "USD", "--user", OWNER)
    store(engine, META, META_OWN)
    assert keyed("accounts", "pause", META, "--reason", "x").returncode == 0
    assert keyed("accounts", "remove", META, "--yes").returncode == 0
    another = keyed("accounts", "add", META, "--external-id", "act_1002", *options)
    assert_refused(another, 5, f"'{META}' was the meta_ads account act_1001 of {OWNER}", "choose another")
    somebody = keyed("accounts", "add", META, "--external-id", "act_1001", *options[:-1], "somebody")
    assert_refused(somebody, 5, "choose another")
    assert keyed("accounts", "add", META, "--external-id", "act_1001", *options).returncode == 0
    back = listed(keyed)[META]
    assert (back["credentials"], back["paused"]) == ("settings", None)
    assert keyed("accounts", "remove", META, "--yes").returncode == 0
    assert keyed("accounts", "add", "anew", "--external-id", "act_1001", *options).returncode == 0
    assert_refused(keyed("accounts", "add", META, "--external-id", "act_1001", *options), 5, "under another name")
    assert list(listed(keyed)) == ["anew", GOOGLE]


def test_no_rule_comes_to_target_a_removed_account(engine: Engine, keyed: Run, tmp_path: Path) -> None:
    """2: neither a new rule nor one that was disabled and comes back."""
    engine.apply(rule("off", budget("23848"), enabled=False))
    assert keyed("accounts", "remove", META, "--yes").returncode == 0
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"owner": OWNER, "rules": [rule("off", budget("23848"))]}))
    assert_refused(keyed("apply", str(file)), 2, f"there is no ad account '{META}'")


def test_a_dry_run_of_a_removed_account_ends(engine: Engine, keyed: Run) -> None:
    """It would wait for ever: it is superseded, and says why."""
    engine.apply(rule("wet", budget("23848"), mode="dry_run"))
    engine.judge(RAIN, "wet")
    engine.apply(rule("wet", budget("23848"), enabled=False))
    assert keyed("accounts", "remove", META, "--yes").returncode == 0
    (change,) = engine.changes("ad_set/23848", "daily_budget")
    assert (change.state, change.error) == ("superseded", "The account was removed.")


def test_a_sandbox_gets_its_account_back(engine: Engine, keyed: Run) -> None:
    """`setup --sandbox` brings the account back that the sample rules need, and leaves another of its name alone."""
    assert keyed("accounts", "remove", META, "--yes").returncode == 0
    engine.execute("UPDATE ad_accounts SET external_id = '5555555555' WHERE id = %(id)s", id=GOOGLE)
    assert keyed("setup", "--sandbox").returncode == 0
    found = listed(keyed)
    assert {one: row["external_id"] for one, row in found.items()} == {META: "act_1001", GOOGLE: "5555555555"}


def test_every_command_is_in_the_audit_log(engine: Engine, keyed: Run, give: Callable[[object], str]) -> None:
    """Who, what, to whom, before and after, without a secret; and a row stays as it is."""
    assert keyed("accounts", "add", "kasa", *NEW, "--credentials", give(META_OWN)).returncode == 0
    assert (
        keyed("accounts", "set-credentials", "kasa", "--credentials", give({**META_OWN, "app_secret": "y"})).returncode
        == 0
    )
    assert keyed("accounts", "pause", "kasa", "--reason", "why").returncode == 0
    assert keyed("accounts", "resume", "kasa").returncode == 0
    assert keyed("accounts", "rotate-keys").returncode == 0
    assert keyed("accounts", "remove", "kasa", "--yes").returncode == 0
    for harmless in (("list",), ("check", META), ("new-key",)):
        assert keyed("accounts", *harmless).returncode == 0
    done = ("accounts add", "accounts set-credentials", "pause", "resume", "accounts rotate-keys", "accounts remove")
    assert audited(engine) == [(one, "account kasa") for one in done]
    added, given, paused, *_, removed = engine.rows("SELECT * FROM audit_log ORDER BY id")
    assert "@" in added.who
    assert (added.before, added.after["external_id"]) == (None, "act_1002")
    assert given.before["credentials_set_at"] < given.after["credentials_set_at"]
    assert (paused.before["paused"], paused.after["paused"]) == (None, "why")
    assert (removed.before["owner"], removed.after) == (OWNER, None)
    for statement in ("UPDATE audit_log SET who = 'me'", "DELETE FROM audit_log", "TRUNCATE audit_log"):
        with pytest.raises(ConstraintViolated, match="stay as they are"):
            engine.execute(statement)


def test_a_refused_command_leaves_no_trace(engine: Engine, keyed: Run, give: Callable[[object], str]) -> None:
    """Neither in the audit log nor in what it was about."""
    before = everything_in(engine)
    taken = ("--platform", "meta_ads", "--external-id", "act_1001", "--currency", "USD", "--user", "somebody")
    assert keyed("accounts", "add", "other", *taken, "--credentials", give(META_OWN)).returncode == 5
    assert keyed("accounts", "resume", META).returncode == 5
    assert everything_in(engine) == before


def test_keys(engine: Engine, run: Run) -> None:
    """0: a key on standard output, another every time; it needs no database."""
    first, second = (run("accounts", "new-key", DATABASE_URL="") for _ in range(2))
    assert first.returncode == second.returncode == 0
    assert first.stdout != second.stdout
    assert "rotate-keys" in first.stderr
    done = run("accounts", "list", CREDENTIALS_KEYS=f"{first.stdout.strip()},{second.stdout.strip()}")
    assert done.returncode == 0, done.stderr


def test_rotated(engine: Engine, keyed: Run, run: Run) -> None:
    """0: every row is under the first key, so that the old one can go; without credentials there is nothing to do."""
    assert keyed("accounts", "rotate-keys").stderr == "0 account(s) are under the first key.\n"
    store(engine, META, META_OWN)
    store(engine, GOOGLE, GOOGLE_OWN)
    fresh = run("accounts", "new-key").stdout.strip()
    set_at = [account(engine, one).credentials for one in (META, GOOGLE)]
    done = keyed("accounts", "rotate-keys", CREDENTIALS_KEYS=f"{fresh} {KEY}")
    assert (done.returncode, done.stderr) == (0, "2 account(s) are under the first key.\n")
    assert [one and one.set_at for one in set_at] == [
        stored and stored.set_at for stored in (account(engine, one).credentials for one in (META, GOOGLE))
    ]
    assert checked(lambda *arguments: keyed(*arguments, CREDENTIALS_KEYS=fresh))[META]["verdict"] == "ok"
    assert "no key in CREDENTIALS_KEYS is theirs" in checked(keyed, META, code=6)[META]["found"]


def test_what_no_key_opens_stays(engine: Engine, keyed: Run, run: Run) -> None:
    """6: it is named and left as it is, and the others are done."""
    fresh = run("accounts", "new-key").stdout.strip()
    store(engine, META, META_OWN, key=fresh)
    store(engine, GOOGLE, GOOGLE_OWN)
    before = account(engine, META)
    done = keyed("accounts", "rotate-keys")
    assert done.returncode == 6
    assert done.stderr.startswith("1 account(s) are under the first key.\nError: 1 account(s) are left as they were.")
    assert META in done.stderr
    assert account(engine, META) == before
    none = keyed("accounts", "rotate-keys", CREDENTIALS_KEYS="")
    assert (none.returncode, none.stderr.count("CREDENTIALS_KEYS is not set here")) == (6, 2)


def test_the_doctor_looks_at_credentials(engine: Engine, keyed: Run, run: Run) -> None:
    """Ok, a warning for an old key, a fault for what cannot be read. An account with its own needs no other key."""
    store(engine, META, META_OWN)

    def found(code: int = 0, **changed: str) -> dict[str, dict[str, str]]:
        done = keyed("doctor", "--output", "json", **changed)
        assert done.returncode == code, done
        return {row["about"]: row for row in json.loads(done.stdout)}

    assert found()["credentials"]["found"] == "1 ad account(s) with credentials of their own, 1 key(s) set"
    assert found(META_ACCESS_TOKEN="")["API keys"]["verdict"] == "ok"
    assert found(6, GOOGLE_ADS_CLIENT_ID="")["API keys"]["verdict"] == "fault"
    fresh = run("accounts", "new-key").stdout.strip()
    old = found(CREDENTIALS_KEYS=f"{fresh},{KEY}")["credentials"]
    assert (old["verdict"], META in old["found"]) == ("warning", True)
    assert "rotate-keys" in old["advice"]
    assert "the others may go" in found(CREDENTIALS_KEYS=f"{KEY},{fresh}")["credentials"]["found"]
    for keys in ("", fresh):
        unreadable = found(6, CREDENTIALS_KEYS=keys)["credentials"]
        assert (unreadable["verdict"], META in unreadable["found"]) == ("fault", True)


def test_the_shell_completes_accounts(engine: Engine, keyed: Run) -> None:
    """Those that begin so, and are there."""

    def completed(words: str) -> list[str]:
        asked = {"_AUTOMATION_CLI_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        return [line.split(",", 1)[1] for line in keyed(**asked).stdout.splitlines() if line]

    assert completed("automation-cli accounts pause m") == [META]
    assert completed("automation-cli accounts check meta-acme ") == [GOOGLE, META]
    assert keyed("accounts", "remove", META, "--yes").returncode == 0
    assert completed("automation-cli accounts pause m") == []
