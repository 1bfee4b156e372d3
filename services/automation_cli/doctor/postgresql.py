"""The database: its server, its tables, what it says of the installation, and whether anybody works on it."""

from services.automation_cli.connections import Settings
from services.automation_cli.doctor.finding import Finding, fault, ok, warning
from weathertrigger.storage import diagnosis, installation, worker_registry
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.migrate import standing

_OLDEST = 150000


def server(tx: Transaction, _: Settings) -> Finding:
    """Its version."""
    version, number = diagnosis.server(tx)
    if number < _OLDEST:
        return fault(f"version {version}", "Use PostgreSQL 15 or newer.")
    return ok(f"version {version}")


def migrations(tx: Transaction, _: Settings) -> Finding:
    """Whether the tables are those of this version of the software."""
    there = standing(tx)
    if there.strangers:
        return fault(f"made by a newer version: {', '.join(there.strangers)}", "Update the software.")
    if there.changed:
        return fault(
            f"changed after they had been applied: {', '.join(there.changed)}",
            "Restore the files and put the change into a new migration.",
        )
    if there.pending:
        return fault(f"not applied: {', '.join(there.pending)}", "Run `automation-cli migrate`.")
    return ok("all applied")


def kind(tx: Transaction, _: Settings) -> Finding:
    """Whether the outside world is the sandbox or the real one, and whether anything may be changed there."""
    there = installation.get(tx)
    if there is None:
        return warning("not said yet", "Run `automation-cli setup` (or `up`).")
    return ok(f"outside world {there.outside_world}, mode {there.mode}")


def workers(tx: Transaction, _: Settings) -> Finding:
    """Whether every service has a worker that lives, if there is anything to check."""
    alive = worker_registry.at_work(worker_registry.listed(tx))
    found = ", ".join(f"{workers} {service}" for service, workers in sorted(alive.items())) or "none"
    missing = [service for service in worker_registry.SERVICES if service not in alive]
    if missing and diagnosis.any_rule_enabled(tx):
        return warning(
            f"alive: {found}",
            f"Rules are enabled and nobody runs: {', '.join(missing)}. Start them.",
        )
    return ok(f"alive: {found}")
