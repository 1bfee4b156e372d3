"""How much of each service's limits is used at one moment, and what else holds calls back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from redis import Redis

from weathertrigger.call_limits import CallLimit, own_limit, with_own
from weathertrigger.limits.keys import GateKeys
from weathertrigger.limits.state import GateState, read_state
from weathertrigger.storage import accounts, api_calls
from weathertrigger.storage.database import Row, Transaction

Limits = Mapping[str, Sequence[CallLimit]]
"""By service."""
Gates = Mapping[tuple[str, str], GateState]
"""By service and account; of the service as a whole where the account is ''."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What PostgreSQL knows: the calls by service, account and window (`storage/api_calls.py`), and by account the
    calls that it may make, where it has a limit of its own."""

    calls: Sequence[Row] = ()
    own: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LimitStats:
    """One limit of a service: of all accounts together (`account` is None), or what one account has used of it.

    Attributes:
        calls: how many there may be in the window; None for an account that has no limit of its own beside that of all.
        gate: None where no call went through it lately, or Redis is away.
        waiting: ad fields whose change waits for a later time.
    """

    service: str
    account: str | None
    limit: CallLimit
    calls: int | None
    used: int
    oldest_out_at: datetime | None
    gate: GateState | None
    waiting: int

    @property
    def left(self) -> int | None:
        """None where there is no limit."""
        return None if self.calls is None else max(self.calls - self.used, 0)


def count_calls(tx: Transaction, limits: Limits) -> Counted:
    """What is counted now."""
    windows = {service: [limit.window for limit in several] for service, several in limits.items()}
    return Counted(api_calls.used(tx, windows), {one.id: one.call_limit for one in accounts.all_accounts(tx)})


def read_gates(redis: Redis, namespace: str, limits: Limits, counted: Counted) -> Gates:
    """The gate of every service, and as it stands before each account that is counted."""
    pairs = [*((service, "") for service in limits), *((one.service, one.account_id) for one in counted.calls)]
    return {
        (service, account): read_state(
            redis, GateKeys(namespace, service, account), with_own(limits[service], counted.own.get(account))
        )
        for service, account in dict.fromkeys(pairs)
    }


def limit_stats(limits: Limits, counted: Counted, gates: Gates) -> list[LimitStats]:
    """Of each limit all accounts together, where they share it, then each account.

    A gate in use tells to the call what it decides by. Elsewhere the counts are told, which are by the hour: an hour
    that lies partly in the window counts whole, so that `used` may be too high and is never too low.
    """
    known = {key: gate for key, gate in gates.items() if gate.is_known}
    return [one for service in limits for one in _of(service, limits[service], counted, known)]


def _of(service: str, limits: Sequence[CallLimit], counted: Counted, gates: Gates) -> Iterator[LimitStats]:
    for limit in limits:
        calls = [one for one in counted.calls if (one.service, one.window_length) == (service, limit.window)]
        if not limit.per_account:
            yield _stats(service, None, limit, calls, gates.get((service, "")))
        for one in calls:
            if one.account_id:
                has_own = own_limit(limits, counted.own.get(one.account_id))
                mine = has_own if has_own and has_own.window == limit.window else limit
                gate = gates.get((service, one.account_id))
                yield _stats(service, one.account_id, mine, [one], gate, limited=mine.per_account)


def _stats(
    service: str,
    account: str | None,
    limit: CallLimit,
    calls: Sequence[Row],
    gate: GateState | None,
    *,
    limited: bool = True,
) -> LimitStats:
    used, oldest_out_at = _used(limit, calls, gate if limited else None)
    return LimitStats(
        service=service,
        account=account,
        limit=limit,
        calls=limit.calls if limited else None,
        used=used,
        oldest_out_at=oldest_out_at,
        gate=gate,
        waiting=sum(one.waiting for one in calls),
    )


def _used(limit: CallLimit, calls: Sequence[Row], gate: GateState | None) -> tuple[int, datetime | None]:
    """What is used, and when the oldest of it leaves: from the gate if it is in use, else from the counts."""
    for one in gate.limits if gate else ():
        if one.limit == limit:
            return one.used, one.oldest_out_at
    oldest = min((one.oldest_out_at for one in calls if one.oldest_out_at), default=None)
    return sum(one.used for one in calls), oldest
