"""Who changed what by a command. Rows are only ever added: the database refuses anything else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done to one subject, such as `rule rain-budget`: what it was before and after. No secret is in it."""

    subject: str
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None


def record_all(tx: Transaction, deeds: Sequence[Deed], *, who: str, what: str) -> None:
    """Keeps what one command did to many, in the transaction of the deed."""
    columns = {
        "subjects": [one.subject for one in deeds],
        "befores": [_json(one.before) for one in deeds],
        "afters": [_json(one.after) for one in deeds],
    }
    tx.execute(load_queries("audit_log")["record"], {"who": who, "what": what, **columns})


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
    record_all(tx, [Deed(subject, before, after)], who=who, what=what)


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
