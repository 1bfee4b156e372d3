"""Dramatiq's command line with its main process's lines in our form: `python -m weathertrigger.worker_process`.

    python -m weathertrigger.worker_process rule-evaluator services.rule_evaluator.worker:start --processes 2

is `dramatiq services.rule_evaluator.worker:start --processes 2`, which works too, but there the main process writes
lines of its own kind between the JSON of its workers. The main process loads no code of the service.
"""

import os
import sys
from dataclasses import dataclass

from dramatiq.cli import main as run_dramatiq
from dramatiq.cli import make_argument_parser

from weathertrigger.environment import read_settings
from weathertrigger.errors import SettingsError
from weathertrigger.logs import configure_logs
from weathertrigger.settings import LOG_FORMAT, LOG_LEVEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the main process is told: how it logs."""

    log_level: str = LOG_LEVEL.field()
    log_format: str = LOG_FORMAT.field()


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
    code: int = run_dramatiq(parser.parse_args(["--skip-logging", *arguments]))  # type: ignore[no-untyped-call]  # idem
    return code


if __name__ == "__main__":
    sys.exit(main())
