"""The picture on a terminal: what it keeps when the terminal is small."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from services.automation_cli.up.live_view import LiveView
from services.automation_cli.up.view import Wording
from services.automation_cli.up.watch import News, Standing
from weathertrigger.domain.change import ChangeState
from weathertrigger.domain.execution import Outcome
from weathertrigger.domain.rule import FieldName, RuleState
from weathertrigger.storage.activity import Change, Totals, WatchedRule
from weathertrigger.storage.notifications import Notification

_AT = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
_CHANGE = Change(
    id=1,
    account_id="google-acme",
    platform="meta_ads",
    currency="USD",
    resource="campaign_budget/444",
    field=FieldName.DAILY_BUDGET,
    rule_id="rain-umbrellas",
    state=ChangeState.CONFIRMED,
    from_value="5000",
    to_value="6000",
    error=None,
    finished_at=_AT,
)
_TOLD = Notification(1, _AT, "meta-acme ad_set/23848 daily_budget: " + "a person changed it. " * 10)
_TOTALS = Totals(1200, {"met": 1200}, {"confirmed": 2}, {"openweather": 3, "meta_ads": 4}, 31.2, 2412.0)


def _rule(number: int) -> WatchedRule:
    return WatchedRule(
        id=f"rule-{number}",
        enabled=True,
        state=RuleState.ACTIVE,
        next_check_at=None,
        outcome=Outcome.MET,
        reason="Fired: it rains.",
        scheduled_for=_AT,
        executed_at=_AT + timedelta(milliseconds=31),
        clock=_AT,
    )


def _picture(width: int, height: int, *, rules: int, changes: int, told: int = 0) -> list[str]:
    """The last picture, line by line."""
    screen = io.StringIO()
    console = Console(file=screen, width=width, height=height, force_terminal=False)
    view = LiveView(Wording(), "A title " * 16, console)
    view.say("rule-evaluator runs (process 1)")
    standing = Standing(tuple(_rule(number) for number in range(rules)), rules, _TOTALS)
    view.show(News((), (_CHANGE,) * changes, (_TOLD,) * told, standing), running=7)
    view.close(None)
    return screen.getvalue().splitlines()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (121, 40), (200, 50)])
def test_the_picture_fits_and_ends_with_the_figures(width: int, height: int) -> None:
    """However long the lists are: what does not fit goes from the lists, not from the last line."""
    lines = _picture(width, height, rules=90, changes=90, told=90)
    assert len(lines) <= height
    assert lines[-1].rstrip().endswith("Ctrl-C ends")


def test_a_narrow_picture_says_when_and_how_a_change_ended() -> None:
    """The time and the outcome are whole at 80 columns."""
    line = next(line for line in _picture(80, 24, rules=6, changes=1) if "google-acme" in line)
    assert len(line.split(maxsplit=1)[0]) == len("18:00:00")
    assert "50.00 USD -> 60.00 USD" in line
    assert line.rstrip().endswith("confirmed")


def test_the_latest_that_people_were_told_is_in_the_picture() -> None:
    """Two lines of it, cut off where the terminal ends; none where nobody was told anything."""
    lines = [line for line in _picture(80, 24, rules=90, changes=90, told=90) if "daily_budget" in line]
    assert len(lines) == 2
    assert lines[0].split(maxsplit=1)[1].startswith("meta-acme ad_set/23848 daily_budget: a person changed it.")
    assert not any("daily_budget" in line for line in _picture(80, 24, rules=90, changes=90))
