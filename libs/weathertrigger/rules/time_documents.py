"""What a rule says of time as canonical JSON, in the language of rule files; what it does not say has no key."""

from datetime import date, timedelta
from typing import Any as Json  # JSON of our own making: its shape is checked by reading it

from weathertrigger.domain.active_hours import ALWAYS, WEEKDAYS, ActiveHours, Dates, Span
from weathertrigger.domain.hold import NO_TIME, Hold, OnNoData
from weathertrigger.domain.local_time import MINUTES_A_DAY
from weathertrigger.domain.rule import Rule
from weathertrigger.rules.canonical import Document


def time_documents(rule: Rule) -> Document:
    """`{"every": "1800 s", "catch_up": "60 s", "hold": {"for": "600 s"}, "on_no_data": "revert"}`."""
    said: dict[str, object] = {
        "every": length_document(rule.interval),
        "at": None if rule.at is None else time_document(rule.at),
        "catch_up": None if rule.catch_up is None else length_document(rule.catch_up),
        "active": _active_document(rule.active),
        "dates": _dates_document(rule.active),
        "hold": _hold_document(rule.hold) or None,
        "on_no_data": None if rule.on_no_data is OnNoData.HOLD else rule.on_no_data.value,
    }
    return {key: document for key, document in said.items() if document is not None}


def read_hold(document: Json) -> Hold:
    """The hold that stands in a rule's document. Raises what a look-up in a strange document raises."""
    hold = document.get("hold", {})
    return Hold(*(read_length(hold[key]) if key in hold else NO_TIME for key in ("for", "keep_for")))


def read_active(document: Json) -> ActiveHours | None:
    """The active hours and dates of a rule's document. Raises what a look-up in a strange document raises."""
    if "active" not in document and "dates" not in document:
        return None
    spans = tuple(sorted(_read_span(one) for one in document["active"])) if "active" in document else ALWAYS
    dates = document.get("dates", {})
    first, last = [date.fromisoformat(dates[key]) if key in dates else None for key in ("from", "until")]
    return ActiveHours(spans, Dates(first, last, frozenset(map(date.fromisoformat, dates.get("except", ())))))


def read_on_no_data(document: Json) -> OnNoData:
    """What the rule's document says of it. Raises ValueError."""
    return OnNoData(document.get("on_no_data", OnNoData.HOLD))


def length_document(length: timedelta) -> str:
    """`90 s`, or with a fraction."""
    seconds = length.total_seconds()
    return f"{int(seconds) if seconds.is_integer() else seconds} s"


def read_length(text: str) -> timedelta:
    """The length that `length_document` wrote. Raises ValueError."""
    return timedelta(seconds=float(text.removesuffix(" s")))


def _active_document(active: ActiveHours | None) -> list[Document] | None:
    if active is None or active.spans == ALWAYS:
        return None
    return [
        {"days": [WEEKDAYS[day] for day in span.days], "hours": [f"{time_document(span.start)}-{_end(span.end)}"]}
        for span in active.spans
    ]


def _dates_document(active: ActiveHours | None) -> Document | None:
    if active is None or active.dates == Dates():
        return None
    ends = {"from": active.dates.first, "until": active.dates.last}
    document: Document = {key: day.isoformat() for key, day in ends.items() if day}
    if active.dates.left_out:
        document["except"] = sorted(day.isoformat() for day in active.dates.left_out)
    return document


def _read_span(document: Json) -> Span:
    (hours,) = document["hours"]
    start, end = [read_time(text) for text in hours.split("-")]
    days = tuple(WEEKDAYS.index(day) for day in document["days"])
    return Span(days, start, end if end > start else end + MINUTES_A_DAY)


def time_document(minute: int) -> str:
    """`06:00`, of minutes after midnight."""
    return f"{minute // 60:02}:{minute % 60:02}"


def read_time(text: str) -> int:
    """The minutes that `time_document` wrote. Raises ValueError."""
    hour, minute = text.split(":")
    return 60 * int(hour) + int(minute)


def _end(minute: int) -> str:
    """Midnight at the end of the day is 24:00; after it the time of the next day."""
    return time_document(minute if minute <= MINUTES_A_DAY else minute - MINUTES_A_DAY)


def _hold_document(hold: Hold) -> Document:
    lengths = {"for": hold.wait, "keep_for": hold.keep}
    return {key: length_document(length) for key, length in lengths.items() if length}
