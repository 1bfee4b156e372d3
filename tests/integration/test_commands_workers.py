"""`list-workers`, `list-jobs`, `job-stats`, `start-worker` and `stop-worker` as commands: what they show and refuse."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.bad_messages import BREAKING, REFUSED, UNREADABLE
from tests.integration.commands import NOWHERE, Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.lives import Living, listed, living
from tests.integration.rule_documents import OWNER, rule
from tests.integration.workers import doorbell, forged
from tests.processes import wait_until
from weathertrigger.broker import enqueue_all, letter
from weathertrigger.deliveries.keys import QueueKeys
from weathertrigger.messages import EvaluateRules, FetchWeather, ReadingChecks
from weathertrigger.queues import EVALUATION, WEATHER, ActorName, actions_of
from weathertrigger.schedule.lateness import Way
from weathertrigger.storage import checks
from weathertrigger.storage.worker_registry import JobCounts, WorkerStatus


def answer(run: Run, *arguments: str) -> Any:
    """What a command says in JSON."""
    done = run(*arguments, "--output", "json")
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


def keys(engine: Engine) -> QueueKeys:
    return QueueKeys(engine.broker.namespace, actions_of("meta_ads"))


# --- list-workers


def test_no_workers(engine: Engine, run: Run) -> None:
    """0 and a hint; an empty list for scripts."""
    done = run("list-workers")
    assert (done.returncode, done.stdout) == (0, "")
    assert "There are no workers; `start-worker` starts some." in done.stderr
    assert answer(run, "list-workers") == []


def test_workers_of_every_kind(engine: Engine, run: Run) -> None:
    """Running, silent, stopped, lost, and lost but not yet written down; who lives stands first."""
    database = engine.database
    counts = JobCounts(succeeded=5, failed=2, expired=1, current=3)
    with living(database, Living("stopped/ad-action/1")):
        pass
    with (
        living(database, Living("z/ad-action/1", counts=counts)) as life,
        living(database, Living("silent/ad-action/1")),
    ):
        life.is_now(WorkerStatus.RUNNING)
        wait_until(lambda: listed(database, "z").status == "running")
        engine.execute(
            "INSERT INTO worker_registry (worker_id, service, host, process_id, status, heartbeat_ms, lost)"
            " VALUES ('dead', 's', 'h', 1, 'running', 100, false), ('lost', 's', 'h', 1, 'stopped', 100, true)"
        )
        engine.execute("UPDATE worker_registry SET requested_status = 'stopped' WHERE worker_id LIKE 'silent%%'")
        engine.execute(
            "UPDATE worker_registry SET last_heartbeat = last_heartbeat - %(ago)s, started_at = started_at - %(age)s"
            " WHERE worker_id LIKE 'silent%%'",
            ago=timedelta(seconds=61),
            age=timedelta(hours=49),
        )
        wait_until(lambda: not listed(database, "dead").alive)  # in PostgreSQL's first seconds nobody is given up yet
        found = answer(run, "list-workers")
        table = run("list-workers").stdout
    assert [(one["worker"], one["status"]) for one in found] == [
        ("silent/ad-action/1", "silent"),
        ("z/ad-action/1", "running"),
        ("dead", "lost"),
        ("lost", "lost"),
        ("stopped/ad-action/1", "stopped"),
    ]
    silent, running, *_ = found
    assert [running[name] for name in ("processed", "succeeded", "failed", "expired", "current")] == [7, 5, 2, 1, 3]
    assert (silent["asked_to_stop"], running["asked_to_stop"], running["alive"]) == (True, False, True)
    assert silent["uptime"].startswith("2 days, 1:00:")
    assert silent["uptime_seconds"] >= 49 * 3600
    assert next(line.split()[0] for line in table.splitlines() if "/" in line) == "silent/ad-action/1"


# --- list-jobs


def test_nothing_to_do(engine: Engine, run: Run) -> None:
    """0 and two sentences."""
    done = run("list-jobs")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "No job waits and none is being done.\nNo check is scheduled.\n"
    assert answer(run, "list-jobs") == {"jobs": [], "checks": []}


def test_jobs_of_every_kind(engine: Engine, run: Run) -> None:
    """What each is about, in the order of the flow; those of live workers as taken, with the worker's name."""
    waiting = [
        letter(ActorName.FETCH_WEATHER, WEATHER, FetchWeather(1, {"a": {"r": 1, "s": 2}, "b": {"s": 2, "t": 3}})),
        letter(ActorName.EVALUATE_RULES, EVALUATION, EvaluateRules(1, [ReadingChecks("p", 1, {}, {"r": 1})])),
        doorbell("meta-acme"),
    ]
    enqueue_all(engine.broker, waiting)
    (taken,) = engine.redis.lrange(keys(engine).waiting, 0, -1)
    engine.redis.delete(keys(engine).waiting)
    engine.redis.sadd(keys(engine).taken_by("mine"), taken, "done meanwhile")
    enqueue_all(engine.broker, [doorbell("second")])
    with living(engine.database, Living(broker_id="mine")):
        jobs = answer(run, "list-jobs")["jobs"]
    assert [(one["queue"], one["state"], one["about"]) for one in jobs] == [
        ("weather", "waiting", "3 check(s) of 2 place(s)"),
        ("evaluation", "waiting", "1 check(s) of 1 place(s)"),
        ("actions.meta_ads", "taken", "account meta-acme"),
        ("actions.meta_ads", "waiting", "account second"),
    ]
    assert [one["worker"] for one in jobs] == [None, None, "shop-1/ad-action/1", None]
    assert all(0 <= one["age_seconds"] < 60 for one in jobs)


