"""The two ways in which we call the Graph: one read of several nodes, and one batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from weathertrigger.http.client import HttpAnswer, HttpClient, Origin
from weathertrigger.http.strict_json import Json, dig
from weathertrigger.platforms.meta_ads import batch
from weathertrigger.platforms.meta_ads.batch import Call, Entry
from weathertrigger.platforms.meta_ads.credentials import MetaCredentials
from weathertrigger.platforms.meta_ads.errors import failure
from weathertrigger.platforms.meta_ads.usage import usage_of
from weathertrigger.platforms.port import Admit, at_once
from weathertrigger.platforms.usage import Usage, highest

_VERSION = "/v26.0/"


@dataclass(frozen=True, slots=True)
class Told:
    """The body of a good answer, and the usage of its headers."""

    body: Json
    usage: Usage | None


@dataclass(frozen=True, slots=True)
class Answers:
    """The entries of a batch in the order of its calls, the usage of all of them, and Meta's id of the request."""

    entries: Sequence[Entry]
    usage: Usage | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Graph:
    """Graph v26.0 for one access token, which travels in a header or a form and never in a query. `admit` stands around
    each call."""

    credentials: MetaCredentials
    http: HttpClient
    admit: Admit = at_once

    def read(self, query: Mapping[str, str], origin: Origin, *, node: str = "", calls: int = 1) -> Told:
        """`GET /?ids=...&fields=...`: an object keyed by id; or `GET /node?fields=...`: the node. Counted as so many
        calls.

        Raises:
            ServiceError: what the answer stands for, or that there was none.
        """
        query = {**query, **self.credentials.proof}
        with self.admit(calls):
            answer = self.http.get(_VERSION + node, origin, query=query, headers=self.credentials.header)
            return _told(answer, origin)

    def batch(self, calls: Sequence[Call], origin: Origin) -> Answers:
        """`POST /` with `batch`: at most 50 calls, each answered for itself.

        Raises:
            ServiceError: the batch as a whole failed; of its writes the outcome is known only if this says so.
        """
        form = {**batch.form_of(calls), **self.credentials.form}
        with self.admit(len(calls)):
            answer = self.http.post_form(_VERSION, origin, form=form)
            told = _told(answer, origin)
            entries = batch.entries_of(told.body, len(calls), origin, told.usage)
        usage = highest([told.usage, *(entry.usage for entry in entries)])
        return Answers(entries, usage, answer.headers.get("x-fb-trace-id"))


def _told(answer: HttpAnswer, origin: Origin) -> Told:
    """A success, or the error raised; an error may also come under 200."""
    usage = usage_of(answer.headers)
    body = answer.json(origin) if answer.status == HTTPStatus.OK else answer.json_or_none()
    if answer.status != HTTPStatus.OK or dig(body, "error") is not None:
        regain_after = usage.regain_after if usage else None
        raise failure(answer.status, body, origin, regain_after or answer.retry_after())
    return Told(body, usage)
