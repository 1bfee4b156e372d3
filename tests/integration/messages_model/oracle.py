"""What the platform should show, told by a sequential engine: it takes one verdict or edit after the other, and looks
at the platform after each. It knows nothing of messages, workers, leases or answers.

The verdicts of one rule come in the order of its slots, which is checked; those of different rules, and edits, in the
order in which they were reached. A rule's word is its last verdict, so for what the platform shows at last the order
between rules does not matter; it does for how often the value has to change on the way.

Where also a sequential engine may look or not between two events (has the field come to rest before the next rule takes
it?), each is a *world* (`changes_model.oracle`). On the fields that are `PLAIN` it makes no difference, and the value
is read off the last verdicts alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tests.integration.changes_model.oracle import Word, World, busiest, decided, landed_late, looked, meant, said
from tests.integration.messages_model.scene import FOUND, PLACES, Script
from tests.integration.messages_model.sky import Rain
from weathertrigger.domain.change import Carrier

_NO_DATA = timedelta(hours=6) // timedelta(milliseconds=1)


@dataclass(frozen=True)
class Verdict:
    """A check of a rule by a reading of that place (None: there was none), and the rain that it knew."""

    rule_id: str
    place_id: str | None
    rain: Rain
    met: bool | None


@dataclass(frozen=True)
class Edit:
    """A rule is as its script says now; None: it is deleted."""

    rule_id: str
    script: Script | None


@dataclass(frozen=True)
class LateLanding:
    """A write of ours arrives that nobody waits for any more."""

    carrier: Carrier
    value: str


Event = Verdict | Edit | LateLanding


Told = tuple[int, str, str, Carrier]
"""When, the loser, the winner, and on which field."""


@dataclass(frozen=True)
class Standing:
    """A rule as the oracle knows it."""

    script: Script
    state: str = "unjudged"
    was_on: bool = False
    blind_since: int | None = None
    data_lost: bool = False
    deleted: bool = False


@dataclass
class Sequential:
    """One event after the other. `decisions` are the changes of who wins a field, each with the losers in their order;
    `told` is what checks say of fields on which another rule wins; `faults` is what cannot be."""

    rules: dict[str, Standing] = field(default_factory=dict)
    worlds: dict[Carrier, set[World]] = field(
        default_factory=lambda: {one: {World(value, value, value)} for one, value in FOUND.items()}
    )
    decisions: dict[Carrier, list[tuple[str, ...]]] = field(default_factory=lambda: {one: [] for one in FOUND})
    told: set[Told] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def happens(self, at: int, together: Sequence[Event]) -> None:
        """What one transaction brought."""
        before = {carrier: self.live_on(carrier) for carrier in FOUND}
        won = {carrier: said(self.words(carrier)) for carrier in FOUND}
        stood = dict(self.rules)
        for event in together:
            match event:
                case LateLanding(carrier, value):
                    late = {landed_late(one, value, is_status=False) for one in self.worlds[carrier]}
                    self.worlds[carrier] |= late
                case Edit(rule_id, script):
                    self.rules[rule_id] = self._edited(self.rules.get(rule_id), script)
                case Verdict(rule_id):
                    self._judge(rule_id, event, at)
        for carrier in FOUND:
            words, ceased = self.words(carrier), frozenset(before[carrier] - self.live_on(carrier))
            self.worlds[carrier] = {decided(one, words, ceased) for one in self.worlds[carrier]}
            if said(words) != won[carrier]:
                self.decisions[carrier].append(tuple(_active(words)[1:]))
            turned = {one.rule_id for one in together if isinstance(one, Verdict) and self._turned(one.rule_id, stood)}
            winner, *losers = _active(words) or [""]
            self.told |= {(at, loser, winner, carrier) for loser in losers if loser in turned}
        self._look()

    def _judge(self, rule_id: str, verdict: Verdict, at: int) -> None:
        known = self.rules.get(rule_id)
        if known is None or known.deleted or not known.script.enabled:
            self.faults.append(f"{at}: a verdict on {rule_id}, which is not there: {verdict}")
        else:
            self.rules[rule_id] = self._judged(known, verdict, at)

    def _edited(self, known: Standing | None, script: Script | None) -> Standing:
        if script is None:
            assert known is not None
            return replace(known, deleted=True)
        if known is None or known.deleted or not known.script.enabled:
            return Standing(script)
        asks = [(one.above, one.release, one.place) for one in (known.script, script)]
        return replace(known, script=script, was_on=known.was_on and asks[0] == asks[1])

    def _judged(self, known: Standing, event: Verdict, at: int) -> Standing:
        script = known.script
        if event.rain is None:
            since = known.blind_since or at
            lost = known.state == "active" and at - since >= _NO_DATA
            expected, after = None, replace(known, blind_since=since, data_lost=lost)
        else:
            expected = event.rain > script.above
            if script.release is not None and known.was_on:
                expected = event.rain >= script.release
            state = "active" if expected else "inactive"
            after = replace(known, state=state, was_on=expected, blind_since=None, data_lost=False)
        if expected != event.met:
            self.faults.append(f"{at}: {event} should have been {expected}, {known}")
        if event.place_id not in {None, PLACES[script.place].id}:
            self.faults.append(f"{at}: {event} looked at another place than {known}")
        return after

    def _turned(self, rule_id: str, stood: Mapping[str, Standing]) -> bool:
        """Whether the rule says something else than it said before."""
        words = [rule and (rule.state, rule.data_lost) for rule in (stood.get(rule_id), self.rules.get(rule_id))]
        return words[0] != words[1]

    def live_on(self, carrier: Carrier) -> set[str]:
        return {name for name, one in self.rules.items() if not one.deleted and one.script.is_live_on(carrier)}

    def words(self, carrier: Carrier) -> list[Word]:
        live = self.live_on(carrier)
        return [
            Word(
                name,
                one.script.priority,
                live=name in live,
                active=one.state == "active" and not (one.data_lost and expression[0] == "+"),
                judged=one.state != "unjudged",
                expression=expression,
                otherwise=otherwise,
            )
            for name, one in self.rules.items()
            for expression, otherwise in [one.script.targets.get(carrier, ("", ""))]
            if expression
        ]

    def _look(self) -> None:
        """The platform may be looked at before the next event, or not."""
        for carrier in FOUND:
            any_live, new = bool(self.live_on(carrier)), self.worlds[carrier]
            while new:
                found = {one for world in new for one in looked(world, any_live=any_live)}
                new = found - self.worlds[carrier]
                self.worlds[carrier] |= new
            self.worlds[carrier] = busiest(self.worlds[carrier])

    # --- what it says at last

    def values(self, carrier: Carrier) -> set[str]:
        """What the platform may show when all is done: one value, but where a rule left what it had set."""
        any_live = bool(self.live_on(carrier))
        done = {one for one in self.worlds[carrier] if one in looked(one, any_live=any_live)}
        return {one.value for one in done}

    def writes(self, carrier: Carrier) -> int:
        """How many writes that changed the value the sequential engine needed, when it looked after every event."""
        return max(one.writes for one in self.worlds[carrier])

    def plainly(self, carrier: Carrier) -> str:
        """Semantics 17 to 19 in one line, for a field on which every ending is what was found."""
        now = said(self.words(carrier))
        return meant(now[2], FOUND[carrier]) if now else FOUND[carrier]


def _active(words: list[Word]) -> list[str]:
    """The rules that are active and live, the winner first."""
    active = sorted((one for one in words if one.live and one.active), key=lambda one: (-one.priority, one.rule_id))
    return [one.rule_id for one in active]
