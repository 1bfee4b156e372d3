"""A Graph batch: several calls in one, each with an answer of its own, in the same order. Pure.

Source: https://developers.facebook.com/docs/graph-api/batch-requests.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from weathertrigger.errors import ServiceError, Transient
from weathertrigger.http import strict_json
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, whole
from weathertrigger.platforms.meta_ads.errors import failure
from weathertrigger.platforms.meta_ads.usage import header_texts, usage_of
from weathertrigger.platforms.usage import Usage, highest

Call = Mapping[str, str]
"""One call of a batch: `method`, `relative_url`, of a POST its `body`."""


def get(node_id: str, parameters: Mapping[str, str]) -> Call:
    """Reads one node."""
    return {"method": "GET", "relative_url": f"{node_id}/?{urlencode(parameters)}"}


def post(node_id: str, parameters: Mapping[str, str]) -> Call:
    """Writes one node."""
    return {"method": "POST", "relative_url": f"{node_id}/", "body": urlencode(parameters)}


def form_of(calls: Sequence[Call]) -> dict[str, str]:
    """The parameter `batch`."""
    return {"batch": json.dumps([dict(call) for call in calls], separators=(",", ":"))}


@dataclass(frozen=True, slots=True)
class Entry:
    """The answer to one call; `usage` is told by its headers and those of the whole. A body None could not be read.

    `status` is None where Meta answers `null`, of which it says no more than that the call did not complete in time and
    may be made again. That it had no effect, or will have none later, is not said: of a write the outcome is unknown.
    """

    status: int | None
    body: Json
    usage: Usage | None = None

    def is_good(self) -> bool:
        """Whether it is an answer and no error; an error may also come under 200."""
        return self.status == HTTPStatus.OK and isinstance(self.body, dict) and dig(self.body, "error") is None

    def failure(self, origin: Origin) -> ServiceError:
        """The error that it stands for if it is not good."""
        if self.status is None:
            return origin.error(Transient, "Meta did not complete this call of the batch.")
        return failure(self.status, self.body, origin, self.usage.regain_after if self.usage else None)


def entries_of(body: Json, calls: int, origin: Origin, usage: Usage | None = None) -> list[Entry]:
    """One entry for each call; `usage` is that of the whole answer.

    Raises:
        Transient: it is no answer to a batch of so many calls. Entries are told apart by their order only.
    """
    if not isinstance(body, list) or len(body) != calls:
        raise origin.error(Transient, "Meta's answer does not fit the batch that was sent.")
    return [_entry(told, usage) for told in body]


def _entry(told: Json, usage: Usage | None) -> Entry:
    if told is None:
        return Entry(None, None, usage)
    own = usage_of(header_texts(dig(told, "headers")))
    inner = dig(told, "body")
    try:
        body = strict_json.parse(inner) if isinstance(inner, str) else None
    except strict_json.NotJson:
        body = None
    return Entry(whole(dig(told, "code")) or 0, body, highest([own, usage]))
