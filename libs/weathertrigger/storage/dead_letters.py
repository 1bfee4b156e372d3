"""Messages that nobody can work on, kept with the reason."""

from collections.abc import Collection

from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "dead_letters"


def add(tx: Transaction, *, queue: str, actor: str, body: str, reason: str, redis_id: str | None = None) -> None:
    """Keeps a message; `body` is its JSON, or whatever came. One that came by way of Redis is kept once."""
    letter = {"queue": queue, "actor": actor, "body": body, "reason": reason, "redis_id": redis_id}
    tx.execute(load_queries(_SQL)["add"], {key: text and _storable(text) for key, text in letter.items()})


def listed(tx: Transaction, *, queue: str | None, limit: int) -> list[Row]:
    """The newest first, of this queue or of all; every column of the table."""
    return tx.rows(load_queries(_SQL)["listed"], {"queue": queue, "limit": limit})


def ids(tx: Transaction) -> list[int]:
    """The ids of all, the oldest first."""
    return [row.id for row in tx.rows(load_queries(_SQL)["ids"])]


def get(tx: Transaction, letter_ids: Collection[int]) -> list[Row]:
    """Those of the letters that exist; every column of the table."""
    return tx.rows(load_queries(_SQL)["get"], {"ids": list(letter_ids)})


def lock(tx: Transaction, letter_ids: Collection[int]) -> list[Row]:
    """Those of the letters that exist, locked; the oldest first."""
    return tx.rows(load_queries(_SQL)["lock"], {"ids": list(letter_ids)})


def remove(tx: Transaction, letter_ids: Collection[int]) -> None:
    """They are not kept any more."""
    tx.execute(load_queries(_SQL)["remove"], {"ids": list(letter_ids)})


def count(tx: Transaction) -> int:
    """How many there are."""
    return int(tx.rows(load_queries(_SQL)["count"])[0].letters)


def _storable(text: str) -> str:
    """PostgreSQL has no text with a NUL, and UTF-8 none with half a surrogate pair."""
    return text.encode(errors="backslashreplace").decode().replace("\x00", "")
