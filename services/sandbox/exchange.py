"""One request and what the journal says of it."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from flask import g, request

from services.sandbox.replay_clock import Moment

_SECRETS = frozenset({"appid", "access_token", "appsecret_proof", "client_secret", "refresh_token", "apikey", "key"})


@dataclass(frozen=True, slots=True)
class Change:
    """One field that was written, in the values of that platform's own wire.

    Writing the same value again is a change too: a witness has to see repeated writes.
    """

    resource: str
    field: str
    before: str | None
    after: str

    def document(self) -> dict[str, str | None]:
        """As it stands in the journal."""
        return {"resource": self.resource, "field": self.field, "from": self.before, "to": self.after}


@dataclass(slots=True)
class Exchange:
    """Filled in by the imitated API while it answers.

    `moment` is when it was done, and which hour's weather it told; `calls` is what the platform counts for its limits.
    """

    service: str
    moment: Moment
    account: str | None = None
    calls: int = 1
    request_id: str | None = None
    changes: list[Change] = field(default_factory=list)

    def entry(self, status: int | None, fault: str | None = None) -> dict[str, object]:
        """The journal's entry. `status` is None when no answer went out."""
        return {
            "time": self.moment.real,
            "replay_time": self.moment.replay,
            "service": self.service,
            "method": request.method,
            "path": _path_without_secrets(),
            "account": self.account,
            "status": status,
            "calls": self.calls,
            "request_id": self.request_id,
            "changes": [change.document() for change in self.changes],
            "fault": fault,
        }


def begin(service: str, moment: Moment) -> Exchange:
    """The exchange of the request that is being answered now."""
    exchange = g.exchange = Exchange(service, moment)
    return exchange


def current() -> Exchange:
    """The exchange that was begun for this request."""
    exchange: Exchange = g.exchange
    return exchange


def _path_without_secrets() -> str:
    query = parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True)
    shown = urlencode([(name, value) for name, value in query if name.lower() not in _SECRETS], safe=",{}")
    return f"{request.path}?{shown}" if shown else request.path
