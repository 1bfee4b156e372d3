"""The rules, places and fields of the model: rules share fields, with priorities, a tie, and every kind of ending."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.integration import rule_documents
from tests.integration.rule_documents import Document
from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName
from weathertrigger.domain.weather import place_at

PLACES = (place_at(40.69, -74.17), place_at(52.52, 13.4), place_at(48.85, 2.35))

A, B = Carrier("ad_set/23848", FieldName.DAILY_BUDGET), Carrier("ad_set/23868", FieldName.DAILY_BUDGET)
S, T = Carrier("ad_set/23847", FieldName.STATUS), Carrier("ad_set/23858", FieldName.STATUS)
FOUND = {A: "8000", B: "3000", S: "paused", T: "enabled"}
PLAIN = (A, S)
"""The fields on which every ending is what was found: nothing but the last verdicts decides them."""

Targets = Mapping[Carrier, tuple[str, str]]
"""By field what a rule sets, and its `otherwise`."""


@dataclass(frozen=True)
class Script:
    """A rule as people last said it. `gives_up` are fields that it does not target any more."""

    targets: Targets
    place: int
    every: str
    priority: int
    above: float = 0.5
    release: float | None = None
    enabled: bool = True
    mode: str = "live"
    gives_up: frozenset[Carrier] = frozenset()

    def is_live_on(self, carrier: Carrier) -> bool:
        return self.enabled and self.mode == "live" and carrier in self.targets and carrier not in self.gives_up

    def document(self, rule_id: str) -> Document:
        when: Document = {"metric": "rain", "above": self.above, "unit": "mm/h"}
        if self.release is not None:
            when["release"] = self.release
        place = PLACES[self.place]
        return rule_documents.rule(
            rule_id,
            *[_target(carrier, *said) for carrier, said in self.targets.items() if carrier not in self.gives_up],
            when=when,
            place={"latitude": place.latitude, "longitude": place.longitude},
            every=self.every,
            priority=self.priority,
            enabled=self.enabled,
            mode=self.mode,
        )

    def edited(self, change: Mapping[str, object]) -> "Script":
        return replace(self, **change)  # type: ignore[arg-type]  # the strategies choose what fits


def _target(carrier: Carrier, expression: str, otherwise: str) -> Document:
    entity = carrier.resource.partition("/")[2]
    then = otherwise if otherwise in {"baseline", "leave"} else {"status": otherwise}
    if carrier.field is FieldName.STATUS:
        return rule_documents.status(entity, expression, otherwise=then)
    return rule_documents.budget(entity, f"{expression} %", otherwise=then)


SCRIPTS: Mapping[str, Script] = {
    "ash": Script({A: ("+20", "baseline"), S: ("enabled", "baseline")}, place=0, every="5 min", priority=10),
    "birch": Script({A: ("+50", "baseline"), S: ("enabled", "paused")}, place=1, every="10 min", priority=5),
    "cedar": Script({A: ("-10", "baseline"), B: ("+30", "leave")}, place=1, every="5 min", priority=5, release=0.1),
    "dogwood": Script({B: ("-20", "leave"), T: ("enabled", "paused")}, place=2, every="10 min", priority=1),
    "elm": Script({T: ("paused", "baseline"), S: ("paused", "baseline")}, place=0, every="30 min", priority=7),
    "fir": Script(
        {A: ("+70", "baseline"), B: ("+70", "baseline"), T: ("paused", "enabled")},
        place=2,
        every="30 min",
        priority=20,
        mode="dry_run",
    ),
}
