"""Who changed what by a command. Rows are only ever added: the database refuses anything else."""

from collections.abc import Mapping
from datetime import datetime

import orjson

from weathertrigger.storage.database import Row, Transaction
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


def listed(
    tx: Transaction,
    *,
    who: str | None = None,
    what: str | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    limit: int,
) -> list[Row]:
    """The newest deeds first: `id, at, who, what, subject, before, after`. `who` and `what` may be their beginnings."""
    wished = {"who": who, "what": what, "subject": subject, "since": since, "limit": limit}
    return tx.rows(load_queries("audit_log")["listed"], wished)
