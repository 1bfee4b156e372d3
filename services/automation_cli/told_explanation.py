"""The document of an execution for people: the condition tree, whose weather it was and how old; holds and hours."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any as Json  # JSON of our own making, maybe of an earlier version

from rich.console import Console

from services.automation_cli.condition_tree import whole_tree
from services.automation_cli.output import cell
from weathertrigger.service_names import spoken_service

_HOLDS = {
    "for": ("true since", "met_since", "active from", "active_from"),
    "keep_for": ("ended", "ended_at", "active until", "kept_until"),
}
"""By a word of the rule: what is said of the beginning and of the end, each with its key."""


def print_explanation(out: Console, explanation: Mapping[str, Json], at: datetime) -> None:
    """What a check saw at that time."""
    if not explanation.keys().isdisjoint(("condition", "cases", "places")):  # not of a check outside the active hours
        out.print(whole_tree(explanation))
    if "reading" in explanation:  # where there are several places, each has its own
        out.print(_source(explanation, at), highlight=False, markup=False)
    if "hold" in explanation:
        out.print(_hold(explanation["hold"]), highlight=False, markup=False)
    if "active" in explanation:
        out.print(_hours(explanation["active"]), highlight=False, markup=False)


def in_utc(at: datetime) -> str:
    """`2026-03-01 14:00:00 UTC`."""
    return f"{cell(at)} UTC"


def _source(explanation: Mapping[str, Json], at: datetime) -> str:
    """`Reading 7: OpenWeather, observed 2026-03-01 14:00:00 UTC, 6 min old.`"""
    if not explanation.get("observed_at"):
        return "There was no reading of the present weather."
    observed_at = datetime.fromisoformat(explanation["observed_at"])
    minutes = max(0, int((at - observed_at).total_seconds() // 60))
    who = f"Reading {explanation['reading']}: {spoken_service(explanation['provider'])}"
    return f"{who}, observed {in_utc(observed_at)}, {minutes} min old."


def _hours(active: Mapping[str, Json]) -> str:
    """`Active hours: outside until 2026-03-02 05:00:00 UTC (Europe/Zurich).`"""
    until = f"until {in_utc(datetime.fromisoformat(active['until']))}" if active["until"] else "for good"
    return f"Active hours: {'within' if active['within'] else 'outside'} {until} ({active['timezone']})."


def _hold(hold: Mapping[str, Json]) -> str:
    """`Hold: ended 2026-03-01 14:06:00 UTC, active until 2026-03-01 15:06:00 UTC (keep_for 60 min).`"""
    word = next(word for word in _HOLDS if word in hold)
    began, began_key, ends, ends_key = _HOLDS[word]
    beginning, end = (in_utc(datetime.fromisoformat(hold[key])) for key in (began_key, ends_key))
    return f"Hold: {began} {beginning}, {ends} {end} ({word} {hold[word]})."
