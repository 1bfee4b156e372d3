"""Faults that a test orders: which requests they strike, and how often. How each is played stands in `app.py`."""

import random
import re
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count


class FaultKind(StrEnum):
    """What goes wrong. Those of the second group let the request have its effect, the others do not."""

    STATUS = "status"  # the API's own error body with that HTTP status
    RATE_LIMIT = "rate_limit"  # the API's own way to say: too many, with `retry_after` and its word for the `limit`
    HTML = "html"  # a gateway's page with that HTTP status
    REDIRECT = "redirect"  # 302 to somewhere else on this server
    GARBAGE = "garbage"  # 200 and the type of JSON, but not JSON
    HUGE = "huge"  # 200 and 50 MB
    GZIP_BOMB = "gzip_bomb"  # 200 and a small body that unpacks to more than 50 MB
    HANG = "hang"  # never answers; the connection breaks after `seconds`
    RESET = "reset"  # the TCP connection is reset before anything was done
    LATE = "late"  # so too, and the request arrives when `POST /_sandbox/late/<n>` says so

    LATENCY = "latency"  # waits, then does and answers as usual: a client that gave up meets a late write
    RESET_AFTER_APPLYING = "reset_after_applying"  # done and journalled, but instead of an answer comes a reset
    MALFORMED = "malformed"  # done and journalled, but the body of the answer is cut in the middle
    BROKEN_STREAM = "broken_stream"  # so too, and ends with the sentence of a server that failed in the middle
    NAN = "nan"  # done and journalled, but every number of the answer is NaN


@dataclass(slots=True)
class Fault:
    """One order. `remaining` None means: until it is taken back. `seed` makes the chance repeatable."""

    service: str
    kind: FaultKind
    path: re.Pattern[str] | None = None
    method: str | None = None
    status: int = 503
    retry_after: int | None = None
    limit: str | None = None
    seconds: float | None = None
    probability: float = 1.0
    remaining: int | None = None
    seed: int | None = None
    id: int = 0
    struck: int = 0
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311  # nothing secret hangs on it

    def document(self) -> dict[str, object]:
        """As `GET /_sandbox/faults` shows it."""
        return {
            "id": self.id,
            "service": self.service,
            "kind": self.kind,
            "path": self.path.pattern if self.path else None,
            "method": self.method,
            "status": self.status,
            "retry_after": self.retry_after,
            "limit": self.limit,
            "seconds": self.seconds,
            "probability": self.probability,
            "remaining": self.remaining,
            "seed": self.seed,
            "struck": self.struck,
        }

    def strikes(self, service: str, method: str, path: str) -> bool:
        """Whether it falls on this request; a request that it could have struck uses up one draw of its chance."""
        return (
            self.service == service
            and self.remaining != 0
            and self.method in {None, method}
            and (self.path is None or self.path.search(path) is not None)
            and self.chance.random() < self.probability
        )


class Faults:
    """The orders in force. The oldest that strikes counts. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = count(1)
        self._faults: list[Fault] = []

    def order(self, fault: Fault) -> Fault:
        """Puts a fault in force, and gives it its number."""
        with self._lock:
            fault.id = next(self._ids)
            self._faults.append(fault)
        return fault

    def draw(self, service: str, method: str, path: str) -> Fault | None:
        """The fault that strikes this request, if one does; it is then counted."""
        with self._lock:
            for fault in self._faults:
                if fault.strikes(service, method, path):
                    fault.struck += 1
                    if fault.remaining is not None:
                        fault.remaining -= 1
                    return fault
        return None

    def in_force(self) -> list[Fault]:
        """Every order that was not taken back, used up ones too."""
        with self._lock:
            return list(self._faults)

    def take_back(self, fault_id: int | None = None) -> int:
        """Ends one fault, or all; gives how many."""
        with self._lock:
            kept = [fault for fault in self._faults if fault_id not in {None, fault.id}]
            ended = len(self._faults) - len(kept)
            self._faults = kept
        return ended
