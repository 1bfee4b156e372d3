"""What Google's errors mean: the code inside the GoogleAdsFailure first, the HTTP status only where there is none.

Sources: https://developers.google.com/google-ads/api/docs/common-errors and
https://developers.google.com/google-ads/api/docs/best-practices/quotas.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from types import MappingProxyType

from weathertrigger.errors import (
    Conflict,
    LimitScope,
    NotFound,
    QuotaExhausted,
    RateLimited,
    Rejected,
    ServiceError,
    Transient,
    Unauthorised,
)
from weathertrigger.http.client import HttpAnswer, Origin
from weathertrigger.http.strict_json import Json, dig, items, text, whole
from weathertrigger.platforms.google_ads.money import GoogleMoney

CODES: Mapping[tuple[str, str], type[ServiceError]] = MappingProxyType(
    {
        ("mutateError", "RESOURCE_NOT_FOUND"): NotFound,
        ("requestError", "RESOURCE_NOT_FOUND"): NotFound,
        ("campaignBudgetError", "CAMPAIGN_BUDGET_REMOVED"): NotFound,
        ("requestError", "LOGIN_CUSTOMER_ID_PARAMETER_MISSING"): Unauthorised,  # no request works until it is set
        ("databaseError", "CONCURRENT_MODIFICATION"): Conflict,
        ("quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED"): RateLimited,
        ("quotaError", "RESOURCE_EXHAUSTED"): QuotaExhausted,  # the day's operations; with a delay it is a bucket
        ("quotaError", "EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION"): RateLimited,
        ("quotaError", "EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION"): QuotaExhausted,
        ("quotaError", "ACCESS_PROHIBITED"): Unauthorised,
    }
)
"""(kind, code) of an `errorCode` -> error."""

KINDS: Mapping[str, type[ServiceError]] = MappingProxyType(
    {
        "authenticationError": Unauthorised,
        "authorizationError": Unauthorised,
        "headerError": Unauthorised,  # the manager account that was set is wrong
        "quotaError": RateLimited,
        "internalError": Transient,
    }
)
"""Kind of an `errorCode` -> error, for codes not in `CODES`; any other kind is `Rejected`, under a 5xx `Transient`."""

_OF_THE_TOKEN = frozenset({"OAUTH_TOKEN_EXPIRED", "OAUTH_TOKEN_INVALID"})

STATUSES: Mapping[int, type[ServiceError]] = MappingProxyType(
    {
        400: Rejected,
        401: Unauthorised,
        403: Unauthorised,
        404: Rejected,  # a path or a version that does not exist; a missing entity has a code of its own
        408: Transient,
        409: Conflict,
        429: RateLimited,
    }
)
"""HTTP status -> error, for answers without a GoogleAdsFailure; other 4xx are `Rejected`, the rest is `Transient`."""

SCOPES: Mapping[str, LimitScope] = MappingProxyType(
    {
        "ACCOUNT": LimitScope.ACCOUNT,
        "DEVELOPER": LimitScope.SERVICE,  # once of a developer token, since its end of the cloud project
    }
)
"""`rateScope` of a quota error -> whose calls are counted."""

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_DURATION = re.compile(r"([0-9]{1,6})(?:\.[0-9]{1,9})?s", re.ASCII)


def error_in(body: Json) -> Json:
    """The `error` of an answer; one of a stream comes in a list."""
    return dig(body, 0, "error") if isinstance(body, list) else dig(body, "error")


def failure(answer: HttpAnswer, body: Json, origin: Origin) -> ServiceError:
    """The error that a whole answer stands for."""
    told = error_in(body)
    failures = ads_errors(told)
    request_id = request_id_of(told) or answer.headers.get("request-id")
    if failures:
        return error_of(failures[0], origin, request_id, status=answer.status)
    status = answer.status
    # Without Google's own envelope the answer is some gateway's, and says nothing of the request.
    known = STATUSES.get(status, Rejected if status // 100 == 4 else Transient)  # noqa: PLR2004 - the 4xx
    kind = known if told is not None or known in {RateLimited, Unauthorised} else Transient
    said = text(dig(told, "message"))
    message = f"Google Ads answered {status}" + (f": {origin.quote(said)}" if said else ".")
    if kind is RateLimited:
        return _limited(message, origin, request_id, answer.retry_after())
    return origin.error(kind, message, request_id)


def is_of_the_token(told: Json) -> bool:
    """Whether the `error` of a 401 is one that a new access token may end: it says so, or gives no reason."""
    codes = [text(dig(each, "errorCode", "authenticationError")) for each in ads_errors(told)]
    return all(code in _OF_THE_TOKEN for code in codes)


def request_id_of(told: Json) -> str | None:
    """Google's id of the request, from the GoogleAdsFailure in an `error`."""
    ids = (text(dig(detail, "requestId")) for detail in items(dig(told, "details")))
    return next((each for each in ids if each), None)


