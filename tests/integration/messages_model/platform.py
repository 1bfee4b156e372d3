"""The platform in memory, with writes that come late told from those that come in time."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.integration.changes_model.platform import Landed, PlatformInMemory
from weathertrigger.domain.change import Carrier
from weathertrigger.errors import Transient
from weathertrigger.platforms.port import Write, WriteAnswer

Late = Callable[[Carrier, str], None]


@dataclass
class Platform(PlatformInMemory):
    """`overdue`: whoever calls now has been overtaken. `is_lost` says which values never land late: what people put
    back or pause cannot be told from them (semantics 20), and is the matter of the other model."""

    is_lost: Callable[[Carrier, str], bool] = lambda _, __: False
    came_late: Late = lambda _, __: None
    overdue: bool = False
    late: Counter[Carrier] = field(default_factory=Counter)
    answers: dict[str, frozenset[tuple[Carrier, str]]] = field(default_factory=dict)

    @property
    def in_time(self) -> list[Landed]:
        """What changed a value, and came when it was waited for."""
        return [one for one in self.journal if one.before != one.after and not one.by_hand]

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
        answer = super()._answer(batch)
        if self.overdue and any(self.values[one.carrier] != one.value for one in batch):
            raise Transient("the answer was lost", service=self.name)
        if answer.request_id:
            self.answers[answer.request_id] = frozenset((one.carrier, one.value) for one in batch)
        return answer
