"""The limits of each service: what the settings say, without those that are never reached."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.call_limits import CallLimit, call_limits, most_in_a_day
from weathertrigger.errors import SettingsError
from weathertrigger.limits.hits import rates_of

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)


@dataclass(frozen=True)
class Plan:
    openweather_calls_per_minute: int = 60
    openweather_calls_per_day: int = 1_000
    open_meteo_api_key: str | None = None
    open_meteo_calls_per_day: int = 10_000
    meta_calls_per_hour: int = 200
    google_ads_calls_per_day: int = 10_000


def shown(plan: Plan, service: str) -> list[tuple[int, timedelta]]:
    return [(limit.calls, limit.window) for limit in call_limits(plan)[service]]


def test_the_limits_of_every_service() -> None:
    """As the plans that nobody pays for say them."""
    assert shown(Plan(), "openweather") == [(60, MINUTE), (1_000, DAY)]
    assert shown(Plan(), "open_meteo") == [(600, MINUTE), (5_000, HOUR), (10_000, DAY)]
    assert call_limits(Plan())["meta_ads"] == (CallLimit(200, HOUR, per_account=True),)
    assert call_limits(Plan())["google_ads"] == (CallLimit(10_000, DAY),)


@pytest.mark.parametrize(
    ("plan", "service", "expected"),
    [
        (Plan(openweather_calls_per_day=60), "openweather", [(60, DAY)]),
        (Plan(openweather_calls_per_day=59), "openweather", [(59, DAY)]),
        (Plan(openweather_calls_per_day=86_400), "openweather", [(60, MINUTE)]),
        (Plan(openweather_calls_per_day=86_399), "openweather", [(60, MINUTE), (86_399, DAY)]),
        (Plan(open_meteo_calls_per_day=1_000), "open_meteo", [(600, MINUTE), (1_000, DAY)]),
        (Plan(open_meteo_calls_per_day=1), "open_meteo", [(1, DAY)]),
        (Plan(open_meteo_calls_per_day=1_000_000, open_meteo_api_key="key"), "open_meteo", [(1_000_000, DAY)]),
    ],
)
def test_limits_that_are_never_reached_are_left_out(
    plan: Plan, service: str, expected: list[tuple[int, timedelta]]
) -> None:
    """A minute that allows more than the day, a day that allows more than all its minutes; a contract has no minute."""
    assert shown(plan, service) == expected


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (Plan(), 1_000),
        (Plan(openweather_calls_per_day=30), 30),
        (Plan(openweather_calls_per_day=1_000_000), 86_400),
        (Plan(openweather_calls_per_minute=600, openweather_calls_per_day=1_000_000), 864_000),
    ],
)
def test_the_most_in_a_day(plan: Plan, expected: int) -> None:
    """Also where it is the minutes that say it, because more a day are allowed than they add up to."""
    assert most_in_a_day(call_limits(plan)["openweather"]) == expected


@given(st.builds(Plan, *[st.integers(1, 10**8)] * 2, st.sampled_from([None, "key"]), *[st.integers(1, 10**8)] * 3))
def test_whatever_the_settings_say_goes_together(plan: Plan) -> None:
    """pyrate-limiter takes them, and every service has a limit."""
    for service, limits in call_limits(plan).items():
        assert len(rates_of(service, limits)) == len(limits) >= 1


@pytest.mark.parametrize(
    "limits",
    [
        [],
        [CallLimit(60, MINUTE), CallLimit(50, DAY)],
        [CallLimit(60, MINUTE), CallLimit(70, MINUTE)],
        [CallLimit(10, MINUTE), CallLimit(601, HOUR)],
        [CallLimit(10, MINUTE, per_account=True), CallLimit(60, HOUR)],
    ],
)
def test_limits_that_do_not_go_together_are_refused(limits: list[CallLimit]) -> None:
    """With the service and the limits in the sentence."""
    with pytest.raises(SettingsError, match="the limits of any_service do not go together"):
        rates_of("any_service", limits)
