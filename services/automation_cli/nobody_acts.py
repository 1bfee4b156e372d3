"""Says that nobody is there to carry out what was ordered, where that is so."""

from services.automation_cli.output import say
from weathertrigger.storage import worker_registry
from weathertrigger.storage.database import Database

_SERVICE = "ad-action"


def tell_if_nobody_acts(database: Database, *, otherwise: str = "") -> None:
    """`otherwise` is a sentence about what else there is to do."""
    with database.transaction() as tx:
        alive = worker_registry.at_work(worker_registry.listed(tx))
    if _SERVICE not in alive:
        say(f"No {_SERVICE} worker is alive: start one.{' ' * bool(otherwise)}{otherwise}")
