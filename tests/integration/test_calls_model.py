"""Calls that are short, and a platform that is away, as a state machine of its own (semantics 24, architecture 6).

Six budgets at one account, each with a rule, at a platform that is told to be away for a while or asks for a wait. In
no hour more calls are made than allowed, raises leave a fifth of them, and what goes back goes before what is raised.
"""

from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from services.ad_action.restraint import Pace
from tests.integration import rule_documents
from tests.integration.changes_model.one_account import OneAccount, run_histories
from tests.integration.changes_model.platform import Landed, Mood
from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, META, RAIN, Document
from weathertrigger.call_limits import CallLimit
from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName

HOUR = timedelta(hours=1)
IN_AN_HOUR, FOR_RAISES = 25, 20
AFTER_TROUBLE = timedelta(minutes=75)
"""What an open breaker or a platform may ask for at most."""
NOT_ALL_AT_ONCE = HOUR * 0.06
"""What is added to a wait, and a little more."""
BUDGETS = {f"r{one}": Carrier(f"campaign/70{one}", FieldName.DAILY_BUDGET) for one in range(6)}
minutes = st.sampled_from((0, 1, 5, 16, 31, 62, 120))


class CallsMachine(OneAccount):
    """One step is one thing that happens in the world."""

    found = dict.fromkeys(BUDGETS.values(), "8000")
    priorities = dict.fromkeys(BUDGETS, 1)
    targets = {rule_id: {carrier: "+20"} for rule_id, carrier in BUDGETS.items()}  # noqa: RUF012 - of the test's own

    def __init__(self) -> None:
        super().__init__()
        self.engine.limits = {"meta_ads": (CallLimit(IN_AN_HOUR, HOUR, per_account=True),)}
        self.engine.pace = Pace(timedelta())
        self.trouble_until = self.ground.now()
        self.is_away = False

    @rule(rained_on=st.lists(st.booleans(), min_size=6, max_size=6), rings=st.booleans())
    def weather(self, rained_on: list[bool], rings: bool) -> None:
        """Some budgets are raised and others go back, of whose rules the weather turns."""
        for rule_id, is_wet in zip(BUDGETS, rained_on, strict=True):
            self.judge(rule_id, RAIN if is_wet else DRY)
        if rings:
            self.act()

    @rule(passed=minutes, working=st.booleans())
    def time(self, passed: int, working: bool) -> None:
        self.advance(timedelta(minutes=passed), working=working)

    @rule()
    def doorbell(self) -> None:
        self.act()

    @rule(away=st.booleans())
    def outage(self, away: bool) -> None:
        self.is_away = away
        self.platform.mood = Mood.AWAY if away else Mood.TAKEN

    @rule()
    def told_to_wait(self) -> None:
        if not self.is_away:
            self.platform.mood = Mood.LIMITED
            self.act()
            self.platform.mood = Mood.TAKEN

    def act(self) -> list[Landed]:
        if self.platform.mood is not Mood.TAKEN:
            self.trouble_until = self.ground.now() + AFTER_TROUBLE
        goes_back = self.that_go_back()
        written = super().act()
        self.judge_order(written, goes_back)
        self.judge_calls(written)
        self.judge_wait()
        return written

    def teardown(self) -> None:
        self.outage(False)
        self.act()
        self.advance(timedelta(hours=6), working=True)
        for rule_id, carrier in BUDGETS.items():
            assert self.platform.values[carrier] == self.wanted(carrier), rule_id

    # --- the oracle

    def wanted(self, carrier: Carrier) -> str:
        return "9600" if self.word(carrier) else "8000"

    def that_go_back(self) -> set[Carrier]:
        return {one for one in self.found if self.platform.values[one] == "9600" and self.wanted(one) == "8000"}

    def judge_order(self, written: list[Landed], goes_back: set[Carrier]) -> None:
        """Semantics 24: before the first raise all is back that is to go back."""
        first = next((at for at, one in enumerate(written) if one.after == "9600"), None)
        if first is not None:
            late = goes_back - {one.carrier for one in written[:first]}
            assert not late, f"{written[first]} went before {late}"

    def judge_calls(self, written: list[Landed]) -> None:
        """In no hour more calls than allowed; raises leave a fifth of them."""
        # Redis's clock goes on a little while that of the model stands still.
        in_an_hour = self.calls_in(HOUR - self.ground.passed_really())
        assert in_an_hour <= IN_AN_HOUR, self.platform.calls
        if {one.after for one in written} == {"9600"}:
            assert in_an_hour <= FOR_RAISES, self.platform.calls

    def judge_wait(self) -> None:
        """What goes back waits for nothing but calls, of which it may use all, and a platform in trouble."""
        a_read_and_a_write = 2
        is_short = self.calls_in(HOUR + NOT_ALL_AT_ONCE) + a_read_and_a_write > IN_AN_HOUR
        is_in_trouble = self.ground.now() < self.trouble_until
        waiting = self.that_go_back()
        assert not waiting or is_short or is_in_trouble, f"nothing keeps {waiting} from going back"

    def calls_in(self, window: timedelta) -> int:
        since = self.ground.now() - window
        return sum(calls for at, calls in self.platform.calls if at > since)

    def document(self, rule_id: str, **more: object) -> Document:
        campaign = BUDGETS[rule_id].resource.partition("/")[2]
        target = {"account": META, "campaign": campaign, "set": {"daily_budget": {"change": "+20 %"}}}
        return rule_documents.rule(rule_id, target, **more)


def test_what_goes_back_goes_first(engine: Engine) -> None:
    """Semantics 24, in a few histories."""
    run_histories(engine, CallsMachine, 6, 25)


@pytest.mark.faults
def test_what_goes_back_goes_first_in_many_histories(engine: Engine) -> None:
    """Semantics 24, in many."""
    run_histories(engine, CallsMachine, 300, 40)
