"""How many values lie."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds."""

    median: float
    p99: float
    worst: float

    def document(self) -> dict[str, float]:
        """As JSON."""
        return {"p50": self.median, "p99": self.p99, "max": self.worst}

    def __str__(self) -> str:
        return f"median {self.median:6.1f} ms, p99 {self.p99:6.1f} ms, max {self.worst:6.1f} ms"


def spread_of(seconds: Iterable[float]) -> Spread:
    """Of at least one value."""
    ordered = sorted(1000 * one for one in seconds)
    return Spread(ordered[len(ordered) // 2], ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)], ordered[-1])
