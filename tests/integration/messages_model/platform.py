"""The platform in memory, with workers that die around their calls, and with late writes told from those in time."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tests.integration.changes_model.platform import Died, Landed, Mood, PlatformInMemory
from weathertrigger.domain.change import Carrier, ChangeLimit
from weathertrigger.errors import Transient
from weathertrigger.platforms.port import Write, WriteAnswer


class Death(StrEnum):
    """Where the worker ends that makes a call."""

    BEFORE = "before its write arrives"
    AFTER = "after it has arrived"


Fate = Mood | Death
"""What becomes of a call that writes, or of the worker that makes it."""


@dataclass
class Platform(PlatformInMemory):
    """`leaving` happens once, just before the next write arrives. `overdue`: whoever calls now has been overtaken.

    `is_lost` says which values never land late: what people put back or pause cannot be told from them (semantics 20),
    and is the matter of the other model. So is how often a budget may be changed.
    """

    is_lost: Callable[[Carrier, str], bool] = lambda _, __: False
    came_late: Callable[[Carrier, str], None] = lambda _, __: None
    leaving: Callable[[], object] | None = None
    death: Death | None = None
    overdue: bool = False
    late: Counter[Carrier] = field(default_factory=Counter)
    answers: dict[str, frozenset[tuple[Carrier, str]]] = field(default_factory=dict)

    def meet(self, fate: Fate) -> None:
        """Calls that write end so from now on."""
        self.mood, self.death = (Mood.TAKEN, fate) if isinstance(fate, Death) else (fate, None)
        self.overdue = False

    @property
    def in_time(self) -> list[Landed]:
        """What changed a value, and came when it was waited for."""
        return [one for one in self.journal if one.before != one.after and not one.by_hand]

    def change_limit(self, carrier: Carrier) -> ChangeLimit | None:  # noqa: ARG002 - none has one
        return None

    def land(self, carrier: Carrier, value: str, *, by_hand: bool = False, late: bool = False) -> None:
        """`by_hand` marks in the journal what was not in time, for people have no hand in this model."""
        late = late or by_hand or self.overdue
        if late and self.is_lost(carrier, value):
            return
        before = self.values[carrier]
        super().land(carrier, value, by_hand=late, late=late)
        if late and before != value:
            self.late[carrier] += 1
        if late:
            self.came_late(carrier, value)

    def _answer(self, batch: Sequence[Write]) -> WriteAnswer:
        if self.leaving:
            leaving, self.leaving = self.leaving, None
            leaving()
        if self.death is Death.BEFORE:
            raise Died
        answer = super()._answer(batch)
        if self.death is Death.AFTER:
            raise Died
        if self.overdue and any(self.values[one.carrier] != one.value for one in batch):
            raise Transient("the answer was lost", service=self.name)
        if answer.request_id is None:
            return answer
        request_id = f"request-{len(self.answers) + 1}"
        self.answers[request_id] = frozenset((one.carrier, one.value) for one in batch)
        return replace(answer, request_id=request_id)
