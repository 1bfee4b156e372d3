"""Who changed what by a command. Rows are only ever added: the database refuses anything else."""

from collections.abc import Mapping

import orjson

from weathertrigger.storage.database import Transaction
from weathertrigger.storage.queries import load_queries


def record(
    tx: Transaction,
    *,
    who: str,
    what: str,
    subject: str,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
) -> None:
    """Keeps it in the transaction of the deed. `before` and `after` hold no secret."""
    tx.execute(
        load_queries("audit_log")["record"],
        {"who": who, "what": what, "subject": subject, "before": _json(before), "after": _json(after)},
    )


def _json(document: Mapping[str, object] | None) -> str | None:
    return None if document is None else orjson.dumps(document).decode()
