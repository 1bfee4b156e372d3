"""How long a field waits after a failure before it is looked at again."""

from datetime import datetime, timedelta

from weathertrigger.errors import QuotaExhausted, RateLimited, ServiceError
from weathertrigger.jitter import full_jitter

LIMIT_WAIT = {"meta_ads": timedelta(hours=1), "google_ads": timedelta(minutes=5)}
"""How long a limit lasts when the platform does not say."""
_BACK_OFF_BASE = 2.0
_BACK_OFF_CAP = 600.0


def is_limit(error: ServiceError) -> bool:
    """Whether it is a wait and not a failure: it costs no attempt and lengthens no back-off."""
    return isinstance(error, RateLimited | QuotaExhausted)


def wait_after(error: ServiceError, platform: str, *, failures: int, at: datetime) -> timedelta:
    """What the platform asked for; else the length of its limits, or a back-off that grows with the failures so far."""
    match error:
        case RateLimited(retry_after=timedelta() as asked):
            return asked
        case QuotaExhausted(until=datetime() as until):
            return max(until - at, timedelta(seconds=1))
        case RateLimited() | QuotaExhausted():
            return LIMIT_WAIT.get(platform, timedelta(hours=1))
        case _:
            return timedelta(seconds=1 + full_jitter(failures, base=_BACK_OFF_BASE, cap=_BACK_OFF_CAP))
