"""What Meta's error codes mean.

Meta's HTTP status is not reliable (throttles mostly come as 400, an error may even come under 200), so the code in the
body decides. Sources: https://developers.facebook.com/docs/graph-api/guides/error-handling and
https://developers.facebook.com/docs/marketing-api/error-reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from types import MappingProxyType
from typing import TypeVar

from weathertrigger.errors import LimitScope, NotFound, RateLimited, Rejected, ServiceError, Transient, Unauthorised
from weathertrigger.http import strict_json
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, items, text, whole

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
        613: RateLimited,  # custom limits of the ad account; of one ad set below
        803: NotFound,  # one of the ids asked for does not exist
        2635: Rejected,  # this version of the API is gone
        # Limits of the business use cases; 80004 is ads management.
        **dict.fromkeys((80000, 80001, 80002, 80003, 80004, 80005, 80006, 80008, 80009, 80014), RateLimited),
    }
)
"""Code -> error; of any other code the HTTP status decides."""

ATTEMPTS: Mapping[int, int] = MappingProxyType({1: 3})
"""Code of a passing error -> how often to try at most. Meta's "unknown error" may also mean bad parameters."""

SUBCODES: Mapping[tuple[int, int], type[ServiceError]] = MappingProxyType(
    {(100, 33): NotFound}  # does not exist, or not for this token
)
"""(code, subcode) -> error, before `CODES`."""

OF_THE_APP = frozenset({4, 341})
"""Limits that are counted over all accounts of the app; any other is the account's."""

OF_ONE_ENTITY: Mapping[tuple[int, int], timedelta] = MappingProxyType(
    {(613, 1487632): timedelta(hours=1)}  # more than four budget changes of one ad set within an hour
)
"""(code, subcode) of limits that hold back one entity, and for how long."""

_REMEDIES: Mapping[int, str] = MappingProxyType(
    {
        458: "the app was removed by its user: grant it again",
        459: "the user has to pass a check at facebook.com first",
        460: "the password was changed or the session ended: renew the token",
        463: "the token has expired: renew it",
        464: "the user's account is not confirmed",
        467: "the token was revoked or is not valid: renew it",
    }
)
_RENEW = "renew the access token, or grant ads_management"
_PROOF = "the app's secret is missing or is that of another app"
_INVALID, _POLICY = 100, 368

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Told:
    """What an answer tells of its error."""

    status: int
    error: Json
    code: int | None
    subcode: int | None

    def kind(self) -> type[ServiceError]:
        known = CODES.get(self.code) if self.code is not None else None
        # A limit stays a limit: Meta calls it transient too, but it wants a longer wait than a hiccup.
        if known is RateLimited:
            return known
        if self._is_about_proof():
            return Unauthorised
        if dig(self.error, "is_transient") is True:
            return Transient
        return self._by_subcode(SUBCODES) or known or self._by_status()

    def entity_block(self) -> timedelta | None:
        return self._by_subcode(OF_ONE_ENTITY)

    def sentence(self, kind: type[ServiceError], origin: Origin) -> str:
        if self.code is None:
            return f"Meta answered {self.status} without an error that can be read."
        named = f"{self.code}" if self.subcode is None else f"{self.code}, subcode {self.subcode}"
        if self.code == _POLICY:
            return f"Meta has blocked this for a policy (code {named}): look at its page Account Quality."
        if kind is Unauthorised:
            # Meta repeats the token in some of these messages, so none of them is quoted.
            remedy = _PROOF if self._is_about_proof() else _REMEDIES.get(self.subcode or 0, _RENEW)
            return f"Meta refused the access token or its permissions (code {named}): {remedy}."
        said = text(dig(self.error, "error_user_msg")) or text(dig(self.error, "message")) or "no reason given"
        blamed = ", ".join(_blamed(self.error))
        about = f" about {origin.quote(blamed)}" if blamed else ""
        return f"Meta answered with code {named}{about}: {origin.quote(said)}"

    def _is_about_proof(self) -> bool:
        """A missing or wrong proof has the code of any bad parameter, and would refuse every entity for good."""
        return self.code == _INVALID and "appsecret_proof" in (text(dig(self.error, "message")) or "")

    def _by_subcode(self, table: Mapping[tuple[int, int], _T]) -> _T | None:
        return None if self.code is None or self.subcode is None else table.get((self.code, self.subcode))

    def _by_status(self) -> type[ServiceError]:
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited
        understood = isinstance(self.error, dict) and self.status < HTTPStatus.INTERNAL_SERVER_ERROR
        return Rejected if understood else Transient


def failure(status: int, body: Json, origin: Origin, retry_after: timedelta | None = None) -> ServiceError:
    """The error that an answer stands for which is not a success, of a call or of one entry of a batch. `retry_after`
    is what the answer's headers say of a limit."""
    error = dig(body, "error")
    told = _Told(status, error, whole(dig(error, "code")), whole(dig(error, "error_subcode")))
    kind, request_id = told.kind(), text(dig(error, "fbtrace_id"))
    sentence = told.sentence(kind, origin)
    if kind is not RateLimited:
        failed = origin.error(kind, sentence, request_id)
        if isinstance(failed, Transient):
            failed.most_attempts = ATTEMPTS.get(told.code or 0)
        return failed
    block = told.entity_block()
    of_all = LimitScope.SERVICE if told.code in OF_THE_APP else LimitScope.ACCOUNT
    return RateLimited(
        sentence,
        service=origin.service,
        account=origin.account,
        request_id=request_id,
        retry_after=block or retry_after,
        scope=LimitScope.ENTITY if block else of_all,
    )


def _blamed(error: Json) -> list[str]:
    """The parameters that Meta names in `error_data`, which is an object or the text of one."""
    data = dig(error, "error_data")
    if isinstance(data, str):
        try:
            data = strict_json.parse(data)
        except strict_json.NotJson:
            data = None
    paths = items(dig(data, "blame_field_specs"))
    return [".".join(steps) for path in paths if (steps := [step for step in items(path) if isinstance(step, str)])]
