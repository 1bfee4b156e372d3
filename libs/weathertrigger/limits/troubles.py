"""Tells people once when a service is in trouble, and once when it is over, however many workers meet it.

PostgreSQL knows which troubles there are. So that it need not be asked at every call, a marker in Redis says that one
was told. It runs out, and every process looks for itself now and then: a lost marker leaves no trouble open.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from types import MappingProxyType

from redis import Redis

from weathertrigger.errors import StorageError
from weathertrigger.limits.keys import GateKeys
from weathertrigger.storage import incidents
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.incidents import IncidentKind

log = logging.getLogger(__name__)

_TOLD = timedelta(minutes=15)
_LOOK_SECONDS = 300.0
_ENDED: Mapping[IncidentKind, str] = MappingProxyType(
    {
        IncidentKind.BREAKER_OPEN: "answers again",
        IncidentKind.UNAUTHORISED: "accepts the credentials again",
        IncidentKind.QUOTA_EXHAUSTED: "has calls left again",
    }
)


class Troubles:
    """The troubles of one service. If PostgreSQL is away, that is logged and no more: the call matters, and it is told
    later."""

    def __init__(self, redis: Redis, database: Database, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._database = database
        self._monotonic = monotonic
        self._looked: dict[str, float] = {}

    def begin(self, keys: GateKeys, kind: IncidentKind, said: str) -> None:
        """The trouble has begun, or goes on."""
        marker = keys.told(kind)
        if not self._redis.set(marker, b"1", nx=True, px=_TOLD):
            return
        message = f"{keys.subject} {said}"
        try:
            self._database.run(lambda tx: incidents.begin(tx, kind, keys.subject, message))
        except StorageError as error:
            log.warning("trouble could not be told", extra={"subject": keys.subject, "error": str(error)})
            self._redis.delete(marker)

    def possible(self, keys: GateKeys, told: Collection[IncidentKind]) -> set[IncidentKind]:
        """Those that may have to be ended: the ones that were told, and now and then all."""
        now = self._monotonic()
        looked = self._looked.get(keys.subject)
        if looked is not None and now - looked < _LOOK_SECONDS:
            return set(told)
        self._looked[keys.subject] = now
        return set(_ENDED)

    def end(self, keys: GateKeys, kinds: Collection[IncidentKind]) -> None:
        """These troubles are over, if there were any."""
        if not kinds:
            return

        def end_all(tx: Transaction) -> None:
            for kind in kinds:
                incidents.end(tx, kind, keys.subject, f"{keys.subject} {_ENDED[kind]}.")

        try:
            self._database.run(end_all)
        except StorageError as error:
            log.warning("end of trouble could not be told", extra={"subject": keys.subject, "error": str(error)})
            return
        self._redis.delete(*(keys.told(kind) for kind in kinds))
