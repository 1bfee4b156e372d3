"""Any history of rules, people, time and a platform that refuses, loses answers and is late (protocol C6 to C9)."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.unit.rules.fields import START, compute, free
from weathertrigger.domain.change import AdField, FieldState
from weathertrigger.domain.rule import ChangePercent, Ending, RuleState
from weathertrigger.rules.attempts import DOUBT
from weathertrigger.rules.merge import Claim, merge
from weathertrigger.rules.reconcile import answered, reconcile, refused, unanswered, withdrawn

_CLAIMS = {
    "rain": Claim("rain", 10, RuleState.INACTIVE, ChangePercent(Decimal(20)), Ending.BASELINE),
    "heat": Claim("heat", 5, RuleState.INACTIVE, ChangePercent(Decimal(50)), Ending.BASELINE),
}
_AT_REST = {FieldState.FREE, FieldState.LEFT, FieldState.HELD}
_LAG = timedelta(seconds=90)
_outcomes = st.sampled_from(
    [
        "taken",
        "refused",
        "limited",
        "stopped",
        "answer lost",
        "request lost",
        "taken, decided anew",
        *["answer late"] * 2,
    ]
)
_minutes = st.sampled_from([0, 1, 3, 20, 70, 1500])
_rule_ids = st.sampled_from(sorted(_CLAIMS))


class Histories(RuleBasedStateMachine):
    """The field as PostgreSQL would hold it, beside the platform as it is and what an onlooker expects of both.

    Any number of writes may be under way without an answer, and land in any order within a day; a read may show the
    value before the last.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.platform = "b0"
        self.claims = dict(_CLAIMS)
        self.field = replace(free(None), generation=0, next_at=None)
        self.outcome = "taken"
        self.calls = 0
        self.under_way: list[tuple[str, datetime]] = []
        self.reads_lag = self.has_lagged = False
        self.before: tuple[str, datetime] = ("b0", START)  # what a read that lags still shows, and until when
        # What the onlooker knows.
        self.people = 0
        self.root = "b0"  # what the field was before any rule, or the last value of a person that was noticed
        self.by_hand: str | None = None  # a person's value on the platform that was not noticed yet
        self.seen_by_hand: tuple[str, datetime] | None = None
        self.may_be_held = False
        self.landed_on_held = False
        self.like_a_person = False  # a late revert that was not noticed yet
        self.final: int | None = None  # the generation that was refused for good

    # What happens

    @rule(rule_id=_rule_ids, outcome=_outcomes, minutes=_minutes)
    def verdict(self, rule_id: str, outcome: str, minutes: int) -> None:
        """A rule becomes active or ends; time passes, in which writes have this outcome."""
        self.outcome = outcome
        self.toggle(rule_id)
        self.time_passes(minutes)

    def toggle(self, rule_id: str) -> None:
        """The rule has another state than before."""
        claim = self.claims[rule_id]
        state = RuleState.INACTIVE if claim.state is RuleState.ACTIVE else RuleState.ACTIVE
        self.claims[rule_id] = replace(claim, state=state)
        self.decide()

    @rule(rule_id=_rule_ids, minutes=_minutes)
    def switch(self, rule_id: str, minutes: int) -> None:
        """A rule is disabled, or enabled again with the state that it had; time passes."""
        claim = self.claims[rule_id]
        retiring = claim.live and self.field.state not in {FieldState.FREE, FieldState.LEFT}
        self.claims[rule_id] = replace(claim, live=not claim.live, retiring=retiring)
        self.decide()
        self.time_passes(minutes)

    @rule(lag=st.booleans(), minutes=_minutes)
    def reads_change(self, lag: bool, minutes: int) -> None:
        """Reads begin or cease to lag behind; time passes."""
        self.reads_lag = lag
        self.has_lagged |= lag
        self.time_passes(minutes)

    @rule(minutes=_minutes)
    def person_edits(self, minutes: int) -> None:
        """Somebody sets a value by hand that was never there before; time passes."""
        self.people += 1
        self.before = self.platform, self.now + _LAG
        self.platform = self.by_hand = f"p{self.people}"
        self.may_be_held = True
        self.time_passes(minutes)

    @rule(outcome=_outcomes, minutes=_minutes)
    def another_outcome(self, outcome: str, minutes: int) -> None:
        """Time passes, in which writes have this outcome."""
        self.outcome = outcome
        self.time_passes(minutes)

    @precondition(lambda self: self.under_way)
    @rule(which=st.integers(0, 5), minutes=_minutes)
    def lands_late(self, which: int, minutes: int) -> None:
        """A write that is under way lands; time passes."""
        self.land_late(self.under_way.pop(which % len(self.under_way))[0])
        self.time_passes(minutes)

    def time_passes(self, minutes: int) -> None:
        """Looks happen when they are due."""
        self.calls = 0
        until = self.now + timedelta(minutes=minutes)
        looks = 0
        while self.field.next_at is not None and self.field.next_at <= until:
            self.now = max(self.now, self.field.next_at)
            self.forget_what_is_too_late()
            self.look()
            looks += 1
            assert looks < 200, "a look brings the field nearer to rest"
        self.now = until
        self.forget_what_is_too_late()

    # How it happens

    def decide(self) -> None:
        """C2, as a plain reading of the protocol."""
        resolution = merge(self.claims.values())
        if resolution.winner:
            self.claims = {key: replace(claim, retiring=False) for key, claim in self.claims.items()}
        before, self.field = self.field, replace(self.field, winner=resolution.winner, resting=resolution.resting)
        if before.winner == resolution.winner:
            return
        self.field = replace(self.field, generation=before.generation + 1, next_at=self.now)
        if (before.winner is None) != (resolution.winner is None):
            self.may_be_held = self.by_hand is not None or self.like_a_person
            self.landed_on_held = False
            if before.state is FieldState.HELD:
                self.field = replace(self.field, state=FieldState.SETTLING, baseline=before.confirmed, held_reason=None)

    def look(self) -> None:
        """C6: reads, decides, and calls if something is to be written."""
        observed, before = self.platform, self.field
        if self.reads_lag and self.now < self.before[1]:
            observed = self.before[0]
        self.notice(observed)
        step = reconcile(
            before,
            observed,
            now=self.now,
            compute=compute,
            speak=str,
            any_live=any(one.live for one in self.claims.values()),
        )
        self.field = step.field
        if step.write is None:
            assert step.field.next_at is None or step.field.next_at >= self.now
            self.end_retiring()
            return
        assert before.state is not FieldState.HELD, "nothing is written while held"
        assert step.write.value != observed, "no write repeats what is there"
        assert step.write.value.count("+") <= 1, "nothing compounds"
        is_final = self.final == before.generation and before.winner is not None and observed == before.confirmed
        assert not is_final, "refused is final for the generation, unless an older attempt lands"
        self.final = None  # it has landed, and what is written over it is not refused yet
        self.call(step.field, step.write.value)
        self.end_retiring()

    def call(self, calling: AdField, value: str) -> None:
        """C7 and C8: the call with the outcome that the platform is in the mood for; it lasts for three calls."""
        self.calls += 1
        if self.calls > 3:
            self.outcome = "taken"
        match self.outcome:
            case "taken":
                self.land(value)
                self.field = answered(calling, calling.generation, self.now)
            case "taken, decided anew":
                self.land(value)
                rule_id = sorted(self.claims)[calling.generation % 2]
                self.toggle(rule_id)
                self.field = answered(self.field, calling.generation, self.now)
            case "refused":
                self.field = refused(calling, calling.generation, self.now)
                self.final = calling.generation
            case "limited":
                self.field = withdrawn(calling, calling.generation, self.now + timedelta(minutes=5))
            case "stopped":
                self.field = withdrawn(calling, calling.generation, self.now + timedelta(minutes=1))
            case "answer lost":
                self.land(value)
                self.field = unanswered(calling, self.now)
            case "answer late":
                self.under_way.append((value, self.now))
                self.field = unanswered(calling, self.now)
            case _:
                self.field = unanswered(calling, self.now)

    def land(self, value: str) -> None:
        """One of our writes reaches the platform, over whatever is there."""
        self.before = self.platform, self.now + _LAG
        self.platform = value
        self.by_hand = None
        self.like_a_person = False
        self.landed_on_held = self.field.state is FieldState.HELD

    def land_late(self, value: str) -> None:
        """A revert that lands after its field was raised anew is not told from a person who puts the value back: the
        baseline is never recognised as ours (semantics 20)."""
        self.land(value)
        self.before = value, self.now
        if self.field.winner and value == self.field.baseline:
            self.people += 1
            self.may_be_held = self.like_a_person = True

    def notice(self, observed: str) -> None:
        """A person's value counts when it is found by a rule that begins, or seen twice, two minutes apart."""
        at_rest = self.field.state in _AT_REST
        if at_rest and (self.field.winner is None or self.field.state is FieldState.HELD):
            return
        if not observed.startswith("p") or "+" in observed or observed == self.root:
            self.seen_by_hand = None
        elif not at_rest and (self.seen_by_hand is None or self.seen_by_hand[0] != observed):
            self.seen_by_hand = observed, self.now
        elif at_rest or (self.seen_by_hand and self.now - self.seen_by_hand[1] >= timedelta(minutes=2)):
            self.root = observed
            self.by_hand = None if self.by_hand == observed else self.by_hand

    def forget_what_is_too_late(self) -> None:
        self.under_way = [one for one in self.under_way if self.now - one[1] < DOUBT]

    def end_retiring(self) -> None:
        """C11: a field that is free or left ends the retiring marks on it."""
        if self.field.state in {FieldState.FREE, FieldState.LEFT}:
            self.claims = {key: replace(claim, retiring=False) for key, claim in self.claims.items()}

    # What must hold

    @invariant()
    def the_baseline_is_never_ours(self) -> None:
        """Semantics 17: the baseline is what was found, never what a rule made of it."""
        assert "+" not in (self.field.baseline or "")

    @invariant()
    def a_look_follows_or_nothing_is_left(self) -> None:
        """Each exit of C6 sets the time of the next look, or the field rests."""
        assert self.field.next_at is not None or self.field.state in _AT_REST

    def teardown(self) -> None:
        """The platform works again, and two days pass: then it is as a reader of the history would say."""
        self.outcome = "taken"
        self.time_passes(2 * 24 * 60)
        field, root = self.field, self.by_hand or self.root
        if field.winner is None:
            assert self.platform == root
            assert field.state is FieldState.FREE
        elif field.state is FieldState.HELD:
            # A read that lags may hide that a revert had landed; then its value looks like a person's.
            assert self.people or self.has_lagged
            assert self.platform == root or self.landed_on_held
            assert self.may_be_held or self.has_lagged
        elif self.final != field.generation:
            assert self.platform == compute(field.winner.expression, root).value
        if field.winner is not None:
            assert self.platform.split("+")[0] == root or self.landed_on_held or self.final == field.generation


Histories.TestCase.settings = settings(
    max_examples=120, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
test_histories = Histories.TestCase
