"""Meta's headers of usage: https://developers.facebook.com/docs/marketing-api/overview/rate-limiting.

Three JSON texts, each there only once enough calls were made. What cannot be read is passed over: a good answer stays
good whatever its headers say.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from weathertrigger.http import strict_json
from weathertrigger.http.strict_json import Json, dig, items, number, text, whole
from weathertrigger.platforms.usage import FULL, Usage, highest

APP, ACCOUNT, USE_CASE = "x-app-usage", "x-ad-account-usage", "x-business-use-case-usage"

_PERCENTAGES = ("call_count", "total_time", "total_cputime")
_LONGEST_REGAIN = timedelta(days=1)


def usage_of(headers: Mapping[str, str]) -> Usage | None:
    """What the headers (their names in lower case) say of all limits together; None when they say nothing."""
    return highest([_of_app(headers), _of_account(headers), *_of_use_cases(headers)])


def header_texts(listed: Json) -> dict[str, str]:
    """The headers of one entry of a batch, which come as `[{"name": ..., "value": ...}]`, names in lower case."""
    pairs = [(text(dig(item, "name")), text(dig(item, "value"))) for item in items(listed)]
    return {name.lower(): value for name, value in pairs if name and value}


def _of_app(headers: Mapping[str, str]) -> Usage | None:
    return _usage(_largest(_parsed(headers, APP), _PERCENTAGES), None)


def _of_account(headers: Mapping[str, str]) -> Usage | None:
    """`reset_time_duration`, in seconds, is a wait only once the limit is reached."""
    told = _parsed(headers, ACCOUNT)
    percent = _largest(told, ("acc_id_util_pct",))
    full = percent is not None and percent >= FULL
    return _usage(percent, _positive(dig(told, "reset_time_duration"), timedelta(seconds=1)) if full else None)


def _of_use_cases(headers: Mapping[str, str]) -> Iterator[Usage | None]:
    """By id of a business or ad account, several use cases each; `estimated_time_to_regain_access` is in minutes."""
    told = _parsed(headers, USE_CASE)
    for listed in told.values() if isinstance(told, dict) else ():
        for use_case in items(listed):
            regain_after = _positive(dig(use_case, "estimated_time_to_regain_access"), timedelta(minutes=1))
            yield _usage(_largest(use_case, _PERCENTAGES), regain_after)


def _parsed(headers: Mapping[str, str], name: str) -> Json:
    try:
        return strict_json.parse(headers[name]) if name in headers else None
    except strict_json.NotJson:
        return None


def _largest(told: Json, names: Iterable[str]) -> float | None:
    shares = (number(dig(told, name)) for name in names)
    return max((share for share in shares if share is not None and 0 <= share < math.inf), default=None)


def _positive(told: Json, unit: timedelta) -> timedelta | None:
    count = whole(told)
    return min(count, _LONGEST_REGAIN // unit) * unit if count is not None and count > 0 else None


def _usage(percent: float | None, regain_after: timedelta | None) -> Usage | None:
    if percent is None:
        return None if regain_after is None else Usage(FULL, regain_after)
    return Usage(percent, regain_after)
