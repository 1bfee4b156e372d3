"""What scripts read after `up --summary-json FILE`."""

from collections.abc import Mapping

from weathertrigger.storage.activity import Totals


def summary_of(totals: Totals, *, seconds: float, restarts: Mapping[str, int]) -> dict[str, object]:
    """The summary: everything since this start; lateness in ms, null before there is any."""
    return {
        "checks": totals.checks,
        "outcomes": dict(totals.outcomes),
        "changes": dict(totals.changes),
        "api_calls": dict(totals.api_calls),
        "lateness_ms": {"p50": _rounded(totals.lateness_p50), "p99": _rounded(totals.lateness_p99)},
        "seconds": round(seconds, 1),
        "restarts": dict(restarts),
    }


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 1)
