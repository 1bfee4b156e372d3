"""When a write goes out (semantics 24), judged by the sandbox's imitation of Meta's rule of four budgets an hour."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sandbox.ad_accounts import Entity
from services.sandbox.meta_ads.budget_changes import BudgetChanges
from services.sandbox.replay_clock import Moment
from tests.unit.rules.fields import ENABLE, START, STATUS, plus
from weathertrigger.domain.change import AdField, Carrier, ChangeLimit, FieldState, Winner, WinnerClass
from weathertrigger.domain.rule import FieldName, SetStatus, Status
from weathertrigger.rules.cool_downs import Held, Made, held, is_raise

BUDGET = Carrier("ad_set/1", FieldName.DAILY_BUDGET)
FOUR = ChangeLimit(4, timedelta(hours=1))
QUARTER = timedelta(minutes=15)
BASE = "100"


def field(winner: Winner | None, generation: int = 9, carrier: Carrier = BUDGET) -> AdField:
    """A field that stood at 100 before any rule."""
    return AdField(1, "meta-acme", carrier, state=FieldState.OWNED, baseline=BASE, winner=winner, generation=generation)


def made(minutes_ago: float, before: str = BASE, after: str = "120", generation: int = 1) -> Made:
    return Made(START - timedelta(minutes=minutes_ago), generation, before, after)


def wait(
    winner: Winner | None,
    write: tuple[str, str],
    *before: Made,
    limit: ChangeLimit | None = None,
    carrier: Carrier = BUDGET,
) -> timedelta | None:
    """How long this write would wait at the start."""
    found = held(field(winner, carrier=carrier), write, before, now=START, cool_down=QUARTER, limit=limit)
    return found.until - START if found else None


def test_a_raise_waits_until_the_last_one_is_a_quarter_of_an_hour_ago() -> None:
    """Semantics 24: the default cool-down; it is over after it, and nothing was raised before the first."""
    assert wait(plus(20), (BASE, "120"), made(5), made(40)) == timedelta(minutes=10)
    assert wait(plus(20), (BASE, "120"), made(15)) is None
    assert wait(plus(20), (BASE, "120")) is None


def test_to_enable_is_to_raise() -> None:
    """Semantics 24: an ad set that was enabled five minutes ago, and paused since, is enabled in ten."""
    before = (made(5, "paused", "enabled"), made(2, "enabled", "paused", generation=2))
    assert wait(ENABLE, ("paused", "enabled"), *before, carrier=STATUS) == timedelta(minutes=10)


def test_what_lowers_or_pauses_or_goes_back_is_never_held() -> None:
    """Semantics 24: a revert of a raised budget and a pause, whatever was done before; nor is a lower amount by the
    cool-down, and nor is the baseline, whoever asks for it."""
    many = [made(minutes, *pair) for minutes in (1, 2, 3, 4) for pair in ((BASE, "120"), ("120", BASE))]
    pause = Winner("rain", WinnerClass.OTHERWISE, SetStatus(Status.PAUSED))
    assert wait(None, ("120", BASE), *many, limit=FOUR) is None
    assert wait(pause, ("enabled", "paused"), *many, limit=FOUR, carrier=STATUS) is None
    assert wait(plus(-20), (BASE, "80"), *many) is None
    assert wait(plus(0), ("120", BASE), *many, limit=FOUR) is None


def test_attempts_of_one_decision_are_one_raise() -> None:
    """Semantics 24 and 26: what was sent a minute ago and did not arrive is sent again; it counts for the limit."""
    mine = made(1, generation=9)
    assert wait(plus(20), (BASE, "120"), mine) is None
    assert wait(plus(20), (BASE, "120"), mine, mine, limit=FOUR) is None
    assert wait(plus(20), (BASE, "120"), mine, mine, mine, limit=FOUR) is not None


def test_a_raise_with_one_change_left_in_the_hour_waits() -> None:
    """Semantics 24: three of the four are used, so the raise waits until the oldest has left the hour; with two left it
    goes out."""
    used = (made(50), made(30, "120", BASE), made(20))
    assert wait(plus(20), (BASE, "120"), *used, limit=FOUR) == timedelta(minutes=10, seconds=30)
    assert wait(plus(20), (BASE, "120"), *used[:2], limit=FOUR) is None


def test_the_reason_says_when_and_why() -> None:
    """In one sentence, for whoever looks at the change."""
    found = held(field(plus(20)), (BASE, "120"), [made(5)], now=START, cool_down=QUARTER, limit=None)
    assert found == Held(START + timedelta(minutes=10), "it was raised at 23:55:00 UTC")


@pytest.mark.parametrize(
    ("name", "before", "after", "expected"),
    [
        (FieldName.DAILY_BUDGET, "9", "10", True),  # as numbers, not as words
        (FieldName.DAILY_BUDGET, "10", "9", False),
        (FieldName.BID_MODIFIER, "1", "1.25", True),
        (FieldName.STATUS, "paused", "enabled", True),
        (FieldName.STATUS, "enabled", "paused", False),
    ],
)
def test_what_a_raise_is(name: FieldName, before: str, after: str, expected: bool) -> None:
    """Semantics 24: more may be spent after it than before."""
    assert is_raise(name, before, after) is expected


class Meta:
    """One ad set at Meta, and what the engine knows of its changes to it."""

    def __init__(self) -> None:
        self.rule = BudgetChanges()
        self.made: list[Made] = []
        self.value = BASE
        self.generation = 0

    def want(self, winner: Winner | None, value: str, now: datetime) -> None:
        """A decision; it is written if nothing holds it back. Raises a GraphError where Meta refuses it."""
        self.generation += 1
        if value == self.value:
            return
        asked = field(winner, self.generation)
        if held(asked, (self.value, value), self.made, now=now, cool_down=timedelta(), limit=FOUR):
            return
        self.rule.note(Entity("act_1", "ad_set/1", {}), Moment(now, now))
        self.made.append(Made(now, self.generation, self.value, value))
        self.value = value


@given(st.lists(st.tuples(st.integers(0, 1500), st.sampled_from([-30, 0, 20, 50, None])), max_size=40))
def test_a_way_back_is_always_open(wishes: Sequence[tuple[int, int | None]]) -> None:
    """Semantics 24: whatever rules want and however fast the weather turns, Meta refuses nothing, and at any time the
    revert goes out at once."""
    meta, now = Meta(), START
    for seconds, percent in wishes:
        now += timedelta(seconds=seconds)
        if percent is None:
            meta.want(None, BASE, now)
            assert meta.value == BASE
        else:
            meta.want(plus(percent), str(Decimal(BASE) + percent), now)
    meta.want(None, BASE, now)
    assert meta.value == BASE
