"""How long a field waits after a failure before it is looked at again."""

import random
from datetime import datetime, timedelta

from weathertrigger.errors import HeldBack, QuotaExhausted, RateLimited, ServiceError
from weathertrigger.jitter import full_jitter
from weathertrigger.outside.ad_gates import LIMIT_WAIT

_LONGEST_LIMIT = timedelta(hours=1)
_BACK_OFF_BASE = 2.0
_BACK_OFF_CAP = 600.0


def is_limit(error: ServiceError) -> bool:
    """Whether it is a wait and not a failure: it costs no attempt and lengthens no back-off."""
    return isinstance(error, RateLimited | QuotaExhausted | HeldBack)


def wait_after(error: ServiceError, platform: str, *, failures: int, at: datetime, is_urgent: bool = True) -> timedelta:
    """What the platform asked for; else the length of its limits, or a back-off that grows with the failures so far.
    When a breaker closes or calls are free again, those that are urgent come first (semantics 24)."""
    match error:
        case RateLimited(retry_after=timedelta() as asked):
            return asked
        case HeldBack(retry_after=asked):
            # Not all accounts at one instant; others when those that are urgent have come.
            return asked * ((1 if is_urgent else 1.05) + random.random() / 20)  # noqa: S311 - nothing secret hangs on it
        case QuotaExhausted(until=datetime() as until):
            return max(until - at, timedelta(seconds=1))
        case RateLimited() | QuotaExhausted():
            return LIMIT_WAIT.get(platform, _LONGEST_LIMIT)
        case _:
            return timedelta(seconds=1 + full_jitter(failures, base=_BACK_OFF_BASE, cap=_BACK_OFF_CAP))
