"""The troubles outside that have begun and not ended, each as a finding of its own."""

from collections.abc import Mapping
from types import MappingProxyType

from services.automation_cli.connections import Settings
from services.automation_cli.doctor.finding import Finding, ok, warning
from services.automation_cli.output import cell
from weathertrigger.storage import incidents
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.incidents import IncidentKind

_ADVICE: Mapping[str, str] = MappingProxyType(
    {
        IncidentKind.BREAKER_OPEN: "It is tried again by itself, ever more seldom.",
        IncidentKind.UNAUTHORISED: "Put its key right, here and where the services run.",
        IncidentKind.QUOTA_EXHAUSTED: "`automation-cli rate-limit-stats` shows what is used of its limits.",
        IncidentKind.REVERT_REFUSED: "Set the value by hand in the platform's own pages, or see why it is refused.",
        IncidentKind.IMPLAUSIBLE: "The value is taken as unknown; there is nothing to do.",
    }
)


def open_incidents(tx: Transaction, _: Settings) -> Mapping[str, Finding]:
    """By what it is about: `breaker open: openweather`."""
    listed = incidents.listed(tx)
    if not listed:
        return {"incidents": ok("none")}
    return {
        f"{row.kind.replace('_', ' ')}: {row.subject}": warning(
            f"since {cell(row.opened_at)} UTC: {row.message}", _ADVICE.get(row.kind, "")
        )
        for row in listed
    }
