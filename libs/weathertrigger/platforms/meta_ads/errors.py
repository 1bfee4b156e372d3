"""What Meta's error codes mean.

Meta's HTTP status is not reliable (throttles mostly come as 400, an error may even come under 200), so the code in the
body decides. Sources: https://developers.facebook.com/docs/graph-api/guides/error-handling and
https://developers.facebook.com/docs/marketing-api/error-reference.
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from weathertrigger.errors import NotFound, RateLimited, Rejected, ServiceError, Transient, Unauthorised
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, text, whole

CODES: Mapping[int, type[ServiceError]] = MappingProxyType(
    {
        1: Transient,  # unknown error
        2: Transient,  # service temporarily unavailable
        3: Unauthorised,  # the app lacks the capability
        4: RateLimited,  # the app's calls
        10: Unauthorised,  # permission denied
        17: RateLimited,  # the user's or the ad account's calls
        32: RateLimited,  # a page's calls
        100: Rejected,  # invalid parameter; subcode 33 below
        102: Unauthorised,  # session
        190: Unauthorised,  # access token expired, invalid, revoked
        **dict.fromkeys(range(200, 300), Unauthorised),  # permissions
        341: RateLimited,  # the application's limit
        # Blocked for a policy. No later try helps and further tries make it worse: stop the account, tell somebody.
        368: Unauthorised,
        613: RateLimited,  # custom limits, such as four budget changes per ad set and hour
        803: NotFound,  # one of the ids asked for does not exist
        2635: Rejected,  # this version of the API is gone
        # Limits of the business use cases; 80004 is ads management.
        **dict.fromkeys((80000, 80001, 80002, 80003, 80004, 80005, 80006, 80008, 80009, 80014), RateLimited),
    }
)
"""Code -> error; of any other code the HTTP status decides."""

SUBCODES: Mapping[tuple[int, int], type[ServiceError]] = MappingProxyType(
    {(100, 33): NotFound}  # does not exist, or not for this token
)
"""(code, subcode) -> error, before `CODES`."""


def failure(status: int, body: Json, origin: Origin) -> ServiceError:
    """The error that an answer stands for which is not a success, of a call or of one entry of a batch."""
    told = dig(body, "error")
    code, subcode = whole(dig(told, "code")), whole(dig(told, "error_subcode"))
    kind = _kind(code, subcode, status, told)
    if code is None:
        sentence = f"Meta answered {status} without an error that can be read."
    else:
        sentence = _sentence(kind, f"{code}, subcode {subcode}" if subcode is not None else f"{code}", told, origin)
    return origin.error(kind, sentence, text(dig(told, "fbtrace_id")))


def _kind(code: int | None, subcode: int | None, status: int, told: Json) -> type[ServiceError]:
    known = CODES.get(code) if code is not None else None
    # A limit stays a limit: Meta calls it transient too, but it wants a longer wait than a hiccup.
    if known is RateLimited:
        return known
    if dig(told, "is_transient") is True:
        return Transient
    if code is not None and subcode is not None and (code, subcode) in SUBCODES:
        return SUBCODES[code, subcode]
    return known or _by_status(status, understood=isinstance(told, dict))


def _by_status(status: int, *, understood: bool) -> type[ServiceError]:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited
    return Rejected if understood and status < HTTPStatus.INTERNAL_SERVER_ERROR else Transient


def _sentence(kind: type[ServiceError], code: str, told: Json, origin: Origin) -> str:
    if kind is Unauthorised:
        # Meta repeats the token in some of these messages, so none of them is quoted.
        return f"Meta refused the access token or its permissions (code {code}): renew it, or grant ads_management."
    said = text(dig(told, "error_user_msg")) or text(dig(told, "message")) or "no reason given"
    return f"Meta answered with code {code}: {origin.quote(said)}"
