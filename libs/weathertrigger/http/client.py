"""The border over `requests` that every adapter goes through: bounded, strict, silent about secrets.

One call is one request: nothing is retried, no redirect is followed. Whatever goes wrong on the wire is a `Transient`
whose text and exception chain hold no URL, header or token. What a status *means* is the adapter's business.
"""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import TypeVar
from urllib.parse import quote_plus, urlsplit

import requests
import urllib3

from weathertrigger.errors import ServiceError, Transient
from weathertrigger.http import strict_json
from weathertrigger.http.deadline import DeadlineAdapter, deadline
from weathertrigger.http.strict_json import Json

AnyServiceError = TypeVar("AnyServiceError", bound=ServiceError)

_CHUNK = 64 * 1024
_LONGEST_QUOTE = 300
_SHORTEST_SECRET = 6  # a shorter one is no secret, and masking it would garble every sentence
_LONGEST_WAIT = 24 * 60 * 60
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_WIRE_ERRORS = (OSError, ValueError, http.client.HTTPException, urllib3.exceptions.HTTPError)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one call: seconds to connect, between two bytes and altogether; bytes of the unpacked body."""

    connect: float = 3.0
    read: float = 8.0
    total: float = 10.0
    body: int = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose call an error belongs to, and the words that must never show in its text."""

    service: str
    account: str | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def quote(self, said: object) -> str:
        """A vendor's words made fit for an error: one short printable line, every secret masked."""
        words = str(said)
        for secret in self.secrets:
            if len(secret) < _SHORTEST_SECRET:
                continue
            words = words.replace(secret, "***").replace(quote_plus(secret), "***")
        return "".join(c if c.isprintable() else " " for c in words)[:_LONGEST_QUOTE]

    def error(self, kind: type[AnyServiceError], message: str, request_id: str | None = None) -> AnyServiceError:
        """An error of this origin; `request_id` is the vendor's own."""
        return kind(message, service=self.service, account=self.account, request_id=request_id)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole answer, below 300 or an error. The names of headers are lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self, origin: Origin) -> Json:
        """The body as JSON.

        Raises:
            Transient: it is not JSON.
        """
        value, readable = self._parsed()
        if not readable:
            raise origin.error(Transient, f"{origin.service} answered {self.status} with something that is not JSON.")
        return value

    def json_or_none(self) -> Json:
        """The body as JSON, None if it is something else (an error page of a gateway)."""
        return self._parsed()[0]

    def retry_after(self) -> timedelta | None:
        """The header Retry-After in its form in seconds, up to a day; None for anything else."""
        value = self.headers.get("retry-after", "")
        seconds = int(value) if value.isascii() and value.isdigit() and len(value) <= len(str(_LONGEST_WAIT)) else None
        return timedelta(seconds=min(seconds, _LONGEST_WAIT)) if seconds is not None else None

    def _parsed(self) -> tuple[Json, bool]:
        try:
            return strict_json.parse(self.body), True
        except strict_json.NotJson:
            return None, False


class HttpClient:
    """One service under one base URL. Safe to use from several threads; they share a pool of connections."""

    def __init__(self, base_url: str, bounds: Bounds | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._bounds = bounds or Bounds()
        self._session = _session(self._base_url)

    def get(
        self, path: str, origin: Origin, *, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """GET `base_url + path?query`.

        Raises:
            Transient: no whole answer came within the bounds, or it was a redirect.
        """
        return self._call("GET", path, origin, params=query, headers=headers)

    def post_form(
        self, path: str, origin: Origin, *, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """POST `application/x-www-form-urlencoded`; raises as `get` does, and then the outcome is unknown."""
        return self._call("POST", path, origin, data=form, headers=headers)

    def post_json(
        self, path: str, origin: Origin, *, body: Json, headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """POST `application/json`; raises as `get` does, and then the outcome is unknown."""
        return self._call("POST", path, origin, json=body, headers=headers)

    def _call(self, method: str, path: str, origin: Origin, **content: object) -> HttpAnswer:
        answer, why = None, None
        with deadline(self._bounds.total) as running:
            try:
                answer = self._exchange(method, path, **content)
                why = self._unfit(answer)
            except _WIRE_ERRORS as broken:
                # Only its kind is kept: the text of a `requests` error holds the URL, and with it keys.
                why = _in_words(broken)
        if running.passed:  # also where the cut looked like the end of the body
            why = f"took longer than {self._bounds.total:g} s"
        # Raised out here, so that the cause is not even in the error's context.
        if answer is None or why is not None:
            raise origin.error(Transient, f"{origin.service} {why}.")
        return answer

    def _exchange(self, method: str, path: str, **content: object) -> HttpAnswer:
        timeouts = (self._bounds.connect, self._bounds.read)
        url = self._base_url + path
        # The keywords come from the three methods above only, each typed there.
        with self._session.request(method, url, timeout=timeouts, stream=True, **content) as response:  # type: ignore[arg-type]
            headers = {name.lower(): value for name, value in response.headers.items()}
            body = bytearray()
            for chunk in response.iter_content(_CHUNK):
                body += chunk
                if len(body) > self._bounds.body:
                    break
            return HttpAnswer(response.status_code, headers, bytes(body))

    def _unfit(self, answer: HttpAnswer) -> str | None:
        if len(answer.body) > self._bounds.body:
            return f"sent more than {self._bounds.body} bytes"
        if http.client.MULTIPLE_CHOICES <= answer.status < http.client.BAD_REQUEST:
            return f"answered with a redirect ({answer.status}), which is never followed; check its base URL"
        return None


class _Session(requests.Session):
    """Never looks at a redirect: `requests` would read the whole body of one even when it does not follow it."""

    def get_redirect_target(self, resp: object) -> None:
        """No target, whatever the answer says."""


def _session(base_url: str) -> requests.Session:
    session = _Session()
    session.mount("https://", DeadlineAdapter(pool_maxsize=32))
    session.mount("http://", DeadlineAdapter(pool_maxsize=32))
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = "WeatherTrigger"
    # An own `auth` that adds nothing: without it `requests` lets a .netrc file replace our Authorization header.
    session.auth = _no_auth
    # A proxy from the environment serves for the outside world, not for a sandbox on this machine.
    session.trust_env = urlsplit(base_url).hostname not in _LOOPBACK
    return session


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _in_words(broken: BaseException) -> str:
    if isinstance(broken, requests.exceptions.SSLError):
        return "showed a certificate or TLS that cannot be trusted"
    if isinstance(broken, requests.exceptions.ConnectTimeout):
        return "could not be reached in time"
    if isinstance(broken, requests.exceptions.Timeout):
        return "did not answer in time"
    if isinstance(broken, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return "broke off in the middle of its answer"
    return "could not be reached, or broke the connection"
