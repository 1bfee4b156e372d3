"""The real client of Redis and the real pool of PostgreSQL, with a fuse around each round trip and each commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any  # redis-py leaves commands and answers untyped

import redis
from redis.client import Pipeline

from tests.integration.schedule_model.fuse import Fuse
from weathertrigger.errors import StorageUnavailable
from weathertrigger.storage.database import Database, Transaction


class FusedDatabase(Database):
    """The pool of another, for one process. A transaction has points before it, before its commit, and after it."""

    def __init__(self, pool: Database, fuse: Fuse) -> None:
        self._pool = pool
        self._fuse = fuse

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._fuse.operation(StorageUnavailable), self._pool.transaction() as tx:
            yield tx
            self._fuse.point(StorageUnavailable)


class FusedRedis(redis.Redis):
    """The connections of another, for one process. A command has points before and after it; so has a pipeline."""

    def __init__(self, client: redis.Redis, fuse: Fuse) -> None:
        super().__init__(connection_pool=client.connection_pool)
        self._fuse = fuse

    def execute_command(self, *args: Any, **options: Any) -> Any:
        with self._fuse.operation(redis.ConnectionError):
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # as redis-py leaves it

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> "FusedPipeline":
        return FusedPipeline(self, self._fuse, transaction=transaction, shard_hint=shard_hint)


class FusedPipeline(Pipeline):
    """Reaches the server once, as a whole."""

    def __init__(self, client: redis.Redis, fuse: Fuse, *, transaction: bool, shard_hint: str | None) -> None:
        super().__init__(client.connection_pool, client.response_callbacks, transaction, shard_hint)
        self._fuse = fuse

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        with self._fuse.operation(redis.ConnectionError):
            return super().execute(raise_on_error)
