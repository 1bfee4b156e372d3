"""Looks at what PostgreSQL says, a few times a second, and tells what is new."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from weathertrigger.domain.change import ChangeState
from weathertrigger.storage import activity, notifications
from weathertrigger.storage.activity import Change, Check, StartingPoint, Totals, WatchedRule
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.notifications import Notification

Row = TypeVar("Row", Check, Change, Notification)

_ROWS = 5000
_RULES = 50
_SETTLED_S = 2.0  # an id may be committed after a higher one, but not later than this
_STANDING_EVERY_S = 1.0
_STANDING_SHARE = 10  # counting costs at most a tenth of the time, however many rows there are


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand: the first rules by id, each with its last check, how many rules there are, and the totals."""

    rules: Sequence[WatchedRule]
    rules_in_all: int
    totals: Totals


@dataclass(frozen=True, slots=True)
class News:
    """One look: the checks that are new, the changes that have come to an end or whose answer did not come, what
    people were told, and how things stand, at most a second or so ago."""

    checks: Sequence[Check]
    changes: Sequence[Change]
    told: Sequence[Notification]
    standing: Standing


class Watch:
    """Everything that happens after a starting point."""

    def __init__(self, database: Database, since: StartingPoint) -> None:
        self._database = database
        self._since = since
        self._checks = _Tail(since.execution_id)
        self._changes = _Tail(since.change_id)
        self._notifications = _Tail(since.notification_id)
        self._open = set(since.open_changes)
        self._told: dict[int, ChangeState] = {}
        self._standing: Standing | None = None
        self._count_again_at = 0.0
        self._checks_seen = 0

    @property
    def checks_seen(self) -> int:
        """How many checks were recorded since the starting point, as far as we looked."""
        return self._checks_seen

    def look(self) -> News:
        """Looks once.

        Raises:
            StorageError: PostgreSQL does not answer; look again.
        """
        with self._database.transaction() as tx:
            checks = self._checks.new(activity.checks_after(tx, self._checks.after, _ROWS))
            changes = self._new_changes(activity.changes_after(tx, self._changes.after, self._open, _ROWS))
            told = self._notifications.new(notifications.after(tx, self._notifications.after, _ROWS))
            standing = self._standing_now(tx)
        self._checks_seen += len(checks)
        return News(checks, changes, told, standing)

    def final_totals(self) -> Totals:
        """Everything since the starting point, counted now."""
        with self._database.transaction() as tx:
            return activity.totals(tx, self._since)

    def _new_changes(self, found: Sequence[Change]) -> list[Change]:
        self._changes.new(found)
        news = []
        for change in found:
            if change.finished_at is None:
                self._open.add(change.id)
            else:
                self._open.discard(change.id)
            is_news = change.finished_at is not None or change.state is ChangeState.UNKNOWN
            if is_news and self._told.get(change.id) is not change.state:
                self._told[change.id] = change.state
                news.append(change)
        still_found = {change.id for change in found}
        self._told = {one: state for one, state in self._told.items() if one in still_found}
        return news

    def _standing_now(self, tx: Transaction) -> Standing:
        started = time.monotonic()
        if self._standing is None or started >= self._count_again_at:
            rules, in_all = activity.rules(tx, _RULES)
            self._standing = Standing(rules, in_all, activity.totals(tx, self._since))
            cost = time.monotonic() - started
            self._count_again_at = started + max(_STANDING_EVERY_S, _STANDING_SHARE * cost)
        return self._standing


class _Tail:
    """Follows a table by id. Transactions commit in any order, so the last seconds are looked at again."""

    def __init__(self, last: int) -> None:
        self.after = last
        self._seen: dict[int, float] = {}

    def new(self, rows: Iterable[Row]) -> list[Row]:
        """Those of the rows that were not there before."""
        now = time.monotonic()
        fresh = [row for row in rows if row.id > self.after and row.id not in self._seen]
        self._seen.update(dict.fromkeys((row.id for row in fresh), now))
        settled = [one for one, at in self._seen.items() if now - at > _SETTLED_S]
        if settled:
            self.after = max(settled)
            self._seen = {one: at for one, at in self._seen.items() if one > self.after}
        return fresh
