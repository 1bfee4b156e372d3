"""Whether anybody is told when something is wrong."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from services.automation_cli.connections import Settings, environment_here
from services.automation_cli.doctor.finding import Finding, ok, warning
from weathertrigger import settings as declared
from weathertrigger.environment import read_settings
from weathertrigger.storage import installation
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.installation import OutsideWorld


@dataclass(frozen=True, kw_only=True)
class _AlertSettings:
    sentry_dsn: str | None = declared.SENTRY_DSN.field()


def alerts(tx: Transaction, _: Settings) -> Finding:
    """Whether errors and notifications go to Sentry; where money is spent somebody should look there."""
    dsn = read_settings(_AlertSettings, environment_here()).sentry_dsn
    if dsn:
        return ok(f"go to Sentry at {urlsplit(dsn).hostname}")
    there = installation.get(tx)
    if there is None or there.outside_world is OutsideWorld.SANDBOX:
        return ok("go nowhere but into the logs: SENTRY_DSN is not set")
    return warning(
        "go nowhere but into the logs: SENTRY_DSN is not set",
        "Set it here and where the services run, or look at `automation-cli notifications` every day.",
    )
