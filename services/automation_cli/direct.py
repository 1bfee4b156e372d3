"""`--direct`: the calls are made from here, by the step of ad-action as a process of its own, without a queue."""

import subprocess
from collections.abc import Collection

from services.automation_cli.connections import environment_here
from services.automation_cli.output import say
from services.automation_cli.worker_commands import module
from weathertrigger.parent_death import tied_to_parent

DIRECTLY = "With --direct it is done from here."
"""For a command that has the option, where Redis or every worker is down."""


def act_directly(concerned: Collection[str]) -> None:
    """Works off what is due on these accounts. What goes wrong is said; what is left stays due."""
    if not concerned:
        say("There is nothing to call for.")
        return
    say(f"Working off {', '.join(concerned)} from here.")
    argv = tied_to_parent(module("services.ad_action.direct", *concerned))
    done = subprocess.run(argv, env=environment_here(), check=False)  # noqa: S603  the command is ours
    if done.returncode:
        say("Not everything could be done from here; what is left stays due.")
