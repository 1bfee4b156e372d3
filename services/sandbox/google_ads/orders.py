"""What a test orders of the imitated Google Ads: errors, ends of access tokens, quotas, accounts behind a manager.

Like the ordered faults they are not remembered over a restart. Read and written only in the world's turn.
"""

import re
import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

PAGE = 10_000
LIFETIME_S = 3599

_TOKEN = re.compile(r"ya29\.[A-Za-z0-9_-]+\.([0-9]{1,16})\.([0-9]{1,9})")
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(slots=True)
class OrderedError:
    """An error of Google Ads for the next `remaining` requests of an account or, with a `resource`, for as many
    operations on it."""

    category: str
    code: str
    message: str
    status: int
    resource: str | None
    details: dict[str, object]
    remaining: int

    def document(self) -> dict[str, object]:
        """As the control API shows it."""
        return {
            "error": f"{self.category}.{self.code}",
            "status": self.status,
            "resource": self.resource,
            "remaining": self.remaining,
        }


@dataclass(slots=True)
class AccountOrders:
    """Of one account. `manager` is the only way in; `smallest_budget` is that of a day, in micros."""

    manager: str | None = None
    smallest_budget: int | None = None
    errors: list[OrderedError] = field(default_factory=list)

    def next_error(self, resource: str | None = None) -> OrderedError | None:
        """The error that strikes a request, or an operation on the resource; it is then counted."""
        for error in self.errors:
            if error.resource == resource and error.remaining:
                error.remaining -= 1
                return error
        return None


@dataclass(slots=True)
class Orders:
    """Of the whole API. `operations_left` is what the cloud project may still do today."""

    page_rows: int = PAGE
    token_lifetime_s: int = LIFETIME_S
    tokens_ended_at: datetime = _EPOCH
    revoked: set[str] = field(default_factory=set)
    operations_left: int | None = None
    accounts: defaultdict[str, AccountOrders] = field(default_factory=lambda: defaultdict(AccountOrders))

    def issue_token(self, now: datetime) -> str:
        """An access token that carries its own time, so that a restart of the sandbox logs nobody out."""
        return f"ya29.{secrets.token_urlsafe(24)}.{(now - _EPOCH) // _MICROSECOND}.{self.token_lifetime_s}"

    def has_ended(self, token: str, now: datetime) -> bool:
        """Whether it is a token of ours whose time is over, or that was ended."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            return False
        issued = _EPOCH + int(found[1]) * _MICROSECOND
        return now >= issued + timedelta(seconds=int(found[2])) or issued <= self.tokens_ended_at

    def spend(self, operations: int) -> bool:
        """Takes so many of what is left of the day; False: there are not that many left."""
        if self.operations_left is None:
            return True
        if operations > self.operations_left:
            return False
        self.operations_left -= operations
        return True
