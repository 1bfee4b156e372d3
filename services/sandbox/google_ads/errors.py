"""Google's error envelope, with and without a GoogleAdsFailure. Names of error codes are those of the v26 protos."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from flask import Response

from services.sandbox import exchange
from services.sandbox.answers import json_answer
from services.sandbox.google_ads.orders import OrderedError

_FAILURE = "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"
_INVALID = "Request contains an invalid argument."
_UNAUTHENTICATED = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_RATE_NAMES = {"ACCOUNT": "Requests per account", "DEVELOPER": "Operations per day"}
Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class AdsError:
    """One error of a GoogleAdsFailure: `campaignBudgetError`, `NON_MULTIPLE_...`, and where in the request it lies."""

    category: str
    code: str
    message: str
    path: tuple[Document, ...] = ()
    details: Document = field(default_factory=dict)

    def document(self) -> Document:
        """As it stands in the failure."""
        document: Document = {"errorCode": {self.category: self.code}, "message": self.message}
        if self.path:
            document["location"] = {"fieldPathElements": list(self.path)}
        return document | ({"details": self.details} if self.details else {})


class Refused(Exception):
    """A request that fails as a whole, with the errors of Google Ads if it came that far."""

    def __init__(self, message: str, *errors: AdsError, status: int = 400) -> None:
        super().__init__(message)
        self.errors = errors
        self.status = status

    def document(self) -> Document:
        """The body."""
        error: Document = {"code": self.status, "message": str(self), "status": _STATUSES.get(self.status, "UNKNOWN")}
        if self.errors:
            error["details"] = [failure(self.errors) | {"requestId": request_id()}]
        return {"error": error}

    def answer(self) -> Response:
        """The response."""
        return with_request_id(json_answer(self.document(), self.status))


def failure(errors: Sequence[AdsError]) -> Document:
    """A GoogleAdsFailure as an Any."""
    return {"@type": _FAILURE, "errors": [error.document() for error in errors]}


def invalid(*errors: AdsError) -> Refused:
    """400 with errors of Google Ads."""
    return Refused(_INVALID, *errors)


def unreadable(what: str) -> Refused:
    """400 without them: the body does not fit the protobuf."""
    return Refused(f"Invalid JSON payload received. {what}")


def bad_token(*, is_expired: bool = False) -> Refused:
    """401."""
    code = "OAUTH_TOKEN_EXPIRED" if is_expired else "OAUTH_TOKEN_INVALID"
    return Refused(
        _UNAUTHENTICATED, AdsError("authenticationError", code, "The OAuth access token is not valid."), status=401
    )


def not_yours() -> Refused:
    """403, also where the account can only be reached through its manager."""
    message = (
        "User doesn't have permission to access customer. Note: If you're accessing a client customer, the manager's "
        "customer id must be set in the 'login-customer-id' header. See "
        "https://developers.google.com/google-ads/api/docs/concepts/call-structure#cid"
    )
    error = AdsError("authorizationError", "USER_PERMISSION_DENIED", message)
    return Refused("The caller does not have permission", error, status=403)


def rate_limited() -> Response:
    """The account's bucket, with the time after which to come back."""
    details = quota_details("ACCOUNT", "30s")
    error = AdsError("quotaError", "RESOURCE_EXHAUSTED", "Too many requests. Retry in 30 seconds.", details=details)
    return exhausted(error).answer()


def day_is_used_up() -> Refused:
    """The operations of the cloud project in a day: nobody says when it goes on."""
    details = quota_details("DEVELOPER", None)
    return exhausted(AdsError("quotaError", "RESOURCE_EXHAUSTED", "Too many requests.", details=details))


def exhausted(error: AdsError) -> Refused:
    """429."""
    return Refused("Resource has been exhausted (e.g. check quota).", error, status=429)


def quota_details(scope: str | None, delay: str | None) -> Document:
    """Whose calls a quota counts and when to come back, as far as that is said."""
    named = {"rateScope": scope, "rateName": _RATE_NAMES.get(scope or ""), "retryDelay": delay}
    told = {name: value for name, value in named.items() if value is not None}
    return {"quotaErrorDetails": told} if told else {}


def ordered(error: OrderedError) -> Refused:
    """A request that fails because a test wants it to."""
    told = AdsError(error.category, error.code, error.message, details=error.details)
    return Refused(_STATUSES.get(error.status, "UNKNOWN").replace("_", " ").capitalize(), told, status=error.status)


def failed(status: int) -> Response:
    """Some other failure."""
    if status == HTTPStatus.UNAUTHORIZED:
        return bad_token().answer()
    if status == HTTPStatus.FORBIDDEN:
        return not_yours().answer()
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return rate_limited()
    return Refused(HTTPStatus(status).phrase, status=status).answer()


def request_id() -> str:
    """The id of this request at Google, the same everywhere in one answer."""
    taken_down = exchange.current()
    taken_down.request_id = taken_down.request_id or secrets.token_urlsafe(16)
    return taken_down.request_id


def with_request_id(answer: Response) -> Response:
    """The answer with its `request-id` header."""
    answer.headers["request-id"] = request_id()
    return answer
