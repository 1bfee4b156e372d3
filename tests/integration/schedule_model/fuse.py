"""Trouble at a point where a process touches Redis or PostgreSQL: it dies, stands still, or a server is away."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What happens at the point."""

    CRASH = "crash"  # the process is dead
    FREEZE = "freeze"  # it stands still, as soon as it holds no transaction
    HOLD = "hold"  # it stands still with whatever it has locked
    BLIP = "blip"  # the server is away, or its answer is lost
    OUTAGE = "outage"  # the server is away until the end of the step


@dataclass(frozen=True)
class Trouble:
    """Before every operation there is a point, before every commit, and after everything. Points count from 1."""

    kind: Kind
    at: int


class Crash(BaseException):
    """The process is dead: nobody catches this, and nothing of it reaches a server any more."""


class Fuse:
    """Stands around everything that leaves one process. Its threads may be many, its trouble is one."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._open = threading.local()
        self._trouble: Trouble | None = None
        self._passed = 0
        self._busy = 0
        self._away: type[Exception] | None = None
        self._still = False
        self.dead = False

    @property
    def standing_still(self) -> bool:
        """Whether the process stands still, and nothing of it is on its way to a server."""
        with self._turn:
            return self._still and (self._busy == 0 or (self._trouble is not None and self._trouble.kind is Kind.HOLD))

    @property
    def holds(self) -> bool:
        """Whether it stands still inside a transaction."""
        return self.standing_still and self._busy > 0

    def arm(self, trouble: Trouble | None) -> None:
        """Chooses the trouble of the step that begins now, and counts its points anew."""
        with self._turn:
            self._trouble, self._passed, self._away = trouble, 0, None

    def thaw(self, *, dead: bool = False) -> None:
        """Lets a process that stands still go on without trouble, or dies."""
        with self._turn:
            self._trouble, self._still = None, False
            self.dead = self.dead or dead
            self._turn.notify_all()

    @contextmanager
    def operation(self, away: type[Exception]) -> Iterator[None]:
        """One round trip, or one transaction; `away` is what the process sees when the server is not there."""
        self.point(away)
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)
        self.point(away)

    def point(self, away: type[Exception]) -> None:
        """Where the trouble may come."""
        with self._turn:
            self._passed += 1
            trouble = self._trouble
            if trouble and self._passed >= trouble.at:
                self._meet(trouble, away)
            while self._still and (self._depth() == 0 or (trouble is not None and trouble.kind is Kind.HOLD)):
                self._turn.wait()
            if self.dead:
                raise Crash

    def _meet(self, trouble: Trouble, away: type[Exception]) -> None:
        exactly = self._passed == trouble.at
        match trouble.kind:
            case Kind.CRASH:
                self.dead = True
            case Kind.FREEZE | Kind.HOLD:
                self._still = True
            case Kind.BLIP if exactly:
                raise away("the model says so")
            case Kind.OUTAGE:
                self._away = self._away or away
                if away is self._away:
                    raise away("the model says so, until the end of the step")

    def _count(self, by: int) -> None:
        with self._turn:
            self._open.depth = self._depth() + by
            self._busy += by

    def _depth(self) -> int:
        depth: int = getattr(self._open, "depth", 0)
        return depth
