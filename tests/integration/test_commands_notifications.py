"""`automation-cli notifications`: what people were told, when and about what."""

import json
from typing import Any

import pytest

from tests.integration.commands import Run, assert_refused
from tests.integration.engine import Engine
from weathertrigger.storage import incidents
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.incidents import IncidentKind
from weathertrigger.storage.notifications import notify

FIELD = "meta-acme ad_set/23848 daily_budget"


def told(run: Run, *arguments: str) -> list[Any]:  # Any: JSON
    """What the command says as JSON."""
    done = run("notifications", "--output", "json", *arguments)
    assert (done.returncode, done.stderr) == (0, ""), done
    listed: list[Any] = json.loads(done.stdout)
    return listed


def subjects(run: Run, *arguments: str) -> list[str]:
    """What the notifications are about, the newest first."""
    return [one["subject"] for one in told(run, *arguments)]


@pytest.fixture
def informed(engine: Engine) -> Engine:
    """People were told of a provider in trouble, of its end, of a held field and of a paused account, in this order."""

    def tell(tx: Transaction) -> None:
        incidents.begin(tx, IncidentKind.BREAKER_OPEN, "openweather", "openweather does not answer.")
        incidents.end(tx, IncidentKind.BREAKER_OPEN, "openweather", "openweather answers again.")
        notify(tx, kind="field_held", subject=FIELD, message=f"{FIELD}: a person has changed it.")
        notify(tx, kind="account_paused", subject="meta-acme", message="The ad account meta-acme is paused: \x1b[31m.")

    engine.database.run(tell)
    engine.rows("UPDATE notifications SET created_at = created_at - interval '3 hours' WHERE id <= 2 RETURNING id")
    return engine


@pytest.mark.usefixtures("informed")
def test_the_newest_comes_first(run: Run) -> None:
    """Semantics 20: what the user is told once is there to be read; in a table it moves no cursor."""
    newest, *others = told(run)
    assert newest.keys() == {"id", "at", "kind", "subject", "message"}
    assert (newest["kind"], newest["subject"]) == ("account_paused", "meta-acme")
    assert [one["kind"] for one in others] == ["field_held", "breaker_open_ended", "breaker_open"]
    assert subjects(run, "--limit", "2") == ["meta-acme", FIELD]
    table = run("notifications").stdout
    assert f"{FIELD}: a person has changed it." in " ".join(table.split())
    assert "\x1b" not in table


@pytest.mark.usefixtures("informed")
def test_only_what_is_asked_for(run: Run) -> None:
    """By kind or its beginning, by a part of what it is about, and by time; characters of SQL mean nothing."""
    assert subjects(run, "--kind", "breaker_open") == ["openweather", "openweather"]
    assert subjects(run, "--kind", "field_held") == [FIELD]
    assert subjects(run, "--about", "meta-acme") == ["meta-acme", FIELD]
    assert subjects(run, "--about", "23848", "--kind", "field") == [FIELD]
    assert subjects(run, "--since", "1h") == ["meta-acme", FIELD]
    assert told(run, "--about", "%") == told(run, "--kind", "%") == []
    assert run("notifications", "--about", "%").stderr == "Nobody was told anything of the kind.\n"


@pytest.mark.usefixtures("engine")
def test_nothing_to_tell_and_bad_input(run: Run) -> None:
    """An empty list is 0 and a sentence; a limit or a time that is none is 2."""
    assert told(run) == []
    assert run("notifications").stderr == "There was nothing to tell anybody yet.\n"
    assert_refused(run("notifications", "--limit", "0"), 2, "--limit")
    assert_refused(run("notifications", "--since", "yesterday"), 2, "neither a length of time")


@pytest.mark.usefixtures("informed")
def test_kinds_are_completed(run: Run) -> None:
    """Those that people were told of."""
    asked = {"_AUTOMATION_CLI_COMPLETE": "bash_complete", "COMP_WORDS": "automation-cli notifications --kind b"}
    done = run(COMP_CWORD="3", **asked)
    assert done.stdout.split() == ["plain,breaker_open", "plain,breaker_open_ended"]
