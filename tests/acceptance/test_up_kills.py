"""`kill -9` under `up`: of any service, of a server, of `up` itself."""

import os
from contextlib import closing
from pathlib import Path
from signal import SIGKILL

from services.automation_cli.running import environment_of
from tests.acceptance.up_process import SERVICES, up
from tests.processes import wait_until
from weathertrigger.storage import activity
from weathertrigger.storage.database import Database


def test_a_killed_process_is_said_and_started_again(tmp_path: Path) -> None:
    """Every service is killed once, then PostgreSQL: each death and each return is said, and checks go on. At last `up`
    itself is killed, and nothing outlives it."""
    with up(tmp_path) as running:
        running.wait_for(r"check .* met, ")
        for service in SERVICES:
            os.kill(running.pid_of(service), SIGKILL)
        for service in SERVICES:
            running.wait_for(rf"^{service} ended \(killed by signal 9\), starts again in 0\.2 s$")
            running.wait_for(rf"^{service} runs again \(process \d+\)$")
        os.kill(_postgresql(tmp_path), SIGKILL)
        running.wait_for(r"^PostgreSQL ended, starts again now$")
        running.wait_for(r"^PostgreSQL runs again \(process \d+\)$")
        _wait_for_checks(environment_of(tmp_path)["DATABASE_URL"])
        running.look_at_family()
        running.send(SIGKILL)
        running.wait()
        running.leaves_nothing(patience_s=20)  # the workers wait for a Redis that has died with it


def _postgresql(data: Path) -> int:
    return int((data / "postgresql" / "data" / "postmaster.pid").read_text().split()[0])


def _wait_for_checks(database_url: str) -> None:
    with closing(Database(database_url, application_name="test", size=1)) as database:
        before = database.run(activity.starting_point).execution_id
        wait_until(lambda: database.run(activity.starting_point).execution_id >= before + 6, patience_s=40)
