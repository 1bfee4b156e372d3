"""Counts the recorded checks against the slots that ought to be, and shares no code with the engine.

Every time is whole milliseconds since the epoch.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

VERDICTS = frozenset({"met", "not_met"})


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which a rule had one grid.

    Attributes:
        begun: the earliest and the latest moment at which it may have begun; slots begin after it.
        ended: the same of its end, which belongs to it; None while it lasts.
        outcomes: what may come of its checks.
    """

    rule_id: str
    interval: int
    begun: tuple[int, int]
    ended: tuple[int, int] | None = None
    outcomes: frozenset[str] = VERDICTS

    def required(self, until: int) -> Iterator[int]:
        """The slots that must be recorded if everything until then is."""
        last = until if self.ended is None else min(self.ended[0], until)
        slot = self.begun[1] - (self.begun[1] - _phase(self.rule_id, self.interval)) % self.interval
        while (slot := slot + self.interval) <= last:
            yield slot

    def contains(self, slot: int) -> bool:
        """Whether a check for that time may belong to it."""
        return self.begun[0] < slot and (self.ended is None or slot <= self.ended[1])

    def has_slot(self, slot: int) -> bool:
        """Whether that time is on its grid."""
        return (slot - _phase(self.rule_id, self.interval)) % self.interval == 0


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row of a slot check: what it is for (a range, if `first` is earlier), when it was done, what came of it."""

    rule_id: str
    first: int
    slot: int
    at: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the slots. The faults say the rule and the time."""

    required: int
    rows: int
    ranges: int
    faults: Mapping[str, Sequence[str]]
    outcomes: Counter[str]
    lateness: Sequence[int]

    def late(self, percent: float) -> int:
        """So many ms late at most were so many percent of the rows (nearest rank), the first slot of each counted."""
        rank = -(-len(self.lateness) * percent // 100)
        return self.lateness[max(int(rank) - 1, 0)] if self.lateness else 0

    @property
    def found(self) -> dict[str, list[str]]:
        """The faults that there are; of each kind the first few."""
        return {kind: list(which[:5]) for kind, which in self.faults.items() if which}

    def __str__(self) -> str:
        counted = ", ".join(f"{kind} {len(which)}" for kind, which in self.faults.items())
        came = ", ".join(f"{outcome} {count}" for outcome, count in sorted(self.outcomes.items()))
        late = ", ".join(f"p{percent} {self.late(percent) / 1000:.2f} s" for percent in (50, 99, 100))
        return f"{self.required} slots, {self.rows} rows ({self.ranges} ranges): {counted}; {came}; late {late}"


def account(spans: Sequence[Span], rows: Sequence[Recorded], until: int) -> Account:
    """Joins the slots until then with the rows. A fault is one of these:

    missing: a slot that no row stands for;
    repeated: a slot that several rows stand for;
    off grid: a row, or the begin of its range, that is no slot of the rule's grid at that time;
    extra: a row for a time at which the rule had no grid, or for a rule that is not known;
    early: a row that was recorded before its time;
    wrong: a row with an outcome that cannot be.
    """
    by_rule: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_rule[span.rule_id].append(span)
    faults: dict[str, list[str]] = {kind: [] for kind in ("missing", "repeated", "off grid", "extra", "early", "wrong")}
    covered: Counter[tuple[str, int]] = Counter()
    for row in rows:
        fault, slots = _look_at(row, by_rule[row.rule_id])
        covered.update((row.rule_id, slot) for slot in slots)
        if fault:
            faults[fault].append(_named(row.rule_id, row.slot))
    required = {(span.rule_id, slot) for span in spans for slot in span.required(until)}
    faults["missing"] += [_named(*slot) for slot in sorted(required - covered.keys())]
    faults["repeated"] += [_named(*slot) for slot, times in covered.items() if times > 1]
    outcomes = Counter(row.outcome for row in rows)
    lateness = sorted(row.at - row.first for row in rows)
    return Account(len(required), len(rows), sum(row.first < row.slot for row in rows), faults, outcomes, lateness)


def _look_at(row: Recorded, spans: Sequence[Span]) -> tuple[str | None, range]:
    """What is wrong with the row itself, and the slots that it stands for."""
    around = [span for span in spans if span.contains(row.first) and span.contains(row.slot) and row.first <= row.slot]
    fitting = [span for span in around if span.has_slot(row.first) and span.has_slot(row.slot)]
    if not fitting:
        return "off grid" if around else "extra", range(0)
    slots = range(row.first, row.slot + 1, fitting[0].interval)
    if row.at < row.slot:
        return "early", slots
    return None if row.outcome in fitting[0].outcomes else "wrong", slots


def _phase(rule_id: str, interval: int) -> int:
    """Where in the interval the rule's slots lie: its id decides."""
    return int.from_bytes(hashlib.blake2b(rule_id.encode(), digest_size=8).digest(), "big") % interval


def _named(rule_id: str, slot: int) -> str:
    return f"{rule_id} at {slot}"
