"""`automation-cli dead-letters`: what nobody could work on is looked at, sent again, or dropped; never lost unseen."""

import json
import os
import pty
import subprocess
import sys
from typing import Any

import dramatiq
import pytest

from tests.integration.commands import NOWHERE, Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import META
from weathertrigger.broker import queue_key
from weathertrigger.messages import (
    VERSION,
    ApplyChanges,
    EvaluateRules,
    FetchWeather,
    Message,
    ReadingChecks,
    dump,
)
from weathertrigger.queues import EVALUATION, WEATHER, ActorName, actions_of
from weathertrigger.storage import dead_letters

_ACTIONS = actions_of("meta_ads")
_GOOD = json.dumps(dump(ApplyChanges(META)))


def dead(engine: Engine, *, queue: str = _ACTIONS, actor: str = "apply_changes", body: str = _GOOD) -> int:
    """A dead letter; its id."""
    with engine.database.transaction() as tx:
        dead_letters.add(tx, queue=queue, actor=actor, body=body, reason="[red]No[/] \x1b[2J place.")
    letter: int = engine.value("SELECT max(id) FROM dead_letters")
    return letter


def kept(engine: Engine) -> list[int]:
    return [row.id for row in engine.rows("SELECT id FROM dead_letters ORDER BY id")]


def sent(engine: Engine, queue: str) -> list[tuple[str, dict[str, Any]]]:
    """Actor and payload of every message that waits in the queue."""
    key = queue_key("wt-test", queue)
    messages = [
        dramatiq.Message.decode(engine.redis.hget(f"{key}.msgs", one))  # type: ignore[arg-type]  # it is there
        for one in engine.redis.lrange(key, 0, -1)
    ]
    return [(one.actor_name, one.kwargs) for one in messages]


def test_the_newest_first(engine: Engine, run: Run) -> None:
    """0: of all queues or of one, at most so many; whatever stands in a reason, it does not reach the terminal."""
    first, second = dead(engine), dead(engine, queue=WEATHER)
    listed = json.loads(run("dead-letters", "list", "--output", "json").stdout)
    assert [one["id"] for one in listed] == [second, first]
    assert listed[1]["body"] == _GOOD
    for options, expected in ((("--limit", "1"), [second]), (("--queue", _ACTIONS), [first]), (("--queue", "x"), [])):
        found = json.loads(run("dead-letters", "list", *options, "--output", "json").stdout)
        assert [one["id"] for one in found] == expected
    assert r"[red]No[/] \x1b[2J place." in run("dead-letters", "list").stdout
    assert run("dead-letters", "list", "--queue", "x").stderr == "There are no dead letters.\n"


def test_everything_of_one(engine: Engine, run: Run) -> None:
    """0: the body as one reads it, or as it came when it is no JSON; 3 for one that is not there."""
    good, bad = dead(engine), dead(engine, body="[" * 100_000)
    shown = run("dead-letters", "show", str(good))
    assert shown.returncode == 0, shown.stderr
    assert f'"account_id": "{META}"' in shown.stdout
    assert json.loads(run("dead-letters", "show", str(good), "--output", "json").stdout)["body"] == _GOOD
    assert run("dead-letters", "show", str(bad)).returncode == 0
    assert_refused(run("dead-letters", "show", "999"), 3, "There is no dead letter 999")


