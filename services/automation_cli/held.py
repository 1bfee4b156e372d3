"""What held a rule at a check beside its condition, from the document that is stored of it: holds and active hours."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any as Json  # JSON of our own making, maybe of an earlier version

from services.automation_cli.output import cell


def told_holds(explanation: Mapping[str, Json]) -> Iterator[str]:
    """A line each; nothing where nothing held."""
    if active := explanation.get("active"):
        where = "within" if active["within"] else "outside"
        until = f"until {_when(active['until'])}" if active["until"] else "for good"
        yield f"Active hours: {where}, {until} (hours of {active['timezone']})."
    hold = explanation.get("hold", {})
    if "for" in hold:
        waited = f"true since {_when(hold['met_since'])}, active from {_when(hold['active_from'])}"
        yield f"Hold for {hold['for']}: {waited}."
    if "keep_for" in hold:
        kept = f"ended at {_when(hold['ended_at'])}, kept until {_when(hold['kept_until'])}"
        yield f"Hold, keep for {hold['keep_for']}: {kept}."


def _when(instant: str) -> str:
    return f"{cell(datetime.fromisoformat(instant))} UTC"
