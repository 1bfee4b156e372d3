"""The pace of the changes as a state machine of its own: cool-downs, Meta's four changes of a budget in an hour, the
largest raise, and the cap of an account's day (semantics 22 and 24).

The platform always answers and nobody edits it, so the oracle needs no worlds: after every doorbell the value is as the
rules say, or it is a raise that has a reason to wait. What goes back or pauses has none.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from services.ad_action.restraint import Pace
from tests.integration import rule_documents
from tests.integration.changes_model.one_account import OneAccount, run_histories
from tests.integration.changes_model.oracle import meant
from tests.integration.changes_model.platform import Landed
from tests.integration.changes_model.scene import A, B, S
from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, META, RAIN, Document
from weathertrigger.domain.change import Carrier
from weathertrigger.storage import day_caps

COOL_DOWN, HOUR, COUNTED_LATER = timedelta(minutes=15), timedelta(hours=1), timedelta(seconds=30)
IN_AN_HOUR = 4
names = st.sampled_from(("storm", "wet", "hot", "low"))
rained_on = st.sampled_from(("", "", "", "wet", "wet", "wet", "hot", "low", "storm", "storm wet", "wet hot low"))
minutes = st.sampled_from((1, 1, 5, 14, 15, 16, 16, 30, 61, 1500))
mostly = st.sampled_from((True, True, True, False))


@dataclass(frozen=True)
class Sent:
    """One write of the engine."""

    at: datetime
    carrier: Carrier
    before: str
    after: str

    @property
    def is_raise(self) -> bool:
        return is_raise(self.before, self.after)


def is_raise(before: str, after: str) -> bool:
    """More may be spent after it than before."""
    return int(after) > int(before) if after.isdigit() else after == "enabled"


class PaceMachine(OneAccount):
    """One step is one thing that happens in the world."""

    found = {A: "8000", B: "4000", S: "paused"}  # noqa: RUF012 - hypothesis has the machine's class to itself
    priorities = {"storm": 20, "wet": 10, "hot": 5, "low": 1}  # noqa: RUF012 - as above
    targets = {  # noqa: RUF012 - as above
        "storm": {A: "+150"},
        "wet": {A: "+20", B: "+30", S: "enabled"},
        "hot": {A: "+50", S: "enabled"},
        "low": {A: "-10", B: "-20"},
    }
    otherwise = {("hot", S): "paused"}  # noqa: RUF012 - as above

    def __init__(self) -> None:
        super().__init__()
        self.engine.pace = Pace()
        self.sent: list[Sent] = []
        self.cap: int | None = None

    @initialize(cap=st.sampled_from((None, 3000, 1000)))
    def cap_the_day(self, cap: int | None) -> None:
        self.cap = cap
        with self.engine.database.transaction() as tx:
            day_caps.set_cap(tx, META, None if cap is None else Decimal(cap) / 100)

    @rule(rained_on=rained_on, passed=minutes, rings=mostly, working=mostly)
    def weather(self, rained_on: str, passed: int, rings: bool, working: bool) -> None:
        """It rains for some of the rules, is dry for the others, and stays so for a while."""
        for name in self.targets:
            self.judge(name, RAIN if name in rained_on.split() else DRY)
        if rings:
            self.act()
        self.advance(timedelta(minutes=passed), working=working)

    @rule(name=names, enabled=mostly, rings=mostly)
    def rule_edit(self, name: str, enabled: bool, rings: bool) -> None:
        self.edit(name, enabled=enabled)
        if rings:
            self.act()

    def act(self) -> list[Landed]:
        written = super().act()
        for one in written:
            self.sent.append(Sent(self.ground.now(), one.carrier, one.before, one.after))
            self.judge_write(self.sent[-1], self.sent[:-1])
        for carrier in self.found:
            self.judge_value(carrier)
        return written

    def teardown(self) -> None:
        """In two hours nothing waits any more; what was cut stays so until the next decision."""
        self.act()
        self.advance(timedelta(hours=2), working=True)
        for carrier in self.found:
            value, wanted = self.platform.values[carrier], self.wanted(carrier)
            is_cut = self.cap is not None and carrier != S and int(value) < int(wanted)
            assert value == wanted or is_cut, f"{carrier} is {value} and not {wanted}"
            self.judge_records(carrier)

    # --- the oracle

    def wanted(self, carrier: Carrier) -> str:
        """But for the cap of the day. Semantics 22: no more than twice the baseline."""
        word, found = self.word(carrier), self.found[carrier]
        if word is None:
            return found
        wanted = meant(word[2], found)
        return str(min(int(wanted), 2 * int(found))) if wanted.isdigit() else wanted

    def judge_value(self, carrier: Carrier) -> None:
        """Semantics 24: as the rules say, or a raise that has a reason to wait."""
        value, wanted, now = self.platform.values[carrier], self.wanted(carrier), self.ground.now()
        if value == wanted:
            return
        assert self.word(carrier) is not None, f"{carrier} has not gone back to {wanted}"
        assert wanted != "paused", f"{carrier} is not paused"
        made = [one for one in self.sent if one.carrier == carrier]
        cools = is_raise(value, wanted) and any(one.is_raise and now - one.at < COOL_DOWN for one in made)
        in_an_hour = sum(now - one.at < HOUR + COUNTED_LATER for one in made)
        is_capped = self.cap is not None and carrier != S and int(wanted) > int(self.found[carrier])
        reason = cools or is_capped or (carrier != S and in_an_hour >= IN_AN_HOUR - 1)
        assert reason, f"{carrier} is {value}, and nothing keeps it from being {wanted}"

    def judge_write(self, sent: Sent, before: list[Sent]) -> None:
        """Semantics 22, 24: no faster and no higher than allowed, and one change is always left for the way back."""
        earlier = [one for one in before if one.carrier == sent.carrier]
        goes_back = sent.after == self.found[sent.carrier]
        if sent.is_raise and not goes_back:
            assert all(sent.at - one.at >= COOL_DOWN for one in earlier if one.is_raise), sent
        if sent.carrier != S:
            in_an_hour = 1 + sum(sent.at - one.at < HOUR for one in earlier)
            assert in_an_hour <= (IN_AN_HOUR if goes_back else IN_AN_HOUR - 1), sent
            assert self.cap is None or sum(self.most_today(one) for one in (A, B)) <= self.cap, sent

    def judge_records(self, carrier: Carrier) -> None:
        """Semantics 22: what was sent cut is recorded as clamped, and nothing else is."""
        sent = [one for one in self.engine.changes(carrier.resource, carrier.field.value) if one.called_at]
        for change in sent if carrier != S else ():
            percent = re.search(r"([+-]) (\d+) %", change.arithmetic or "")
            if percent:
                is_cut = change.to_value != meant(percent[1] + percent[2], self.found[carrier])
                assert is_cut == ("clamped" in change.arithmetic), change
            else:
                assert change.to_value == self.found[carrier], change

    def above(self, carrier: Carrier) -> int:
        return max(int(self.platform.values[carrier]) - int(self.found[carrier]), 0)

    def most_today(self, carrier: Carrier) -> int:
        """The most that it was above its baseline since midnight in UTC."""
        midnight = self.ground.now().replace(hour=0, minute=0, second=0, microsecond=0)
        today = [one for one in self.sent if one.carrier == carrier and one.at >= midnight]
        sent = [int(value) - int(self.found[carrier]) for one in today for value in (one.before, one.after)]
        return max([*sent, self.above(carrier)])

    def document(self, rule_id: str, **more: object) -> Document:
        written = []
        for carrier, says in self.targets[rule_id].items():
            entity, otherwise = carrier.resource.partition("/")[2], self.otherwise.get((rule_id, carrier))
            if carrier == S:
                then = {"status": otherwise} if otherwise else "baseline"
                written.append(rule_documents.status(entity, says, otherwise=then))
            else:
                written.append(rule_documents.budget(entity, f"{says} %"))
        return rule_documents.rule(rule_id, *written, priority=self.priorities[rule_id], **more)


def test_a_raise_may_wait_and_nothing_else(engine: Engine) -> None:
    """Semantics 22 and 24, in a few histories."""
    run_histories(engine, PaceMachine, 8, 25)


@pytest.mark.faults
def test_a_raise_may_wait_and_nothing_else_in_many_histories(engine: Engine) -> None:
    """Semantics 22 and 24, in many."""
    run_histories(engine, PaceMachine, 300, 40)
