"""A real rainy day, hour by hour, through every service as a process of its own; the sandbox's journal is witness."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.engine import REFRESH, Books, Entry, calls_by_place, running_engine
from tests.acceptance.rainy_day import (
    BASELINE,
    GOOGLE,
    HOURS,
    NEVER,
    NEWARK,
    RAISED,
    RULES,
    SHARING_NEWARK,
    Write,
    expected_writes,
)
from weathertrigger.storage.database import Row

_RECORDED = Path(__file__).parents[2] / "services/sandbox/data/new_york_hourly_2013.csv.gz"
_BUDGET = "campaign_budget/444"


@dataclass(frozen=True, slots=True)
class Day:
    """What is left of the day: the journal, and what the engine says of itself."""

    journal: Sequence[Entry]
    books: Books
    executions: Sequence[Row]

    @property
    def writes(self) -> list[Write]:
        """Every value that a platform was given, the same value again included."""
        return sorted(
            Write(_hour(entry), entry["account"], change["resource"], change["field"], change["from"], change["to"])
            for entry in self.journal
            if entry["service"] != "person"
            for change in entry["changes"]
        )


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, postgres_url: str, redis_url: str) -> Day:
    """The day, lived through once. A person has set the budget before the first rain."""
    directory = tmp_path_factory.mktemp("rainy-day")
    with running_engine(
        directory, postgres_url=postgres_url, redis_url=redis_url, rules_file=RULES, start=HOURS[0]
    ) as engine:
        edit = engine.sandbox.json(f"/_sandbox/entities/{GOOGLE}/{_BUDGET}", {"daily_budget": BASELINE})
        assert edit.status_code == 200
        for hour in HOURS:
            engine.live_through(hour)
        books = engine.books()
        return Day(engine.sandbox.journal(), books, engine.rows("SELECT * FROM automation_executions ORDER BY id"))


def test_ads_change_in_the_hours_of_the_weather_and_in_no_other(day: Day) -> None:
    """Every ad set, campaign and budget is changed when its weather comes, put back when it goes, and never written
    otherwise: no write is missing, none is repeated, none is somebody else's (semantics 16, 18)."""
    assert day.writes == expected_writes(_RECORDED)


def test_budget_is_raised_by_a_fifth_of_its_baseline_and_put_back_to_the_last_digit(day: Day) -> None:
    """Three spells of rain raise the budget three times by 20 % of what it was before the first; it never compounds,
    and a revert is the stored integer (semantics 17, 22)."""
    budgets = [(write.before, write.after) for write in day.writes if write.resource == _BUDGET]
    assert budgets == [(BASELINE, RAISED), (RAISED, BASELINE)] * 3


def test_rule_whose_weather_never_comes_is_checked_all_day_and_writes_nothing(day: Day) -> None:
    """It is held against every hour's weather like the others, and what it targets is left alone."""
    outcomes = Counter(row.outcome for row in day.executions if row.rule_id == NEVER)
    assert outcomes.keys() == {"not_met"}
    assert outcomes["not_met"] >= len(HOURS)
    assert not [write for write in day.writes if write.resource == "ad_set/23868"]


def test_every_call_is_counted_once(day: Day) -> None:
    """The calls on the executions and the calls apart are together the calls that the outside world answered."""
    assert day.books.counted == day.books.made
    assert all(day.books.made.values())


def test_rules_of_one_place_share_its_weather(day: Day) -> None:
    """A place is asked for at most once per refresh, however many rules look at it."""
    asked = [datetime.fromisoformat(entry["time"]) for entry in day.journal if calls_by_place([entry])[NEWARK]]
    checks = sum(row.rule_id in SHARING_NEWARK for row in day.executions)
    answer = timedelta(seconds=1)  # an answer that takes long moves its journal entry against the refresh
    assert len(HOURS) <= len(asked) <= (asked[-1] - asked[0] + answer) / REFRESH + 1
    assert len(asked) * 2 < checks


def test_every_slot_is_accounted_for_once(day: Day) -> None:
    """Each execution follows its rule's last one by one interval, or names the first slot that it stands for
    (semantics 11)."""
    latest: dict[str, datetime] = {}
    for row in sorted(day.executions, key=lambda one: one.scheduled_for):
        assert row.trigger == "slot"
        if row.rule_id in latest:
            assert (row.coalesced_from or row.scheduled_for) - latest[row.rule_id] == timedelta(seconds=1), row
        latest[row.rule_id] = row.scheduled_for
    assert latest.keys() == {*SHARING_NEWARK, "lemonade"}


def _hour(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry["replay_time"])
