"""`automation-cli rate-limit-stats`: how much of each service's limits is used, and what else holds calls back."""

from collections.abc import Iterator, Mapping, Sequence

import click
from redis import Redis, RedisError

from services.automation_cli.connections import Settings, connect_database, read_cli_settings
from services.automation_cli.output import Row, output_option, say, show
from services.automation_cli.watching import watch_option
from weathertrigger.broker import connect_redis
from weathertrigger.call_limits import CallLimit, call_limits, own_limit, with_own
from weathertrigger.limits.keys import GateKeys
from weathertrigger.limits.state import GateState, read_state
from weathertrigger.rule_files.durations import spoken
from weathertrigger.storage import accounts, api_calls
from weathertrigger.storage.database import Row as Used

_COLUMNS = (
    *("service", "account", "window", "used", "limit", "left", "oldest_out_at"),
    *("cool_down_until", "cool_down_why", "breaker", "breaker_since", "waiting"),
)

Limits = Mapping[str, Sequence[CallLimit]]
States = Mapping[tuple[str, str], GateState]
Own = Mapping[str, int | None]
"""By account the calls that it may make, where it has a limit of its own."""


@click.command("rate-limit-stats")
@watch_option
@output_option
def rate_limit_stats(output: str) -> None:
    """Show how many API calls were made in the window of each limit, how many are left, and what else holds calls back.

    Where calls go through a gate, the figures are those that it decides by, to the call; at `oldest_out_at` the oldest
    of them leaves the window. `cool down until`: the service asked for a pause, or refused the credentials, of the
    account or of all. `breaker`, of the whole service: open after failures in a row, half-open while one call tries
    again.

    Elsewhere calls are only counted, by the hour; an hour that lies partly in the window counts whole, so that `used`
    may be too high and is never too low. Calls that others make with the same keys are not known.

    Meta's limit is one of each account. The others are of all accounts together: the line without an account; an
    account of Google has one beside it only where `accounts set-limit` has given it one.
    `waiting`: ad fields whose change waits for a later time, as a rule because a platform asked for it.
    """
    settings = read_cli_settings()
    limits = call_limits(settings)
    windows = {service: [limit.window for limit in several] for service, several in limits.items()}
    with connect_database(settings).transaction() as tx:
        found = api_calls.used(tx, windows)
        own = {one.id: one.call_limit for one in accounts.all_accounts(tx)}
    states = _states(settings, limits, found, own)
    rows = [row for service in limits for row in _of(service, limits[service], found, states, own)]
    show(rows, output=output, columns=_COLUMNS, empty="")


def _states(settings: Settings, limits: Limits, found: Sequence[Used], own: Own) -> States:
    """The gates as they stand before each account, if they were used lately; none if Redis is away, which is said."""
    try:
        with connect_redis(settings.redis_url) as redis:
            return dict(_read_states(redis, settings.redis_namespace, limits, found, own))
    except RedisError as error:
        say(f"Redis cannot be used: {error} These are the counts of PostgreSQL.")
        return {}


def _read_states(
    redis: Redis, namespace: str, limits: Limits, found: Sequence[Used], own: Own
) -> Iterator[tuple[tuple[str, str], GateState]]:
    for service, account in dict.fromkeys((one.service, one.account_id) for one in found):
        allowed = with_own(limits[service], own.get(account))
        state = read_state(redis, GateKeys(namespace, service, account), allowed)
        if state.is_known:
            yield (service, account), state


def _of(service: str, limits: Sequence[CallLimit], found: Sequence[Used], states: States, own: Own) -> Iterator[Row]:
    """The lines of one service: of each limit all accounts together, where they share it, then each account."""
    for limit in limits:
        counted = [one for one in found if (one.service, one.window_length) == (service, limit.window)]
        if not limit.per_account:
            yield _row(service, None, limit, counted, states.get((service, "")))
        for one in counted:
            if one.account_id:
                state = states.get((service, one.account_id))
                has_own = own_limit(limits, own.get(one.account_id))
                mine = has_own if has_own and has_own.window == limit.window else limit
                yield _row(service, one.account_id, mine, [one], state, limited=mine.per_account)


def _row(
    service: str,
    account: str | None,
    limit: CallLimit,
    counted: Sequence[Used],
    state: GateState | None,
    *,
    limited: bool = True,
) -> Row:
    used, oldest_out_at = _used(limit, counted, state if limited else None)
    return {
        "service": service,
        "account": account,
        "window": spoken(limit.window),
        "used": used,
        "limit": limit.calls if limited else None,
        "left": max(limit.calls - used, 0) if limited else None,
        "oldest_out_at": oldest_out_at,
        "cool_down_until": state and state.cool_down_until,
        "cool_down_why": state and state.cool_down_why,
        "breaker": state and state.breaker,
        "breaker_since": state and state.breaker_since,
        "in_flight": state and state.in_flight,
        "waiting": sum(one.waiting for one in counted),
    }


def _used(limit: CallLimit, counted: Sequence[Used], state: GateState | None) -> tuple[int, object]:
    """What is used, and when the oldest of it leaves: from the gate if it is in use, else from the counts."""
    for one in state.limits if state else ():
        if one.limit == limit:
            return one.used, one.oldest_out_at
    oldest = min((one.oldest_out_at for one in counted if one.oldest_out_at), default=None)
    return sum(one.used for one in counted), oldest
