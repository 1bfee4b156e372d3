"""The services of a fault run: several processes of each, started again whatever ends them."""

import os
import random
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, Signals

from services.automation_cli.up.supervisor import Command, Event, Happened, Supervisor
from services.automation_cli.worker_commands import PACE, STARTS, module, worker_argv
from tests.processes import wait_until

WORKERS = ("weather-fetcher", "rule-evaluator")
SERVICES = ("scheduler", *WORKERS)
_REPLICAS = 2
_AGAIN_AFTER_S = 0.1


class Fleet:
    """The running processes, called `scheduler-1`, `scheduler-2` and so on.

    Args:
        environment: of all of them.
        logs: folder of their output, a file for each.
        apart: what some have beyond that, by name.
        starts: what other than the service's own `start` its workers begin with.
        replicas: how many processes other than two, by service.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        logs: Path,
        apart: Mapping[str, Mapping[str, str]],
        starts: Mapping[str, str],
        replicas: Mapping[str, int] | None = None,
    ) -> None:
        self.kills = 0
        self._logs = logs
        self._pids: dict[str, int] = {}
        commands = [
            Command(
                name := f"{service}-{number}",
                _argv(service, starts),
                self.log(name),
                {**environment, **PACE, "WORKER_ID": name, **apart.get(name, {})},
            )
            for service in SERVICES
            for number in range(1, (replicas or {}).get(service, _REPLICAS) + 1)
        ]
        self.size = len(commands)
        self._supervisor = Supervisor(commands, self._note, lambda *_: _AGAIN_AFTER_S)

    def start(self) -> None:
        """Returns when each has a process."""
        self._supervisor.start()
        wait_until(lambda: len(self._pids) == self.size)

    def stop(self, patience_s: float = 10.0) -> None:
        """Ends them all, those that were stopped in their tracks too; what has not ended by then is killed."""
        for name in list(self._pids):
            self.signal(name, SIGCONT)
        self._supervisor.stop(patience_s)

    def log(self, name: str) -> Path:
        """Where that process writes."""
        return self._logs / f"{name}.log"

    def kill_one(self, chance: random.Random, *services: str) -> None:
        """`kill -9` of any process of these services that is there now."""
        there = sorted(name for name in self._pids if name.rpartition("-")[0] in services)
        if there:
            self.kill(chance.choice(there))

    def kill(self, name: str) -> None:
        """`kill -9`, children included."""
        self.signal(name, SIGKILL)
        self.kills += 1

    def pid(self, name: str) -> int | None:
        """Of its process; None between two."""
        return self._pids.get(name)

    def kill_all(self) -> None:
        """`kill -9` of every process at once."""
        for name in list(self._pids):
            self.signal(name, SIGKILL)

    def freeze(self, name: str) -> None:
        """SIGSTOP: it stays where it is, with its locks and its connections."""
        self.signal(name, SIGSTOP)

    def thaw(self, name: str) -> None:
        """SIGCONT: it goes on as if no time had passed."""
        self.signal(name, SIGCONT)

    def signal(self, name: str, number: Signals) -> None:
        """To the process and all that it has started."""
        with suppress(ProcessLookupError, KeyError):
            os.killpg(self._pids[name], number)

    def _note(self, event: Event) -> None:
        if event.happened is Happened.STARTED and event.pid is not None:
            self._pids[event.service] = event.pid
        elif event.happened is Happened.ENDED:
            self._pids.pop(event.service, None)


def _argv(service: str, starts: Mapping[str, str]) -> list[str]:
    if service == "scheduler":
        return list(module("services.scheduler"))
    return [starts.get(service, word) if word == STARTS[service] else word for word in worker_argv(service)]
