"""Everything that `up` starts, in order, and takes down in the opposite order, however it ends."""

import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, closing, suppress

from services.automation_cli.installation import add_demo_accounts, settle_kind, take_rules_in
from services.automation_cli.refusals import TooFewChecks
from services.automation_cli.rule_advice import plan_day_anew
from services.automation_cli.running import announce, withdraw
from services.automation_cli.up.data_folder import fresh_log
from services.automation_cli.up.ground import Ground
from services.automation_cli.up.interruption import Interrupted, Interruption
from services.automation_cli.up.named_servers import reach_postgresql, reach_redis
from services.automation_cli.up.preparation import Prepared, prepare
from services.automation_cli.up.sandbox_ready import wait_for_sandbox
from services.automation_cli.up.settings import UpSettings
from services.automation_cli.up.stage import Stage, choose_view
from services.automation_cli.up.summary import summary_of
from services.automation_cli.up.summary_file import write_summary
from services.automation_cli.up.supervisor import Supervisor
from services.automation_cli.up.watch import Watch
from services.automation_cli.up.wiring import service_commands
from services.automation_cli.up.wish import Wish
from weathertrigger.broker import connect_redis
from weathertrigger.environment import secret_values
from weathertrigger.errors import StorageError
from weathertrigger.logs import configure_logs
from weathertrigger.storage import activity
from weathertrigger.storage.database import Database
from weathertrigger.storage.migrate import migrate

_LOOK_EVERY_S = 0.3


def run_everything(wish: Wish, ground: Ground, environ: Mapping[str, str], interruption: Interruption) -> None:
    """Runs until the wish is fulfilled or the end is asked for. No service is left running, whatever is raised.

    Raises:
        WeatherTriggerError, ClickException: one sentence for the user.
        Interrupted: the end was asked for before everything was started.
    """
    prepared = prepare(wish, ground, environ)
    _keep_log(ground, prepared)
    with ExitStack() as stack:
        stage = Stage(choose_view(wish, ground, interruption), ground.events)
        stack.callback(stage.close)
        database_url, redis_url = _server_urls(ground, prepared.settings, interruption)
        database = stack.enter_context(closing(Database(database_url, application_name="weathertrigger up")))
        migrate(database)
        settle_kind(database, ground.real_keys)
        watch = Watch(database, database.run(activity.starting_point))
        environment = {**prepared.world, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
        announce(ground.folder, environment)
        stack.callback(withdraw, ground.folder)
        interruption.check()
        started = time.monotonic()
        early: Interrupted | TooFewChecks | None = None
        try:
            with Supervisor(service_commands(ground.folder, environment), ground.events.put):
                if ground.has_sandbox:
                    _await_sandbox(ground, database, interruption)
                stage.say(take_rules(prepared, database, redis_url))
                _follow(wish, watch, stage, interruption)
                stage.say("stopping")
        except (Interrupted, TooFewChecks) as reason:
            early = reason
        _sum_up(wish, watch, stage, time.monotonic() - started)  # when nobody is at work any more
        if early:
            raise early


def _server_urls(ground: Ground, settings: UpSettings, interruption: Interruption) -> tuple[str, str]:
    """Where PostgreSQL and Redis are, as soon as both answer."""
    if settings.database_url:
        reach_postgresql(settings.database_url)
    if settings.redis_url:
        reach_redis(settings.redis_url)
    database_url = interruption.result_of(ground.database_url) if ground.database_url else settings.database_url
    redis_url = interruption.result_of(ground.redis_url) if ground.redis_url else settings.redis_url
    return str(database_url), str(redis_url)


def _await_sandbox(ground: Ground, database: Database, interruption: Interruption) -> None:
    wait_for_sandbox(ground.sandbox_port, ground.folder / "logs" / "sandbox.log", interruption)
    add_demo_accounts(database)


def take_rules(prepared: Prepared, database: Database, redis_url: str) -> str:
    """Takes the file in and plans the day's calls for all rules; gives a sentence about what became of them."""
    sentence = "rules: as they are"
    if prepared.file is not None:
        namespace = prepared.settings.redis_namespace
        with connect_redis(redis_url) as redis:
            applied = take_rules_in(database, redis, namespace, prepared.file, prepared.platforms)
        counts = len(applied.added), len(applied.changed), len(applied.unchanged)
        sentence = "rules: {} new, {} changed, {} as before".format(*counts)
    with suppress(StorageError):  # the scheduler does it later
        plan_day_anew(database, prepared.settings)
    return sentence


def _follow(wish: Wish, watch: Watch, stage: Stage, interruption: Interruption) -> None:
    """Shows what happens until the wish is fulfilled or the end is asked for.

    Raises:
        TooFewChecks: the time is over first.
    """
    end = None if wish.seconds is None else time.monotonic() + wish.seconds
    complaint = None
    while not interruption.wait(_LOOK_EVERY_S):
        try:
            stage.show(watch.look())
            complaint = None
        except StorageError as error:
            stage.tell_events()
            if complaint is None:
                complaint = str(error)
                stage.say(f"{complaint} (looking again)")
        if wish.checks is not None and watch.checks_seen >= wish.checks:
            return
        if end is not None and time.monotonic() > end:
            if wish.checks is not None:
                raise TooFewChecks(
                    f"Only {watch.checks_seen} of {wish.checks} checks were recorded within {wish.seconds:g} s."
                )
            return


def _sum_up(wish: Wish, watch: Watch, stage: Stage, seconds: float) -> None:
    totals = watch.final_totals()
    stage.end_with(totals)
    if wish.summary:
        write_summary(wish.summary, summary_of(totals, seconds=seconds, restarts=stage.processes.restarts))


def _keep_log(ground: Ground, prepared: Prepared) -> None:
    """Our own lines go to a file like those of the services; an error nobody caught stays on the terminal."""
    stream = fresh_log(ground.folder, "up").open("w", encoding="utf-8")
    configure_logs("up", level=prepared.settings.log_level, stream=stream, secrets=secret_values(prepared.settings))
    sys.excepthook = sys.__excepthook__
