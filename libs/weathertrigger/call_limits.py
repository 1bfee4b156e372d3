"""How many calls each service allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class CallLimit:
    """So many calls in a window that slides; of each ad account, or of all accounts together."""

    calls: int
    window: timedelta
    per_account: bool = False


class WeatherLimits(Protocol):
    """What the plans of the weather providers allow."""

    @property
    def openweather_calls_per_minute(self) -> int: ...

    @property
    def openweather_calls_per_day(self) -> int: ...

    @property
    def open_meteo_api_key(self) -> str | None: ...

    @property
    def open_meteo_calls_per_day(self) -> int: ...


class AdLimits(Protocol):
    """What the ad platforms allow."""

    @property
    def meta_calls_per_hour(self) -> int: ...

    @property
    def google_ads_calls_per_day(self) -> int: ...


class AllLimits(WeatherLimits, AdLimits, Protocol):
    """Both."""


def call_limits(settings: AllLimits) -> dict[str, tuple[CallLimit, ...]]:
    """The limits of every service."""
    return {**ad_limits(settings), **weather_limits(settings)}


def ad_limits(settings: AdLimits) -> dict[str, tuple[CallLimit, ...]]:
    """Those of the ad platforms: of each account at Meta, of a cloud project at Google, of which there is one."""
    return {
        "meta_ads": (CallLimit(settings.meta_calls_per_hour, _HOUR, per_account=True),),
        "google_ads": (CallLimit(settings.google_ads_calls_per_day, _DAY),),
    }


def with_own(limits: Sequence[CallLimit], calls: int | None) -> tuple[CallLimit, ...]:
    """The limits before an account that has so many calls of its own in the longest window, or none of its own (None).
    Where each account has a limit, its own takes the place of the common one; where all share one, both hold."""
    own = own_limit(limits, calls)
    if own is None:
        return tuple(limits)
    return tuple(own if one.window == own.window else one for one in limits if one.per_account) or (own,)


def own_limit(limits: Sequence[CallLimit], calls: int | None) -> CallLimit | None:
    """So many calls of one account, in the longest of the windows."""
    longest = max(limit.window for limit in limits)
    return None if calls is None else CallLimit(calls, longest, per_account=True)


def weather_limits(settings: WeatherLimits) -> dict[str, tuple[CallLimit, ...]]:
    """Those of the weather providers, the shortest window first; those out of reach are left out.

    OpenWeather counts by key, Open-Meteo by address or key; an installation has one of each. The minute and the hour of
    Open-Meteo are those of its free host: a contract speaks of calls in all.
    """
    open_meteo = [CallLimit(settings.open_meteo_calls_per_day, _DAY)]
    if settings.open_meteo_api_key is None:
        open_meteo = [CallLimit(600, _MINUTE), CallLimit(5_000, _HOUR), *open_meteo]
    openweather = [
        CallLimit(settings.openweather_calls_per_minute, _MINUTE),
        CallLimit(settings.openweather_calls_per_day, _DAY),
    ]
    return {
        "openweather": _within_reach(openweather),
        "open_meteo": _within_reach(open_meteo),
    }


def most_in_a_day(limits: Sequence[CallLimit]) -> int:
    """The most calls that these limits let out in 24 hours, whichever of them it is that counts."""
    return min(limit.calls * max(_DAY // limit.window, 1) for limit in limits)


def _within_reach(limits: Sequence[CallLimit]) -> tuple[CallLimit, ...]:
    return tuple(one for one in limits if not any(_hides(other, one) for other in limits))


def _hides(other: CallLimit, one: CallLimit) -> bool:
    """Whether `one` is never reached because of the other: a longer window with no more calls, or a shorter one that
    adds up to no more (each window here is a multiple of the shorter ones)."""
    if other.window > one.window:
        return other.calls <= one.calls
    return other.window < one.window and other.calls * (one.window // other.window) <= one.calls
