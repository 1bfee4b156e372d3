"""Lines that can be piped: checks whose verdict changed, and every ad change, in words and money."""

import io
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.automation_cli.up.view import PlainView, Wording, totals_line
from services.automation_cli.up.watch import News, Standing
from weathertrigger.domain.change import ChangeState
from weathertrigger.domain.execution import Outcome, Trigger
from weathertrigger.domain.rule import FieldName
from weathertrigger.storage.activity import Change, Check, Totals
from weathertrigger.storage.notifications import Notification

_AT = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
_CHECK = Check(1, "rain-newark", Trigger.SLOT, _AT, _AT + timedelta(milliseconds=31), Outcome.MET, "Fired: it rains.")
_CHANGE = Change(
    id=1,
    account_id="meta-acme",
    platform="meta_ads",
    currency="USD",
    resource="ad_set/23847",
    field=FieldName.STATUS,
    rule_id="rain-newark",
    state=ChangeState.CONFIRMED,
    from_value="paused",
    to_value="enabled",
    error=None,
    finished_at=_AT,
)
_TOTALS = Totals(1200, {"met": 1200}, {"confirmed": 2}, {"openweather": 3, "meta_ads": 4}, 31.2, 2412.0)
_WORDING = Wording()


def _shown(*news: News) -> list[str]:
    """The lines without their times, which are those of whoever looks."""
    out = io.StringIO()
    view = PlainView(_WORDING, out)
    for one in news:
        view.show(one, running=5)
    return [line.split(maxsplit=1)[1] for line in out.getvalue().splitlines()]


def _news(
    *, checks: tuple[Check, ...] = (), changes: tuple[Change, ...] = (), told: tuple[Notification, ...] = ()
) -> News:
    return News(checks, changes, told, Standing((), 0, _TOTALS))


def test_a_check_is_shown_when_its_verdict_changed() -> None:
    """The first verdict of a rule and every other one than the last; the same again says nothing new."""
    ended = replace(_CHECK, outcome=Outcome.NOT_MET, reason="Did not fire: it does not.")
    assert _shown(_news(checks=(_CHECK, _CHECK)), _news(checks=(_CHECK, ended))) == [
        "check   rain-newark met, 31 ms late: Fired: it rains.",
        "check   rain-newark not met, 31 ms late: Did not fire: it does not.",
    ]


def test_a_change_says_what_became_what_and_for_whom() -> None:
    """Status as words, budgets as money, refusals with their reason."""
    budget = replace(_CHANGE, field=FieldName.DAILY_BUDGET, from_value="5000", to_value="6000")
    refused = replace(_CHANGE, state=ChangeState.REJECTED, error="The ad set is archived.")
    unseen = replace(_CHANGE, state=ChangeState.SUPERSEDED, from_value=None, to_value=None)
    assert _shown(_news(changes=(_CHANGE, budget, refused, unseen))) == [
        "change  meta-acme ad_set 23847 status paused -> enabled, rain-newark, confirmed",
        "change  meta-acme ad_set 23847 daily budget 50.00 USD -> 60.00 USD, rain-newark, confirmed",
        "change  meta-acme ad_set 23847 status paused -> enabled, rain-newark, rejected: The ad set is archived.",
        "change  meta-acme ad_set 23847 status not looked at, rain-newark, superseded",
    ]


def test_what_people_are_told_is_shown() -> None:
    """In the sentence of the notification."""
    told = Notification(1, _AT, "The ad account meta-acme is paused: its token expired.")
    assert _shown(_news(told=(told,))) == ["told    The ad account meta-acme is paused: its token expired."]


def test_the_totals_stand_in_one_line() -> None:
    """Counts, calls by service, lateness in a unit that fits."""
    out = io.StringIO()
    PlainView(_WORDING, out).close(_TOTALS)
    assert out.getvalue() == (
        "1,200 checks · 2 changes confirmed · API calls: OpenWeather 3, Meta 4 · lateness p50 31 ms, p99 2.4 s\n"
    )


def test_when_nobody_reads_any_more_it_says_so_once() -> None:
    """As behind `| head`: no traceback, and the run is asked to end."""
    reader, writer = os.pipe()
    os.close(reader)
    unread: list[bool] = []
    with os.fdopen(writer, "w") as out:
        view = PlainView(_WORDING, out, when_unread=lambda: unread.append(True))
        view.say("one")
        view.say("two")
    assert unread == [True]


def test_every_service_has_its_name() -> None:
    """As people call it; one that is new keeps our word for it."""
    calls = {"openweather": 1, "open_meteo": 2, "meta_ads": 3, "google_ads": 4, "another_ads": 5000}
    line = totals_line(replace(_TOTALS, api_calls=calls))
    assert "API calls: OpenWeather 1, Open-Meteo 2, Meta 3, Google 4, another_ads 5,000 ·" in line