@pytest.mark.parametrize(
    ("actor", "queue", "message"),
    [
        (ActorName.FETCH_WEATHER, WEATHER, FetchWeather(17, {"40.69,-74.17": {"wet": 5}})),
        (ActorName.EVALUATE_RULES, EVALUATION, EvaluateRules(17, [ReadingChecks("p", 1, {}, {"wet": 5})])),
        (ActorName.APPLY_CHANGES, _ACTIONS, ApplyChanges(META)),
    ],
)
def test_sent_again(engine: Engine, run: Run, actor: ActorName, queue: str, message: Message) -> None:
    """0: it waits in its queue for its actor, and is forgotten; the others stay."""
    letter, other = dead(engine, actor=actor, queue=queue, body=json.dumps(dump(message))), dead(engine)
    done = run("dead-letters", "retry", str(letter))
    assert (done.returncode, done.stderr) == (0, "1 sent again.\n")
    assert sent(engine, queue) == [(actor, dump(message))]
    assert kept(engine) == [other]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"body": f'{{"version": {VERSION}}}'}, "ApplyChanges: {'account_id'"),
        ({"body": '{"version": 999, "account_id": "meta-acme"}'}, "version"),
        ({"body": '[["positional"], {"version": 1}]'}, "ApplyChanges"),
        ({"body": '{"version": 1, "acc'}, "not JSON"),
        ({"body": "[" * 100_000}, "not JSON"),
        ({"actor": "frobnicate"}, "there is no actor 'frobnicate'"),
        ({"queue": "actions.nobody"}, "takes nothing from the queue 'actions.nobody'"),
    ],
)
def test_what_would_only_die_again(engine: Engine, run: Run, changed: dict[str, str], words: str) -> None:
    """5: it stays and is not sent; what can be sent is sent all the same."""
    bad, good = dead(engine, **changed), dead(engine)
    assert_refused(run("dead-letters", "retry", "--all"), 5, f"Dead letter {bad} stays: ", words, "1 of 2")
    assert kept(engine) == [bad]
    assert good not in kept(engine)
    assert sent(engine, _ACTIONS) == [("apply_changes", dump(ApplyChanges(META)))]


def test_nothing_is_lost_without_redis(engine: Engine, run: Run) -> None:
    """6: what could not be sent stays."""
    letter = dead(engine)
    assert_refused(run("dead-letters", "retry", "--all", REDIS_URL=f"redis://{NOWHERE}/0"), 6, "Redis cannot be used")
    assert kept(engine) == [letter]


def test_dropped(engine: Engine, run: Run) -> None:
    """0 with --yes; without it and without a terminal 2, and they stay."""
    first, second, third = (dead(engine) for _ in range(3))
    assert_refused(run("dead-letters", "drop", str(first)), 2, "--yes")
    assert kept(engine) == [first, second, third]
    done = run("dead-letters", "drop", str(first), str(first), "--yes")
    assert (done.returncode, done.stderr, kept(engine)) == (0, "1 dropped.\n", [second, third])
    assert run("dead-letters", "drop", "--all", "--yes").returncode == 0
    assert kept(engine) == []
    for command in ("retry", "drop"):
        assert run("dead-letters", command, "--all").returncode == 0


@pytest.mark.parametrize(("answer", "code", "left"), [(b"n\n", 1, 1), (b"y\n", 0, 0)])
def test_a_person_is_asked(engine: Engine, environment: dict[str, str], answer: bytes, code: int, left: int) -> None:
    """On a terminal it asks before it drops anything."""
    letter = dead(engine)
    person, terminal = pty.openpty()
    os.write(person, answer)
    command = [sys.executable, "-m", "services.automation_cli", "dead-letters", "drop", str(letter)]
    done = subprocess.run(command, env=environment, stdin=terminal, capture_output=True, text=True, check=False)
    os.close(person)
    os.close(terminal)
    assert (done.returncode, len(kept(engine))) == (code, left), done.stderr
    assert "Drop 1 dead letter(s) for good?" in done.stderr


@pytest.mark.parametrize("command", ["retry", "drop"])
def test_letters_that_are_not_there(engine: Engine, run: Run, command: str) -> None:
    """3, and nothing is done to the others; 2 for none, for what is no id, and for an id beside --all."""
    letter = dead(engine)
    assert_refused(run("dead-letters", command, str(letter), "999"), 3, "There is no dead letter 999")
    for wrong in ([], ["x"], ["0"], ["99999999999999999999"], [str(letter), "--all"]):
        assert_refused(run("dead-letters", command, *wrong), 2)
    assert (kept(engine), sent(engine, _ACTIONS)) == ([letter], [])