def ads_errors(told: Json) -> list[Json]:
    """The errors of the GoogleAdsFailure in an `error` or a `partialFailureError`, or none."""
    return [each for detail in items(dig(told, "details")) for each in items(dig(detail, "errors"))]


def error_of(each: Json, origin: Origin, request_id: str | None, *, status: int = 400) -> ServiceError:
    """One entry of a GoogleAdsFailure; `status` is that of the answer, 400 for a part of a partial failure."""
    error_code = dig(each, "errorCode")
    named = list(error_code.items()) if isinstance(error_code, dict) else []
    family, code = (named[0][0], text(named[0][1]) or "") if named else ("", "")
    unlisted = Rejected if named and status < HTTPStatus.INTERNAL_SERVER_ERROR else Transient
    kind = CODES.get((family, code), KINDS.get(family, unlisted))
    message = f"Google Ads: {origin.quote(text(dig(each, 'message')) or 'no reason given')}"
    if named:
        message += f" ({origin.quote(family)}.{origin.quote(code)})"
    message += _smallest_budget(dig(each, "details", "budgetPerDayMinimumErrorDetails"))
    quota = dig(each, "details", "quotaErrorDetails")
    delay = _delay(dig(quota, "retryDelay"))
    scope = SCOPES.get(text(dig(quota, "rateScope")) or "", LimitScope.ACCOUNT)
    if kind is RateLimited or (kind is QuotaExhausted and delay is not None):
        return _limited(message, origin, request_id, delay, scope)
    error = origin.error(kind, message, request_id)
    if isinstance(error, QuotaExhausted):
        error.scope = scope
    return error


OAUTH_ERRORS: Mapping[str, type[ServiceError]] = MappingProxyType(
    {
        "invalid_grant": Unauthorised,
        "invalid_client": Unauthorised,
        "unauthorized_client": Unauthorised,
        "invalid_request": Unauthorised,
        "invalid_scope": Unauthorised,
        "unsupported_grant_type": Unauthorised,
        "access_denied": Unauthorised,
    }
)
"""`error` of the token server (RFC 6749, section 5.2) -> error; of any other the status decides."""


def oauth_failure(answer: HttpAnswer, origin: Origin) -> ServiceError:
    """The error that an answer of the token server stands for which is no token."""
    code = text(dig(answer.json_or_none(), "error")) or ""
    kind = OAUTH_ERRORS.get(code, RateLimited if answer.status == HTTPStatus.TOO_MANY_REQUESTS else Transient)
    if kind is Unauthorised:
        return origin.error(kind, f"Google refused to renew the access ({code}): grant it again.")
    message = f"Google's token server answered {answer.status}."
    if kind is RateLimited:
        return _limited(message, origin, None, answer.retry_after())
    return origin.error(kind, message)


def _limited(
    message: str,
    origin: Origin,
    request_id: str | None,
    retry_after: timedelta | None,
    scope: LimitScope = LimitScope.ACCOUNT,
) -> RateLimited:
    error = origin.error(RateLimited, message, request_id)
    error.retry_after, error.scope = retry_after, scope
    return error


def _smallest_budget(details: Json) -> str:
    """`; the smallest daily budget is 1.00 USD, and 0.50 USD was sent`, as far as Google says so."""
    currency = text(dig(details, "currencyCode")) or ""
    smallest = whole(dig(details, "minimumBudgetAmountMicros")) or whole(dig(details, "budgetPerDayMinimumMicros"))
    sent = whole(dig(details, "failedBudgetAmountMicros"))
    if not _CURRENCY.fullmatch(currency) or smallest is None or smallest < 0:
        return ""
    money = GoogleMoney()
    said = f"; the smallest daily budget is {money.decode(str(smallest), currency)}"
    return said if sent is None or sent < 0 else f"{said}, and {money.decode(str(sent), currency)} was sent"


def _delay(value: Json) -> timedelta | None:
    """A protobuf Duration as JSON writes it, "30s" or "0.5s", rounded up to a whole second."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return timedelta(seconds=int(found[1]) + ("." in found[0])) if found else None
