"""Rules as a file says them, for the tests of the pipeline: each a function of what a test cares about."""

from collections.abc import Mapping
from typing import Any

from weathertrigger.domain.weather import Metric, Value, place_at

Document = dict[str, Any]  # Any: JSON of a rules file

OWNER = "user-456"
NEWARK = place_at(40.69, -74.17)
META, GOOGLE = "meta-acme", "google-acme"
RAIN: Mapping[Metric, Value] = {Metric.RAIN: 2.0}
DRY: Mapping[Metric, Value] = {Metric.RAIN: 0.0}


def rule(rule_id: str, *targets: Document, **more: object) -> Document:
    """A live rule that looks at the rain in Newark every half hour; without targets: it enables ad set 23847."""
    return {
        "id": rule_id,
        "name": f"Rule {rule_id}",
        "place": {"latitude": NEWARK.latitude, "longitude": NEWARK.longitude},
        "every": "30 min",
        "when": {"metric": "rain", "above": 0.5, "unit": "mm/h"},
        "mode": "live",
        "targets": list(targets) or [status("23847")],
        **more,
    }


def status(ad_set: str, value: str = "enabled", **more: object) -> Document:
    """A target that sets the status of a Meta ad set."""
    return {"account": META, "ad_set": ad_set, "set": {"status": value}, **more}


def budget(ad_set: str, wanted: object = "+20 %", **more: object) -> Document:
    """A target that sets the daily budget of a Meta ad set, to an amount or by a percentage."""
    return {"account": META, "ad_set": ad_set, "set": {"daily_budget": _amount(wanted)}, **more}


def campaign_budget(campaign: str, wanted: object = "+20 %", **more: object) -> Document:
    """A target that sets the daily budget of a Google campaign, to an amount or by a percentage."""
    return {"account": GOOGLE, "campaign": campaign, "set": {"daily_budget": _amount(wanted)}, **more}


def _amount(wanted: object) -> object:
    return {"change": wanted} if isinstance(wanted, str) and wanted.endswith("%") else wanted
