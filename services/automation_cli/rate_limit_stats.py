"""`automation-cli rate-limit-stats`: how much of each service's limits is used, and what else holds calls back."""

import click
from redis import RedisError

from services.automation_cli.connections import Settings, connect_database, read_cli_settings
from services.automation_cli.output import Row, output_option, say, show
from services.automation_cli.watching import watch_option
from weathertrigger.broker import connect_redis
from weathertrigger.call_limits import call_limits
from weathertrigger.operations.limit_stats import (
    Counted,
    Gates,
    Limits,
    LimitStats,
    count_calls,
    limit_stats,
    read_gates,
)
from weathertrigger.rule_files.durations import spoken

_COLUMNS = (
    *("service", "account", "window", "used", "limit", "left", "oldest_out_at"),
    *("cool_down_until", "cool_down_why", "breaker", "breaker_since", "waiting"),
)


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
    with connect_database(settings).transaction() as tx:
        counted = count_calls(tx, limits)
    found = limit_stats(limits, counted, _gates(settings, limits, counted))
    show([_row(one) for one in found], output=output, columns=_COLUMNS, empty="")


def _gates(settings: Settings, limits: Limits, counted: Counted) -> Gates:
    """None if Redis is away, which is said."""
    try:
        with connect_redis(settings.redis_url) as redis:
            return read_gates(redis, settings.redis_namespace, limits, counted)
    except RedisError as error:
        say(f"Redis cannot be used: {error} These are the counts of PostgreSQL.")
        return {}


def _row(one: LimitStats) -> Row:
    gate = one.gate
    return {
        "service": one.service,
        "account": one.account,
        "window": spoken(one.limit.window),
        "used": one.used,
        "limit": one.calls,
        "left": one.left,
        "oldest_out_at": one.oldest_out_at,
        "cool_down_until": gate and gate.cool_down_until,
        "cool_down_why": gate and gate.cool_down_why,
        "breaker": gate and gate.breaker,
        "breaker_since": gate and gate.breaker_since,
        "in_flight": gate and gate.in_flight,
        "waiting": one.waiting,
    }
