"""What is kept of who did what by a command."""

import getpass
import socket
from collections.abc import Mapping

from weathertrigger.storage import audit_log
from weathertrigger.storage.database import Transaction


def who() -> str:
    """The person at the command line: `anna@host`."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container may run under a number that has no name
        user = "somebody"
    return f"{user}@{socket.gethostname()}"


def record(
    tx: Transaction, what: str, subject: str, before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> None:
    """Keeps who did what, in the transaction of the deed. `what` is the command, `subject` such as `rule rain-budget`;
    before and after must not hold a secret."""
    audit_log.record(tx, who=who(), what=what, subject=subject, before=before, after=after)
