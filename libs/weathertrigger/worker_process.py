"""Dramatiq's command line with its main process's lines in our form: `python -m weathertrigger.worker_process`.

    python -m weathertrigger.worker_process rule-evaluator services.rule_evaluator.worker:start

is `dramatiq services.rule_evaluator.worker:start` with one process, as many threads as WORKER_MAX_CONCURRENT_JOBS says
and the time to stop of WORKER_GRACEFUL_SHUTDOWN_TIMEOUT; options that are given go before these. `dramatiq` works too,
but its main process writes lines of its own kind between the JSON of its workers. It loads no code of the service.

Exit codes: 0 after SIGTERM or SIGINT when what ran was finished in time; any other end is not 0.
"""

import os
import sys
from dataclasses import dataclass
from datetime import timedelta

from dramatiq.cli import main as run_dramatiq
from dramatiq.cli import make_argument_parser

from weathertrigger.environment import read_settings
from weathertrigger.errors import SettingsError
from weathertrigger.logs import configure_logs
from weathertrigger.settings import LOG_FORMAT, LOG_LEVEL, WORKER_GRACEFUL_SHUTDOWN_TIMEOUT, WORKER_MAX_CONCURRENT_JOBS


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the main process is told: how it logs, and how its workers run."""

    log_level: str = LOG_LEVEL.field()
    log_format: str = LOG_FORMAT.field()
    max_concurrent_jobs: int = WORKER_MAX_CONCURRENT_JOBS.field()
    graceful_shutdown_timeout: timedelta = WORKER_GRACEFUL_SHUTDOWN_TIMEOUT.field()

    def options(self) -> list[str]:
        """As Dramatiq's command line says them."""
        shutdown_ms = self.graceful_shutdown_timeout // timedelta(milliseconds=1)
        threads = str(self.max_concurrent_jobs)
        return ["--processes", "1", "--threads", threads, "--worker-shutdown-timeout", str(shutdown_ms)]


def main() -> int:
    """Runs until the workers end; the exit code is Dramatiq's."""
    service, *arguments = sys.argv[1:]
    try:
        settings = read_settings(Settings, os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    configure_logs(service, level=settings.log_level, form=settings.log_format)
    parser = make_argument_parser()  # type: ignore[no-untyped-call]  # Dramatiq's command line is not typed
    code: int = run_dramatiq(parser.parse_args(["--skip-logging", *settings.options(), *arguments]))  # type: ignore[no-untyped-call]  # idem
    return code


if __name__ == "__main__":
    sys.exit(main())
