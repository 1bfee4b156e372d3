"""Access tokens for Google: `google-auth` gets and keeps them, over our own bounded HTTP.

Many threads may want a token at once; one of them asks Google and all get its answer, good or bad.
"""

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from google.auth import transport
from google.auth.exceptions import GoogleAuthError
from google.oauth2.credentials import Credentials

from weathertrigger.errors import RateLimited, ServiceError, Transient
from weathertrigger.http.client import Bounds, HttpClient, Origin
from weathertrigger.http.strict_json import dig, text, whole
from weathertrigger.platforms.google_ads.credentials import GoogleCredentials
from weathertrigger.platforms.google_ads.errors import oauth_failure

_PATH = "/token"
_NOTHING = "Asking Google for an access token came to nothing."
# Longer than any call lasts: only a thread that was killed on its way leaves the others waiting.
_PATIENCE_S = 30.0


class AccessTokens:
    """The access token of one refresh token. Safe to use from several threads."""

    def __init__(self, credentials: GoogleCredentials, oauth_url: str, bounds: Bounds | None = None) -> None:
        self._http = HttpClient(oauth_url, bounds)
        # google-auth has no types for its own functions.
        self._google = Credentials(  # type: ignore[no-untyped-call]
            token=None,
            refresh_token=credentials.refresh_token,
            token_uri=oauth_url + _PATH,
            client_id=credentials.client_id,
            client_secret=credentials.client_secret,
        )
        self._lock = threading.Lock()
        self._flight: Future[str] | None = None

    def current(self, origin: Origin, *, refused: str | None = None) -> str:
        """A token that is good for some minutes more, and not the one that Google has just refused.

        Raises:
            Unauthorised: the grant was revoked or has expired, or the OAuth client is wrong.
            ServiceError: Google's token server did not give one now.
        """
        with self._lock:
            token = self._google.token
            if token is not None and token != refused and self._google.valid:
                return str(token)
            flight, mine = self._flight or Future(), self._flight is None
            self._flight = flight
        if mine:
            self._fly(flight, origin)
        try:
            return flight.result(_PATIENCE_S)
        except ServiceError as fault:
            shared = fault
        except TimeoutError:
            self._land(flight)
            shared = origin.error(Transient, _NOTHING)
        raise _for(origin, shared)

    def forget(self, refused: str) -> None:
        """Google no longer takes this token: the next call gets another one."""
        with self._lock:
            if self._google.token == refused:
                self._google.token = None

    def _fly(self, flight: Future[str], origin: Origin) -> None:
        failed: ServiceError | None = origin.error(Transient, _NOTHING)
        try:
            self._google.refresh(_Transport(self._http, origin))  # type: ignore[no-untyped-call]  # as above
            failed = None
        except ServiceError as fault:
            failed = fault
        except GoogleAuthError:
            pass  # its text may quote the answer, so the plain sentence stands
        finally:  # also when this thread is interrupted: those who wait must hear of it
            self._land(flight)
            if failed is None:
                flight.set_result(str(self._google.token))
            else:
                flight.set_exception(failed)

    def _land(self, flight: Future[str]) -> None:
        with self._lock:
            if self._flight is flight:
                self._flight = None


def _for(origin: Origin, fault: ServiceError) -> ServiceError:
    """The shared fault as an error of this caller's account."""
    own = origin.error(type(fault), str(fault))
    if isinstance(own, RateLimited) and isinstance(fault, RateLimited):
        own.retry_after, own.scope = fault.retry_after, fault.scope
    return own


@dataclass(frozen=True, slots=True)
class _Response(transport.Response):
    status: int
    headers: Mapping[str, str]
    data: bytes


class _Transport(transport.Request):
    """google-auth's way out. Lets nothing but a good token through, so that google-auth neither repeats the call nor
    fails over a shape that it did not expect."""

    def __init__(self, http: HttpClient, origin: Origin) -> None:
        self._http = http
        self._origin = origin

    # google-auth's own signature. The address and the method are always those of the token server, the rest is ours.
    def __call__(
        self,
        url: str,  # noqa: ARG002
        method: str = "POST",  # noqa: ARG002
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002
        **_: Any,  # Any: never used
    ) -> _Response:
        answer = self._http.post_form(_PATH, self._origin, form=dict(parse_qsl((body or b"").decode())))
        if answer.status != HTTPStatus.OK:
            raise oauth_failure(answer, self._origin)
        token = answer.json(self._origin)
        if text(dig(token, "access_token")) is None or not 0 < (whole(dig(token, "expires_in")) or 0) < 10**6:
            raise self._origin.error(Transient, "Google's token server answered without a token that can be used.")
        return _Response(answer.status, answer.headers, answer.body)
