"""`automation-cli`: what a person or a script does with WeatherTrigger.

Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 5 conflict, 6 degraded (a server or a service cannot be reached).
"""

import signal

if __name__ == "__main__":
    # Until a command listens itself, Ctrl-C ends the process: an exception in the middle of an import could be lost.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import importlib
import os
import sys
from collections.abc import Mapping
from types import MappingProxyType

import click

from services.automation_cli.command_group import CommandGroup
from services.automation_cli.outages import is_of_redis, is_outage
from weathertrigger import __version__
from weathertrigger.errors import (
    ConstraintViolated,
    InvalidRules,
    NotThere,
    UsageError,
    WeatherTriggerError,
)

FAILURE, USAGE, NOT_FOUND, CONFLICT, DEGRADED = 1, 2, 3, 5, 6

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "up": "services.automation_cli.up.command:up",
        "setup": "services.automation_cli.setup:setup",
        "apply": "services.automation_cli.apply:apply",
        "export": "services.automation_cli.export:export",
        "validate": "services.automation_cli.validate:validate",
        "schema": "services.automation_cli.schema:schema",
        "rules": "services.automation_cli.rules.command:rules",
        "test-rule": "services.automation_cli.test_rule:test_rule",
        "backtest": "services.automation_cli.backtest.command:backtest",
        "schedule-rule": "services.automation_cli.schedule_rule:schedule_rule",
        "run-now": "services.automation_cli.run_now:run_now",
        "start-worker": "services.automation_cli.start_worker:start_worker",
        "stop-worker": "services.automation_cli.stop_worker:stop_worker",
        "list-workers": "services.automation_cli.list_workers:list_workers",
        "list-jobs": "services.automation_cli.list_jobs:list_jobs",
        "job-stats": "services.automation_cli.job_stats:job_stats_command",
        "executions": "services.automation_cli.executions:executions",
        "explain": "services.automation_cli.explain:explain",
        "changes": "services.automation_cli.changes:changes",
        "go-live": "services.automation_cli.modes:go_live",
        "dry-run": "services.automation_cli.modes:dry_run",
        "fields": "services.automation_cli.fields.command:fields",
        "undo": "services.automation_cli.undo:undo",
        "verify": "services.automation_cli.verify:verify",
        "audit": "services.automation_cli.audit:audit",
        "notifications": "services.automation_cli.notifications:notifications",
        "pause": "services.automation_cli.pausing.pause:pause",
        "resume": "services.automation_cli.pausing.resume:resume",
        "pauses": "services.automation_cli.pausing.pauses:pauses",
        "rate-limit-stats": "services.automation_cli.rate_limit_stats:rate_limit_stats",
        "users": "services.automation_cli.users:users",
        "places": "services.automation_cli.places:places",
        "accounts": "services.automation_cli.accounts.command:accounts",
        "dead-letters": "services.automation_cli.dead_letters:dead_letters",
        "doctor": "services.automation_cli.doctor.command:doctor",
        "migrate": "services.automation_cli.migrate:migrate",
        "completion": "services.automation_cli.completion:completion",
        "help": "services.automation_cli.help:help_command",
    }
)
"""Command to where it is; loaded when it is asked for, so that none waits for the imports of another."""


_EXIT_CODES = (
    "Data are on standard output, messages on standard error. Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, "
    "5 conflict, 6 degraded (a server or a service cannot be reached, or `doctor` found a fault)."
)


class _Commands(CommandGroup):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.command(cls=_Commands, epilog=_EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Changes ad campaigns when the weather changes."""


def exit_code(error: Exception) -> int:
    """Which kind of failure it was."""
    match error:
        case NotThere():
            return NOT_FOUND
        case UsageError():
            return USAGE
        case ConstraintViolated():
            return CONFLICT
        case _:
            return DEGRADED if is_outage(error) else FAILURE


def main() -> None:
    """Runs one command; an error that somebody can cause ends in one clear sentence and its exit code."""
    _replace_closed_streams()
    try:
        cli.main(standalone_mode=False, prog_name="automation-cli")
        sys.stdout.flush()
    except click.ClickException as error:
        _show(error)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(FAILURE)
    except InvalidRules as error:
        click.echo(f"Nothing was changed; {len(error.faults)} fault(s):", err=True)
        for fault in error.faults:
            click.echo(f"  {fault}", err=True)
        sys.exit(USAGE)
    except WeatherTriggerError as error:
        click.echo(str(error), err=True)
        sys.exit(exit_code(error))
    except UnicodeEncodeError:  # what the command line holds that is no text
        click.echo("An argument is not text in UTF-8.", err=True)
        sys.exit(USAGE)
    except OSError as error:  # a disk that is full, a reader who left
        _discard_output()
        click.echo(f"Stopped: {error.strerror or error}.", err=True)
        sys.exit(FAILURE)
    except Exception as error:
        if not is_of_redis(error):
            raise
        click.echo(f"Redis cannot be used: {error}", err=True)
        sys.exit(DEGRADED)


def _show(error: click.ClickException) -> None:
    """In one sentence; a wrong usage with where to read on. A group without a command shows its help."""
    if not isinstance(error, click.UsageError) or isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    said = error.format_message()
    path = error.ctx.command_path if error.ctx else "automation-cli"
    click.echo(f"Error: {said}{'' if said.endswith('.') else '.'} `{path} --help` tells how it is used.", err=True)


def _replace_closed_streams() -> None:
    """Started with a closed output (`>&-`), the next socket would get its number, and be written to."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115  open to the end


def _discard_output() -> None:
    """What is left in the buffer must not complain again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
