"""From a look to families of metrics. Pure. No label has more values than there are services, accounts and windows."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from prometheus_client.core import GaugeMetricFamily

from services.scheduler.metrics.look import InPostgreSQL, InRedis
from weathertrigger.domain.change import ChangeState
from weathertrigger.operations.limit_stats import Limits, LimitStats, limit_stats
from weathertrigger.storage.incidents import IncidentKind
from weathertrigger.storage.worker_registry import SERVICES

_BREAKER_STATES = ("closed", "half-open", "open")
_OPEN_STATES = (ChangeState.PLANNED, ChangeState.CALLING, ChangeState.UNKNOWN)
Samples = Mapping[tuple[str, ...], float]
"""By the values of the labels."""
_LIMIT = ("service", "account", "window_seconds")


def families(limits: Limits, postgresql: InPostgreSQL | None, redis: InRedis | None) -> Iterator[GaugeMetricFamily]:
    """Everything that can be said; None is a server that is away."""
    there: Samples = {("postgresql",): postgresql is not None, ("redis",): redis is not None}
    yield _gauge(
        "up", "1 if this part could be asked, 0 if it is away; then what only it knows is missing.", there, "part"
    )
    if redis:
        yield from _gates(redis)
        yield from _schedule(redis)
    if postgresql:
        yield from _limits(limit_stats(limits, postgresql.counted, redis.gates if redis else {}))
        yield from _work(postgresql)


def _gates(redis: InRedis) -> Iterator[GaugeMetricFamily]:
    of_services = {service: gate for (service, account), gate in redis.gates.items() if not account}
    yield _gauge(
        "breaker_state",
        "1 for the state in which the circuit breaker of the service is.",
        {(service, state): gate.breaker == state for service, gate in of_services.items() for state in _BREAKER_STATES},
        *("service", "state"),
    )
    yield _gauge(
        "cool_down_seconds",
        "How long nothing is asked of the account, or of the service as a whole (account empty); 0: no cool-down.",
        {
            key: max(gate.cool_down_until - redis.clock, timedelta()).total_seconds() if gate.cool_down_until else 0
            for key, gate in redis.gates.items()
        },
        *("service", "account"),
    )
    yield _gauge(
        "calls_in_flight",
        "Calls that are being made.",
        {(service,): gate.in_flight for service, gate in of_services.items()},
        "service",
    )


def _limits(stats: Iterable[LimitStats]) -> Iterator[GaugeMetricFamily]:
    by_window = {(one.service, one.account or "", f"{one.limit.window.total_seconds():g}"): one for one in stats}
    yield _gauge(
        "calls_used",
        "Calls in the window that slides, of one account or of all together (account empty).",
        {key: one.used for key, one in by_window.items()},
        *_LIMIT,
    )
    yield _gauge(
        "calls_limit",
        "Calls that may be made in that window.",
        {key: one.calls for key, one in by_window.items() if one.calls is not None},
        *_LIMIT,
    )
    yield _gauge(
        "fields_waiting",
        "Fields of ads whose change waits for a later time.",
        {(one.service, one.account): one.waiting for one in by_window.values() if one.account},
        *("service", "account"),
    )


def _schedule(redis: InRedis) -> Iterator[GaugeMetricFamily]:
    yield _gauge("checks_scheduled", "Checks that have a bell.", {(): redis.bells.scheduled})
    yield _gauge("checks_due", "Bells that ring and that no scheduler has claimed.", {(): redis.bells.ringing})
    longest = redis.bells.longest.total_seconds()
    yield _gauge("checks_due_seconds", "How long the first of them has rung.", {(): longest})
    yield _gauge(
        "recent_checks",
        "Checks that were started, or recorded, in the last five minutes and the one that runs.",
        {(way,): spread.checks for way, spread in redis.lateness.items()},
        "way",
    )
    yield _gauge(
        "check_lateness_seconds",
        "How late those checks were; missing where there were none.",
        {
            (way, percentile): late / 1000
            for way, spread in redis.lateness.items()
            for percentile, late in (("50", spread.p50), ("99", spread.p99))
            if late is not None
        },
        *("way", "percentile"),
    )
    yield _gauge(
        "messages_waiting",
        "Messages that no worker has taken.",
        {(one.queue,): one.waiting for one in redis.queues},
        "queue",
    )
    yield _gauge(
        "messages_waiting_seconds",
        "How long the first of them has waited.",
        {(one.queue,): (one.oldest or timedelta()).total_seconds() for one in redis.queues},
        "queue",
    )


def _work(postgresql: InPostgreSQL) -> Iterator[GaugeMetricFamily]:
    yield _gauge(
        "workers_alive",
        "Workers that are there and not about to stop.",
        {(service,): postgresql.workers[service] for service in SERVICES},
        "service",
    )
    yield _gauge(
        "changes_open",
        "Changes of ads that are not finished.",
        {(state,): postgresql.changes.get(state, 0) for state in _OPEN_STATES},
        "state",
    )
    yield _gauge(
        "incidents_open",
        "Troubles that have begun and not ended.",
        {(kind,): postgresql.incidents[kind] for kind in IncidentKind},
        "kind",
    )
    yield _gauge("dead_letters", "Messages that nobody can work on.", {(): postgresql.dead_letters})


def _gauge(name: str, meaning: str, samples: Samples, *labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"weathertrigger_{name}", meaning, labels=labels)
    for values, sample in samples.items():
        family.add_metric(values, sample)
    return family
