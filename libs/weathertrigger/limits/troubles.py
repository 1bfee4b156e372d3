"""Tells people once when a service is in trouble, and once when it is over, however many workers meet it.

PostgreSQL knows which troubles there are. So that it need not be asked at every call, a marker in Redis says that one
was told. It runs out, and every process looks for itself now and then: a lost marker leaves no trouble open.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from redis import Redis

from weathertrigger.errors import StorageError
from weathertrigger.limits.breaker import closed_for
from weathertrigger.limits.keys import GateKeys
from weathertrigger.storage import incidents
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.incidents import IncidentKind

log = logging.getLogger(__name__)

SETTLED = timedelta(minutes=5)
"""So long a breaker has to be closed before its trouble is over."""
_TOLD = timedelta(minutes=15)
_LOOK_SECONDS = 300.0
_ENDED: Mapping[IncidentKind, str] = MappingProxyType(
    {
        IncidentKind.BREAKER_OPEN: "answers again",
        IncidentKind.UNAUTHORISED: "accepts the credentials again",
        IncidentKind.QUOTA_EXHAUSTED: "has calls left again",
    }
)
TROUBLES = tuple(_ENDED)
"""What a gate can tell people of."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and with which account or with the whole service."""

    keys: GateKeys
    kind: IncidentKind

    @property
    def marker(self) -> str:
        """The key that shows that it was told."""
        return self.keys.told(self.kind)


def end_of_breakers(redis: Redis, database: Database, namespace: str) -> int:
    """Ends the troubles of breakers that have been closed for long enough: a service that works now and then is one
    trouble, told once. Asked by a round, since some services are called seldom. Gives how many."""
    with database.transaction() as tx:
        services = [one.subject for one in incidents.listed(tx) if one.kind == IncidentKind.BREAKER_OPEN]
    ended = 0
    for service in services:
        keys = GateKeys(namespace, service)
        closed = closed_for(redis, keys.breaker)
        if closed is not None and closed >= SETTLED:
            message = f"{service} {_ENDED[IncidentKind.BREAKER_OPEN]}."
            with database.transaction() as tx:
                ended += incidents.end(tx, IncidentKind.BREAKER_OPEN, service, message)
            redis.delete(keys.told(IncidentKind.BREAKER_OPEN))
    return ended


class Troubles:
    """The troubles of one service, of these kinds only. If PostgreSQL is away, that is logged and no more: the call
    matters, and it is told later."""

    def __init__(
        self,
        redis: Redis,
        database: Database,
        *,
        kinds: Collection[IncidentKind] = TROUBLES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._database = database
        self._kinds = kinds
        self._monotonic = monotonic
        self._looked: dict[GateKeys, float] = {}

    def of(self, keys: GateKeys) -> tuple[Trouble, ...]:
        """Those that a call of this account may meet."""
        return tuple(Trouble(level, kind) for level in keys.levels for kind in self._kinds)

    def begin(self, keys: GateKeys, kind: IncidentKind, said: str) -> None:
        """The trouble has begun, or goes on."""
        marker = keys.told(kind)
        if kind not in self._kinds or not self._redis.set(marker, b"1", nx=True, px=_TOLD):
            return
        message = f"{keys.subject} {said}"
        try:
            self._database.run(lambda tx: incidents.begin(tx, kind, keys.subject, message))
        except StorageError as error:
            log.warning("trouble could not be told", extra={"subject": keys.subject, "error": str(error)})
            self._redis.delete(marker)

    def possible(self, keys: GateKeys, told: Collection[Trouble]) -> set[Trouble]:
        """Those that may have to be ended: the ones that were told, and now and then all."""
        now = self._monotonic()
        found = set(told)
        for trouble in self.of(keys):
            if trouble.keys not in self._looked or now - self._looked[trouble.keys] >= _LOOK_SECONDS:
                found.add(trouble)
        self._looked.update({trouble.keys: now for trouble in found - set(told)})
        return found

    def end(self, troubles: Collection[Trouble]) -> None:
        """These are over, if there were any."""
        if not troubles:
            return

        def end_all(tx: Transaction) -> None:
            for one in troubles:
                subject = one.keys.subject
                incidents.end(tx, one.kind, subject, f"{subject} {_ENDED[one.kind]}.")

        try:
            self._database.run(end_all)
        except StorageError as error:
            subjects = sorted({one.keys.subject for one in troubles})
            log.warning("end of trouble could not be told", extra={"subject": ", ".join(subjects), "error": str(error)})
            return
        self._redis.delete(*(one.marker for one in troubles))
