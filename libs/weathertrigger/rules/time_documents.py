"""What a rule says of time as canonical JSON, in the language of rule files; what it does not say has no key."""

from datetime import timedelta
from typing import Any as Json  # JSON of our own making: its shape is checked by reading it

from weathertrigger.domain.hold import NO_TIME, Hold, OnNoData
from weathertrigger.domain.rule import Rule

Document = dict[str, object]


def time_documents(rule: Rule) -> Document:
    """`{"every": "1800 s", "catch_up": "60 s", "hold": {"for": "600 s"}, "on_no_data": "revert"}`."""
    said: dict[str, object] = {
        "every": length_document(rule.interval),
        "catch_up": None if rule.catch_up is None else length_document(rule.catch_up),
        "hold": _hold_document(rule.hold) or None,
        "on_no_data": None if rule.on_no_data is OnNoData.HOLD else rule.on_no_data.value,
    }
    return {key: document for key, document in said.items() if document is not None}


def read_hold(document: Json) -> Hold:
    """The hold that stands in a rule's document. Raises what a look-up in a strange document raises."""
    hold = document.get("hold", {})
    return Hold(*(read_length(hold[key]) if key in hold else NO_TIME for key in ("for", "keep_for")))


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


def _hold_document(hold: Hold) -> Document:
    lengths = {"for": hold.wait, "keep_for": hold.keep}
    return {key: length_document(length) for key, length in lengths.items() if length}
