"""Messages that nobody can work on, kept with the reason."""

from weathertrigger.storage.database import Transaction
from weathertrigger.storage.queries import load_queries


def add(tx: Transaction, *, queue: str, actor: str, body: str, reason: str, redis_id: str | None = None) -> None:
    """Keeps a message; `body` is its JSON, or whatever came. One that came by way of Redis is kept once."""
    tx.execute(
        load_queries("dead_letters")["add"],
        {"queue": queue, "actor": actor, "body": body.replace("\x00", ""), "reason": reason, "redis_id": redis_id},
    )
