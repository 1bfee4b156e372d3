"""`automation-cli start-worker NAME [THREADS]`: workers in the foreground, until they are stopped."""

import sys

import click

from services.automation_cli.connections import environment_here
from services.automation_cli.foreground import Foreground
from services.automation_cli.output import say
from services.automation_cli.whole_number import WholeNumber
from services.automation_cli.worker_commands import PACE, STARTS, worker_argv
from weathertrigger.environment import read_settings
from weathertrigger.errors import UsageError
from weathertrigger.setting_readers import word
from weathertrigger.worker import WorkerSettings

_ALL = tuple(STARTS)


# A negative number is a wrong number of threads, and not an option that does not exist.
@click.command("start-worker", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("threads", type=WholeNumber(1, 64), required=False)
@click.option("--service", type=click.Choice(_ALL), help="Only the worker of this service; otherwise all three.")
def start_worker(name: str, threads: int | None, service: str | None) -> None:
    """Run workers under NAME in the foreground: they fetch weather, evaluate rules and change ads.

    Each service is a process of its own, called NAME/service/1, that does THREADS jobs at the same time
    (WORKER_MAX_CONCURRENT_JOBS, 5 unless set). Ctrl-C, SIGTERM and `stop-worker NAME` let them finish what they are
    doing, for at most WORKER_GRACEFUL_SHUTDOWN_TIMEOUT (60 s unless set).

    Exit code 0 after that, 5 if a live worker has the name; any other end is not 0 either.
    """
    environment = _environment(name, threads)
    services = [service] if service else _ALL
    say(f"Starting {', '.join(f'{name}/{one}' for one in services)}; Ctrl-C stops.")
    sys.exit(Foreground([worker_argv(one) for one in services], environment).run())


def _environment(name: str, threads: int | None) -> dict[str, str]:
    """What the workers are given: our environment, and what it leaves open from the installation of this directory.

    Raises:
        SettingsError: with everything that is missing or wrong.
    """
    try:
        word(name)
    except ValueError as error:
        raise UsageError(f"The name of a worker {error}, and it is {name[:60]!r}.") from None
    environment = {**PACE, **environment_here(), "WORKER_ID": name}
    if threads is not None:
        environment["WORKER_MAX_CONCURRENT_JOBS"] = str(threads)
    read_settings(WorkerSettings, environment)
    return environment
