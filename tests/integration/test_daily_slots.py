"""Rules that are checked at a local time of every day, on a real database (semantics 11 and 13, protocol S)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.integration.engine import WORKER, Engine, asking, rule_file
from tests.integration.rule_documents import NEWARK, OWNER, RAIN, Document, rule
from weathertrigger.domain.schedule import Daily
from weathertrigger.operations.reschedule import Rescheduled, reschedule
from weathertrigger.storage.database import Row

_NEW_YORK = ZoneInfo("America/New_York")
_MORNING = Daily(360, _NEW_YORK)
_DAY = timedelta(days=1)


def _daily(time: str = "06:00", **more: object) -> Document:
    return rule("wet", every="24 h", at=time, **more)


def _row(engine: Engine) -> Row:
    return engine.row("SELECT * FROM automation_rules")


def _clock(engine: Engine) -> datetime:
    now: datetime = engine.value("SELECT clock_ms()")
    return now


def _put_back(engine: Engine, daily: Daily, days: int = 0) -> datetime:
    """As if the last slot, or so many days before it, had not been checked yet; gives the last one."""
    latest = daily.latest(_clock(engine))
    first = daily.latest(latest - days * _DAY)
    engine.execute("UPDATE automation_rules SET next_slot_at = %(at)s", at=first)
    return latest


def test_slots_are_at_the_local_time(engine: Engine) -> None:
    """Semantics 11: in the zone of the coordinates; the next one follows from the schedule, the row names what it
    stands for."""
    engine.apply(_daily())
    assert _row(engine).next_slot_at == _MORNING.after(_clock(engine))
    latest = _put_back(engine, _MORNING, days=3)
    engine.evaluator()(asking(engine.dues("wet"), engine.reading(RAIN)))
    (row,) = engine.executions("wet")
    assert (row.trigger, row.scheduled_for) == ("slot", latest)
    assert row.scheduled_for.astimezone(_NEW_YORK).hour == 6
    assert timedelta(hours=71) <= latest - row.coalesced_from <= timedelta(hours=73)
    assert _row(engine).next_slot_at == _MORNING.after(latest)


def test_an_edit_of_the_time_overtakes_a_slot_that_is_due(engine: Engine) -> None:
    """S8: another time, another zone and no time are other slots; one that was due is `superseded`."""
    tokyo = {"latitude": NEWARK.latitude, "longitude": NEWARK.longitude, "timezone": "Asia/Tokyo"}
    there = ZoneInfo("Asia/Tokyo")
    engine.apply(_daily())
    edits = [
        (_MORNING, _daily("07:30")),
        (Daily(450, _NEW_YORK), _daily("07:30", place=tokyo)),
        (Daily(450, there), rule("wet", every="24 h", place=tokyo)),
    ]
    for before, edited in edits:
        latest = _put_back(engine, before)
        engine.apply(edited)
        assert latest in [row.scheduled_for for row in engine.executions("wet") if row.outcome == "superseded"]
        assert _row(engine).next_slot_at > _clock(engine)
    assert (_row(engine).daily_at, _row(engine).daily_zone) == (None, None)


def test_an_edit_of_something_else_keeps_the_slot(engine: Engine) -> None:
    """S8: a slot that is due stays due."""
    engine.apply(_daily())
    latest = _put_back(engine, _MORNING)
    engine.apply(_daily(priority=7))
    assert _row(engine).next_slot_at == latest
    assert engine.executions("wet") == []


def _reschedule(engine: Engine, hours: float) -> Rescheduled:
    done = reschedule(engine.database, "wet", owner=OWNER, interval=timedelta(hours=hours), worker_id=WORKER)
    assert done is not None
    return done


def test_another_interval_takes_the_time_of_day_away(engine: Engine) -> None:
    """Semantics 13: `schedule-rule` with another interval goes back to the grid and says so; a day is what it had."""
    engine.apply(_daily())
    assert (_reschedule(engine, 24).no_longer_at, _row(engine).daily_at) == (None, 360)
    done = _reschedule(engine, 0.5)
    assert (done.no_longer_at, _row(engine).daily_at, _row(engine).interval_ms) == (360, None, 1_800_000)
    assert done.next_slot_at - _clock(engine) <= timedelta(minutes=30)


def test_a_rule_with_a_time_of_day_loads_from_its_own_document(engine: Engine) -> None:
    """Semantics A: applying what is stored changes nothing."""
    engine.apply(_daily())
    document = engine.value("SELECT document FROM automation_rules")
    del document["owner"]
    assert rule_file(document).rules[0].at == 360
    assert engine.apply(document).unchanged == ("wet",)
