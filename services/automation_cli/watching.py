"""`--watch`: a command that lists runs again and again, until Ctrl-C."""

import functools
import sys
from collections.abc import Callable
from typing import Any as Decorated  # click's decorators keep the signature only of what they do not know

import click

from services.automation_cli.outages import is_outage
from services.automation_cli.output import say, show_repeatedly
from services.automation_cli.up.interruption import Interruption
from services.automation_cli.whole_number import WholeNumber


def watch_option(command: Callable[..., Decorated]) -> Callable[..., Decorated]:
    """`--watch [SECONDS]` for a command that shows rows once. Ctrl-C and SIGTERM end it, with exit code 0. Of a
    server that goes away it is said, and it looks again; one that is away at the beginning is an error as ever."""

    @functools.wraps(command)
    def watched(*, watch: int | None, **parameters: object) -> None:
        if watch is None:
            command(**parameters)
            return
        interruption = Interruption()
        interruption.listen()
        show_repeatedly()
        has_shown = False
        while not interruption.is_asked():
            try:
                command(**parameters)
                has_shown = True
            except Exception as error:
                if not has_shown or not is_outage(error):
                    raise
                say(f"{error} (looking again)")
            sys.stdout.flush()
            interruption.wait(watch)

    return click.option(
        "--watch",
        is_flag=False,
        flag_value=2,
        type=WholeNumber(1, 86_400),
        metavar="[SECONDS]",
        help="Show it again every so many seconds (2 unless said), until Ctrl-C; JSON is then one document a line.",
    )(watched)