def test_jobs_that_nobody_would_send(engine: Engine, run: Run) -> None:
    """Whatever stands in a queue, it can be listed, as a table and as JSON."""
    odd = [*UNREADABLE, *BREAKING, *REFUSED, forged(kwargs={"account_id": "half \ud800"}), forged(kwargs=[])]
    odd += [forged(actor_name=name, kwargs={"places": 7, "readings": [1]}) for name in ActorName]
    for number, body in enumerate(odd):
        engine.redis.hset(keys(engine).bodies, b"\xff%d" % number, body)
        engine.redis.rpush(keys(engine).waiting, b"\xff%d" % number)
    found = answer(run, "list-jobs", "--limit", "1000")["jobs"]
    assert [one["job"] for one in found] == [rf"\xff{number}" for number in range(len(odd))]
    assert {one["age_seconds"] for one in found} == {None}
    assert found[0]["about"] == "not readable"
    assert run("list-jobs").returncode == 0


def test_checks_that_come(engine: Engine, run: Run) -> None:
    """Scheduled, due, or at work; the next one first, at most so many."""
    engine.apply(*(rule(name) for name in ("later", "due", "busy", "paused")))
    dues = engine.make_due("due", "busy")
    engine.redis.zadd(engine.bells.key, {"due": dues["due"], "busy": dues["busy"] + 15_000})
    engine.execute("UPDATE automation_rules SET enabled = false WHERE id = 'paused'")
    found = answer(run, "list-jobs")["checks"]
    assert {one["rule"]: one["state"] for one in found} == {"busy": "at work", "due": "due", "later": "scheduled"}
    assert [one["next_check"] for one in found] == sorted(one["next_check"] for one in found)
    assert (found[-1]["rule"], found[-1]["owner"], found[-1]["every"]) == ("later", OWNER, "30 min")
    assert len(answer(run, "list-jobs", "--limit", "1")["checks"]) == 1


# --- job-stats


def test_numbers_of_the_engine(engine: Engine, run: Run) -> None:
    """The same in the table and as JSON; nothing where there is nothing."""
    empty = answer(run, "job-stats")
    assert empty["lateness"]["started"] == {"checks": 0, "p50_ms": None, "p99_ms": None}
    assert (empty["scheduled"], empty["due"], empty["due_for_seconds"], empty["checks_per_minute"]) == (0, 0, 0.0, 0.0)
    engine.apply(rule("wet"), rule("dry"))
    enqueue_all(engine.broker, [doorbell("a"), doorbell("b")])
    with engine.database.transaction() as tx:
        engine.bells.lateness(Way.RECORDED).add([timedelta(milliseconds=777)] * 12, checks.clock(tx))
    found = answer(run, "job-stats")
    assert found["scheduled"] == 2
    assert found["queues"]["actions.meta_ads"]["waiting"] == 2
    assert list(found["queues"]) == ["weather", "evaluation", "actions.meta_ads", "actions.google_ads"]
    assert found["lateness"]["recorded"]["checks"] == 12
    assert found["lateness"]["recorded"]["p99_ms"] == pytest.approx(777, rel=0.051)
    table = run("job-stats")
    assert table.returncode == 0
    for word in ("scheduled", "actions.meta_ads", "recorded", str(found["lateness"]["recorded"]["p99_ms"])):
        assert word in table.stdout


# --- refusals


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("start-worker", "worker-1", "0"), 2, "0 is not in the range"),
        (("start-worker", "worker-1", "-1"), 2, "-1 is not in the range"),
        (("start-worker", "worker-1", "x"), 2, "'x' is not a"),
        (("start-worker", "worker-1", "--service", "scheduler"), 2, "'scheduler' is not one of"),
        (("start-worker", "a/b"), 2, "'a/b'"),
        (("stop-worker", "nobody"), 3, "There is no worker 'nobody'"),
        (("list-jobs", "--limit", "0"), 2, "0 is not in the range"),
    ],
)
def test_bad_input(run: Run, arguments: tuple[str, ...], code: int, word: str) -> None:
    """One sentence and the code."""
    assert_refused(run(*arguments), code, word)


@pytest.mark.parametrize("command", [("job-stats",), ("stop-worker", "w")])
def test_without_postgresql(run: Run, command: tuple[str, ...]) -> None:
    """6."""
    assert_refused(run(*command, DATABASE_URL=f"postgresql://u:secret@{NOWHERE}/x"), 6, "PostgreSQL: ")


@pytest.mark.parametrize("command", ["list-jobs", "job-stats"])
def test_without_redis(run: Run, command: str) -> None:
    """6; the workers can be listed all the same."""
    assert_refused(run(command, REDIS_URL=f"redis://{NOWHERE}/0"), 6, "Redis")
    assert run("list-workers", REDIS_URL=f"redis://{NOWHERE}/0").returncode == 0


def test_a_worker_that_does_not_stop(engine: Engine, run: Run) -> None:
    """1 when the time is over, with who it is and how much it does; the wish stays."""
    with living(engine.database, Living("busy/ad-action/1", counts=JobCounts(current=2))) as life:
        life.is_now(WorkerStatus.RUNNING)
        wait_until(lambda: listed(engine.database, "busy").current_jobs == 2)
        done = run("stop-worker", "busy", "--timeout", "0")
        assert listed(engine.database, "busy").requested_status == "stopped"
    assert done.returncode == 1
    assert "Still running after 0 s, with 2 job(s) at work: busy/ad-action/1." in done.stderr
