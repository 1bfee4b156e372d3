"""`--direct`: the calls are made from here, by the step of ad-action as a process of its own, without a queue."""

import subprocess

from services.automation_cli.connections import environment_here
from services.automation_cli.output import say
from services.automation_cli.worker_commands import module
from weathertrigger.parent_death import tied_to_parent
from weathertrigger.storage import pauses
from weathertrigger.storage.database import Database
from weathertrigger.storage.pauses import Covered


def act_directly(database: Database, covered: Covered) -> None:
    """Works off what is due on every account that has something in the scope. What goes wrong is said; what is left
    stays due."""
    with database.transaction() as tx:
        concerned = pauses.accounts_covered(tx, covered)
    if not concerned:
        say("There is nothing to call for.")
        return
    say(f"Working off {', '.join(concerned)} from here.")
    argv = tied_to_parent(module("services.ad_action.direct", *concerned))
    done = subprocess.run(argv, env=environment_here(), check=False)  # noqa: S603  the command is ours
    if done.returncode:
        say("Not everything could be done from here; what is left stays due.")
