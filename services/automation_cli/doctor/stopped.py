"""The pauses that are in force, each as a finding of its own: what stands still because somebody wanted it so."""

from collections.abc import Mapping

from services.automation_cli.connections import Settings
from services.automation_cli.doctor.finding import Finding, ok, warning
from services.automation_cli.output import cell
from weathertrigger.storage import pauses
from weathertrigger.storage.database import Transaction


def pauses_in_force(tx: Transaction, _: Settings) -> Mapping[str, Finding]:
    """By what is paused: `paused: account meta-acme`."""
    listed = pauses.listed(tx)
    if not listed:
        return {"pauses": ok("none")}
    return {
        f"paused: {one.covered}": warning(
            f"since {cell(one.since)} UTC by {one.who}: {one.reason}", f"`automation-cli resume {one.covered.option}`."
        )
        for one in listed
    }
