"""Providers in trouble: what is done to them, and what must come of it whatever it is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.acceptance.weather_ground import AD_ACCOUNT, WeatherGround, patiently, weather_ground
from tests.acceptance.weather_rules import places, weather_rules
from tests.acceptance.weather_since import Since
from weathertrigger.domain.rule import ChangePercent, Entity, FieldName, Level, Rule, SetStatus, Status, Target

PLACES = 20
RULES = 60
MOST_CALLS = 20
"""So many calls may go out to a provider that only fails before all leave it alone."""
LONGEST_S = 45.0
_LOST = (
    "UPDATE weather_readings SET fetched_at = fetched_at - interval '3 h', observed_at = observed_at - interval '3 h'"
)
_PROVIDERS = "SELECT DISTINCT ON (place_id) provider FROM weather_readings ORDER BY place_id, fetched_at DESC"


BOTH_WAYS = pytest.mark.parametrize("fallback", [True, False], ids=["Open-Meteo steps in", "alone"])


@dataclass(frozen=True, slots=True)
class Trouble:
    """A way to fail, as the sandbox is told of it, and what people are told. `cools_down`: there is no probe, the
    service is left alone for a time."""

    kind: str
    told: str | None = "breaker_open"
    cools_down: bool = False
    options: Mapping[str, object] = field(default_factory=dict)


TROUBLES = {
    "500": Trouble("status", options={"status": 500}),
    "hangs": Trouble("hang", options={"seconds": 30}),
    "resets": Trouble("reset"),
    "garbage": Trouble("garbage"),
    "50 MB": Trouble("huge"),
    "429": Trouble("rate_limit", told=None, cools_down=True),
    "429 for an hour": Trouble("rate_limit", told="quota_exhausted", cools_down=True, options={"retry_after": 3600}),
    "key expired": Trouble("status", told="unauthorised", cools_down=True, options={"status": 401}),
}


def troubled_rules() -> list[Rule]:
    """Sixty rules, four of them about ads: two hold and two do not, two are about a budget and two about a status."""
    made = weather_rules(RULES, places(PLACES), (1, 2, 3))
    enabled, raised = SetStatus(Status.ENABLED), ChangePercent(Decimal(20))
    targets = {
        0: Target(_ad_set("23847"), FieldName.STATUS, enabled),
        1: Target(_ad_set("23848"), FieldName.DAILY_BUDGET, raised),
        PLACES: Target(_ad_set("23849"), FieldName.STATUS, enabled, otherwise=SetStatus(Status.PAUSED)),
        PLACES + 1: Target(_ad_set("23868"), FieldName.DAILY_BUDGET, raised),
    }
    for number, target in targets.items():
        made[number] = replace(made[number], targets=(target,))
    return made


@contextmanager
def troubled_ground(
    directory: Path, urls: Mapping[str, str], *, fetchers: int, **environment: str
) -> Iterator[WeatherGround]:
    """Both providers are on and well, and all rules have had their verdicts."""
    with weather_ground(directory, urls, fetchers=fetchers, OPEN_METEO_URL="{sandbox}", **environment) as ground:
        ground.apply(troubled_rules(), "no_data", "unknown")
        ground.wait_for_weather(PLACES)
        ground.wait_for_checks()
        yield ground


def make_well(ground: WeatherGround) -> None:
    """Both providers are well, whatever was before; all known weather is OpenWeather's."""
    ground.end_faults()

    def is_well() -> bool:
        for service in ("open_meteo", "openweather"):
            ground.pass_pauses(service)
        ground.grow_old()
        ground.wait_for_weather(PLACES)
        return {row.provider for row in ground.rows(_PROVIDERS)} == {"openweather"}

    patiently(is_well)


def live_through(ground: WeatherGround, trouble: Trouble, *, fallback: bool, has_readings: bool = True) -> None:
    """OpenWeather gets into this trouble, is tried again, and gets out of it; without a fallback Open-Meteo is down."""
    since = Since(ground)
    ground.sandbox.fault("openweather", trouble.kind, **trouble.options)
    if not fallback:
        ground.sandbox.fault("open_meteo", "status", status=503)
    if not has_readings:
        ground.execute("DELETE FROM weather_readings")
    if fallback:
        _ask_the_other(ground)
    else:
        _ask_nobody(ground, has_readings=has_readings)
    assert 1 <= len(since.calls("openweather")) <= MOST_CALLS
    _try_again(ground, trouble)
    recover(ground)
    assert since.nothing_decided()
    assert since.latest_seconds() <= LONGEST_S
    others = [] if fallback else [("breaker_open", "open_meteo"), ("breaker_open_ended", "open_meteo")]
    told = [] if trouble.told is None else [(trouble.told, "openweather"), (f"{trouble.told}_ended", "openweather")]
    assert since.notifications() == sorted([*told, *others])


def recover(ground: WeatherGround) -> None:
    """All is well again: each provider is tried once, and when it answers the others follow."""
    ground.end_faults()
    for service in ("open_meteo", "openweather"):
        ground.prolong_pauses("openweather")
        _recover_one(ground, service)
    ground.end_faults()
    ground.grow_old()
    ground.wait_for_weather(PLACES)
    assert {row.provider for row in ground.rows(_PROVIDERS)} == {"openweather"}
    ground.wait_for_checks()
    ground.let_troubles_end()


def _recover_one(ground: WeatherGround, service: str) -> None:
    """The first call takes a second; where it is a probe, no other is made meanwhile."""
    is_probed = ground.gate(service).breaker == "open"
    ground.sandbox.fault(service, "latency", seconds=1, count=1)
    since = Since(ground)
    ground.pass_pauses(service)
    ground.grow_old()
    ground.wait_for_weather(PLACES)
    if is_probed:
        assert since.calls(service)[0]["fault"] == "latency"


def _ask_the_other(ground: WeatherGround) -> None:
    """Open-Meteo has the weather of all places meanwhile, and every rule its verdict."""
    ground.grow_old()
    ground.wait_for_pause("openweather")
    ground.wait_for_weather(PLACES)
    since = Since(ground)
    ground.wait_for_checks()
    assert since.verdicts() == {("met", "Open-Meteo"): 2 * RULES // 3, ("not_met", "Open-Meteo"): RULES // 3}


def _ask_nobody(ground: WeatherGround, *, has_readings: bool) -> None:
    """The last good readings do until they are too old; then there is no weather, and nothing is decided."""
    ground.grow_old()
    for service in ("openweather", "open_meteo"):
        ground.wait_for_pause(service)
    if has_readings:
        since = Since(ground)
        ground.wait_for_checks()
        assert since.verdicts() == {("met", "OpenWeather"): 2 * RULES // 3, ("not_met", "OpenWeather"): RULES // 3}
        ground.execute(_LOST)
    ground.wait_for_checks()  # some of these may have looked before
    since = Since(ground)
    ground.wait_for_checks()
    assert since.verdicts() == {("no_data", None): RULES}


def _try_again(ground: WeatherGround, trouble: Trouble) -> None:
    """When its time is over there is one call if it is probed, and as many as before if it had only cooled down."""
    since = Since(ground)
    ground.pass_pauses("openweather")
    ground.grow_old()
    patiently(lambda: since.calls("openweather"))
    ground.wait_for_pause("openweather")
    ground.prolong_pauses("openweather")
    ground.wait_for_checks()
    assert len(since.calls("openweather")) <= (MOST_CALLS if trouble.cools_down else 1)


def _ad_set(ad_set_id: str) -> Entity:
    return Entity(AD_ACCOUNT, Level.AD_SET, ad_set_id)
