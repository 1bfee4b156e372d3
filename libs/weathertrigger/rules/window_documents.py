"""Windows and trends as canonical JSON, in the language of rule files."""

from typing import Any as Json  # JSON of our own making: its shape is checked by reading it

from weathertrigger.domain.condition import DaySpan, Direction, HourSpan, Over, Take, Trend, Truth
from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.weather import Metric
from weathertrigger.rules.canonical import Document


def over_document(over: Over) -> Document:
    """`{"from": "+0 h", "to": "+12 h", "take": "hours", "at_least": 3}`, or with `days` and `each_day`."""
    span = over.span
    document: Document
    if isinstance(span, HourSpan):
        document = {"from": f"{span.start:+d} h", "to": f"{span.end:+d} h"}
    else:
        document = {"days": [span.first, span.last], "each_day": span.each_day.value}
    document["take"] = over.take.value
    if over.at_least is not None:
        document["at_least"] = over.at_least
    return document


def read_over(document: Json) -> Over:
    """The window that `over_document` wrote. Raises what a look-up in a strange document raises."""
    span: HourSpan | DaySpan
    if "days" in document:
        first, last = document["days"]
        span = DaySpan(int(first), int(last), EachDay(document["each_day"]))
    else:
        span = HourSpan(_hours(document["from"]), _hours(document["to"]))
    return Over(span, Take(document["take"]), document.get("at_least"))


def trend_document(trend: Trend) -> Document:
    """`{"metric": "temperature", "falls_by": 5, "unit": "C", "within": "3 h"}`."""
    return {
        "metric": trend.metric.value,
        trend.direction.value: trend.amount,
        "unit": trend.unit,
        "within": f"{trend.within} h",
    }


def read_trend(document: Json, metric: Metric, if_missing: Truth) -> Trend:
    """The trend that `trend_document` wrote. Raises what a look-up in a strange document raises."""
    (direction,) = [known for known in Direction if known.value in document]
    amount = float(document[direction.value])
    return Trend(metric, direction, amount, document["unit"], _hours(document["within"]), if_missing)


def _hours(text: str) -> int:
    return int(text.removesuffix(" h"))
