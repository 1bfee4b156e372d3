"""Worker processes as people and supervisors start them, and what PostgreSQL and Redis say of them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis

from services.automation_cli.worker_commands import worker_argv
from tests.processes import is_alive, wait_until
from weathertrigger.broker import broker_namespace, enqueue_all, letter, make_broker
from weathertrigger.deliveries.keys import QueueKeys
from weathertrigger.messages import EvaluateRules, ReadingChecks
from weathertrigger.parent_death import tied_to_parent
from weathertrigger.queues import EVALUATION, ActorName
from weathertrigger.storage import worker_registry
from weathertrigger.storage.database import Database, Row

ROOT = Path(__file__).parents[2]
NAMESPACE = "life"
KEYS = QueueKeys(broker_namespace(NAMESPACE), EVALUATION)
PATIENCE_S = 30.0
_TOUCHY = ("KEY", "TOKEN", "URL", "WORKER_", "LOG_", "SENTRY_")


@dataclass
class Ground:
    """PostgreSQL and Redis, and the processes that stand on them; what still runs at the end is killed."""

    database: Database
    redis: Redis
    urls: Mapping[str, str]
    directory: Path
    _stack: ExitStack = field(default_factory=ExitStack)

    def start(self, argv: Sequence[str], **environment: str) -> "subprocess.Popen[str]":
        """In a process group of its own, as a shell does it; it does not outlive the run of the tests."""
        own = {name: text for name, text in os.environ.items() if not any(part in name for part in _TOUCHY)}
        process = subprocess.Popen(
            tied_to_parent(argv, signal.SIGTERM),
            env={**own, "PYTHONPATH": f"{ROOT}:{ROOT / 'libs'}", "dramatiq_worker_timeout": "100"}
            | {"REDIS_NAMESPACE": NAMESPACE, "OPENWEATHER_API_KEY": "none", **self.urls, **environment},
            cwd=self.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._stack.callback(_end, process)
        return process

    def worker(self, name: str, service: str = "rule-evaluator", **environment: str) -> "subprocess.Popen[str]":
        """A worker process of one service."""
        return self.start(worker_argv(service), WORKER_ID=name, **environment)

    def cli(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        return self.start([sys.executable, "-m", "services.automation_cli", *arguments], **environment)

    def workers(self, name: str) -> list[Row]:
        with self.database.transaction() as tx:
            return worker_registry.listed(tx, name)

    def statuses(self, name: str) -> list[str]:
        return [row.status if row.alive else f"{row.status}, gone" for row in self.workers(name)]

    def wait_for(self, name: str, *statuses: str) -> None:
        """Waits until the workers of this name have come so far."""
        wait_until(lambda: self.statuses(name) == list(statuses), patience_s=PATIENCE_S)

    def child(self, name: str) -> int:
        """The process that does the work."""
        (row,) = self.workers(name)
        return int(row.process_id)

    def send_jobs(self, count: int) -> None:
        """For a rule-evaluator; about a rule that is not there."""
        self.send(*["nobody"] * count)

    def send(self, *rule_ids: str) -> None:
        """A job for a rule-evaluator about each of these rules."""
        messages = [EvaluateRules(0, [ReadingChecks("p", None, {}, {one: 1})]) for one in rule_ids]
        letters = [letter(ActorName.EVALUATE_RULES, EVALUATION, message) for message in messages]
        enqueue_all(make_broker(self.redis, NAMESPACE), letters)

    def put_unreadable(self) -> None:
        """A message that is none, for a rule-evaluator."""
        self.redis.hset(KEYS.bodies, "unreadable", b"hello")
        self.redis.rpush(KEYS.waiting, "unreadable")

    @contextmanager
    def jobs_held(self) -> Iterator[ExitStack]:
        """No rule-evaluator comes to the end of a job in this block, or until the stack is closed."""
        with ExitStack() as held:
            tx = held.enter_context(self.database.transaction())
            tx.execute("LOCK TABLE automation_rules IN ACCESS EXCLUSIVE MODE")
            yield held

    def waiting(self) -> int:
        return self.redis.llen(KEYS.waiting)

    def close(self) -> None:
        self._stack.close()


@contextmanager
def ground_on(database_url: str, redis_url: str, client: Redis, directory: Path) -> Iterator[Ground]:
    """To the end of the block."""
    with closing(Database(database_url, application_name="weathertrigger tests", size=8)) as database:
        urls = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
        with closing(Ground(database, client, urls, directory)) as made:
            yield made


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Exit code and output of a process that ends by itself."""
    output, _ = process.communicate(timeout=PATIENCE_S)
    return process.returncode, output


def interrupt(process: "subprocess.Popen[str]") -> None:
    """Ctrl-C at a terminal: SIGINT for the whole group in front."""
    os.killpg(process.pid, signal.SIGINT)


def children(pid: int) -> list[str]:
    """The processes that it has started and not yet seen ending."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def gone(pid: int) -> bool:
    return not is_alive(pid)


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.kill()  # its children end with it
    process.communicate()
