"""C6: why a write that is wanted does not go out now: too soon, or sent too often without an answer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from weathertrigger.domain.change import AdField
from weathertrigger.errors import Rejected
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.rules.cool_downs import Held, Made, held
from weathertrigger.storage import changes
from weathertrigger.storage.database import Row, Transaction

_A_DAY = timedelta(days=1)  # longer than any cool-down, and any window in which a platform counts changes


@dataclass(frozen=True, slots=True)
class Pace:
    """So long between two raises of a field; so often a change is sent whose answer never comes."""

    cool_down: timedelta = timedelta(minutes=15)
    attempts: int = 10


@dataclass(frozen=True, slots=True)
class Restraint:
    """What is known of earlier calls for some fields, read under their locks."""

    pace: Pace
    platform: AdPlatform
    at: datetime
    made: Mapping[int, Sequence[Made]]
    unanswered: Mapping[int, Row]

    @classmethod
    def read(cls, tx: Transaction, pace: Pace, platform: AdPlatform, field_ids: Collection[int], at: datetime) -> Self:
        """Of these fields."""
        made = changes.calls_since(tx, field_ids, at - _A_DAY)
        return cls(pace, platform, at, made, changes.unanswered(tx, field_ids))

    def held(self, field: AdField, before: str, after: str) -> Held | None:
        """Semantics 24: until when this write waits, if it does."""
        return held(
            field,
            (before, after),
            self.made.get(field.id, ()),
            now=self.at,
            cool_down=self.pace.cool_down,
            limit=self.platform.change_limit(field.carrier),
        )

    def given_up(self, field: AdField) -> Rejected | None:
        """That the decision was sent often enough: what never answers would be sent for ever."""
        sent = self.unanswered.get(field.id)
        if sent is None or sent.attempts < min(self.pace.attempts, sent.most_attempts or self.pace.attempts):
            return None
        said = f"Given up after {sent.attempts} attempts that came to nothing; the last one ended so: {sent.error}"
        return Rejected(said, service=self.platform.name)
