"""One process of the installation, with every step of the schedule in it: the only place that puts them together."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from redis import Redis
from redis.exceptions import RedisError

from services.rule_evaluator.evaluate_rules import EvaluateRulesStep
from services.scheduler.dispatch_due_checks import DispatchDueChecks
from services.scheduler.end_poison import EndPoison
from services.scheduler.sweep_schedule import SweepSchedule
from services.weather_fetcher.fetch_weather import FetchWeatherStep
from tests.integration.engine import AGES, NAMESPACE, WORKER, Engine, rule_file
from tests.integration.rule_documents import OWNER, Document
from tests.integration.schedule_model.fuse import Crash, Fuse, Trouble
from tests.integration.schedule_model.mail import Letter
from tests.integration.schedule_model.servers import FusedDatabase, FusedRedis
from tests.integration.schedule_model.sky import Sky
from tests.processes import wait_until
from weathertrigger.broker import enqueue_all, letter, make_broker
from weathertrigger.call_limits import CallLimit
from weathertrigger.domain.series import FORECAST_MAX_AGE
from weathertrigger.doorbells import ring_accounts
from weathertrigger.errors import WeatherTriggerError
from weathertrigger.limits.gate import Gate
from weathertrigger.messages import EvaluateRules, FetchWeather, load
from weathertrigger.operations.apply_rules import apply_rules
from weathertrigger.operations.reschedule import reschedule
from weathertrigger.queues import EVALUATION, ActorName
from weathertrigger.rule_files.durations import interval_from
from weathertrigger.schedule.bells import Bells
from weathertrigger.storage import checks
from weathertrigger.weather.chain import WeatherChain
from weathertrigger.weather.source import Source

_A_LOOK_AT_THE_CLOCK = 3.9
"""Seconds that pass between two looks of the fetcher: who waits for the call of somebody dead gives up soon."""


class Process:
    """Runs one step at a time, in a thread, with at most one trouble each; a dead one is not used again."""

    def __init__(self, engine: Engine, sky: Sky) -> None:
        self.fuse = Fuse()
        self.seconds = 0.0
        self._engine = engine
        self._database = FusedDatabase(engine.database, self.fuse)
        redis = FusedRedis(engine.redis, self.fuse)
        self._bells = bells = Bells(redis, NAMESPACE)
        self._broker = broker = make_broker(redis, NAMESPACE)
        self._looks = threading.local()
        self._thread = threading.Thread()
        self._broken: BaseException | None = None
        ring = partial(ring_accounts, broker)
        self.dispatch = DispatchDueChecks(
            self._database,
            bells,
            broker,
            NAMESPACE,
            end_poison=EndPoison(self._database, bells, ring, WORKER),
            monotonic=lambda: self.seconds,
            chance=lambda: 0.5,
        )
        self.sweep = SweepSchedule(self._database, bells)
        self._fetch = FetchWeatherStep(
            database=self._database,
            bells=bells,
            redis=redis,
            namespace=NAMESPACE,
            chain=WeatherChain([Source(sky, self._open_gate(redis))], AGES.max_age),
            publish=lambda message: enqueue_all(broker, [letter(ActorName.EVALUATE_RULES, EVALUATION, message)]),
            ages=AGES,
            monotonic=self._look,
        )
        self._evaluate = EvaluateRulesStep(
            database=self._database,
            bells=bells,
            ring=ring,
            worker_id=WORKER,
            max_age=AGES.max_age,
            forecast_max_age=FORECAST_MAX_AGE,
        )

    # --- what a process does

    def consume(self, message: Letter) -> None:
        """The step of the actor that the message is for."""
        if message.actor_name == ActorName.FETCH_WEATHER:
            self._fetch(load(FetchWeather, message.kwargs))
        else:
            self._evaluate(load(EvaluateRules, message.kwargs))

    def edit(self, *documents: Document) -> None:
        """`automation-cli apply`."""
        applied = apply_rules(self._database, rule_file(*documents), self._engine.by_account, worker_id=WORKER)
        self._bells.set(applied.next_checks)

    def run_now(self, rule_id: str) -> None:
        """`automation-cli run-now`."""
        with self._database.transaction() as tx:
            request = checks.request_run(tx, rule_id)
        if request and request.is_new:
            self._bells.set({rule_id: request.next_check_at})

    def schedule_rule(self, rule_id: str, every: str) -> None:
        """`automation-cli schedule-rule`."""
        done = reschedule(self._database, rule_id, owner=OWNER, interval=interval_from(every), worker_id=WORKER)
        self._bells.set(done.next_checks if done else {})

    # --- how it is run

    def run(self, step: Callable[[], object], trouble: Trouble | None = None) -> None:
        """Until the step has ended, or stands still."""
        self.start(step, trouble)
        self.wait()

    def start(self, step: Callable[[], object], trouble: Trouble | None = None) -> None:
        self.fuse.arm(trouble)
        self._thread = threading.Thread(target=self._guarded, args=(step,), daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Until the step has ended, or stands still. What no process survives fails the test."""
        while self._thread.is_alive() and not self.fuse.standing_still:
            self._thread.join(0.001)
        if self._broken:
            raise self._broken

    def wait_for_lock(self) -> None:
        """Until the step has ended, or waits for what another one has locked."""
        waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        wait_until(lambda: not self._thread.is_alive() or self._engine.value(waits))

    def thaw(self, *, dead: bool = False) -> None:
        """Goes on to the end of its step, or dies where it stands."""
        self.fuse.thaw(dead=dead)
        self.wait()

    def _open_gate(self, redis: Redis) -> Gate:
        """A gate that holds nothing back, however often there is no weather: it keeps a time of its own."""
        limits = (CallLimit(1_000_000, timedelta(hours=24)),)
        return Gate(
            redis=redis,
            namespace=NAMESPACE,
            database=self._database,
            service="openweather",
            limits=limits,
            failures=1_000_000,
            most_at_once=1_000_000,
        )

    def _guarded(self, step: Callable[[], object]) -> None:
        """As the actors and the rounds do: what the outside world did is no defect."""
        try:
            step()
        except (WeatherTriggerError, RedisError, Crash):
            pass
        except BaseException as error:  # noqa: BLE001 - it is raised again where the test sees it
            self._broken = error

    def _look(self) -> float:
        self._looks.seconds = getattr(self._looks, "seconds", 0.0) + _A_LOOK_AT_THE_CLOCK
        return float(self._looks.seconds)
