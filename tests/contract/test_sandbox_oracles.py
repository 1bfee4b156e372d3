"""The sandbox before clients and schemas that nobody here wrote: Meta's SDK, Google's protobufs, pyowm.

They are not among the project's dependencies; where one is not installed, its tests are skipped.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.contract.sandbox_server import CUSTOMER, GOOGLE, META, SandboxClient, sandbox_thread
from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.weather import Metric, place_at
from weathertrigger.providers.openweather.client import OneCall, Version25
from weathertrigger.providers.openweather.connection import Connection
from weathertrigger.providers.port import Weather

Module = Any  # Any: modules that may not be installed have no types here
NEWARK = place_at(40.69, -74.17)
_V26 = "google.ads.googleads.v26"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    with sandbox_thread(tmp_path) as client:
        yield client


@pytest.fixture
def meta(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> Module:
    """Meta's SDK, logged in at the sandbox."""
    api = pytest.importorskip("facebook_business.api", reason="facebook-business is not installed")
    monkeypatch.setattr(pytest.importorskip("facebook_business.session").FacebookSession, "GRAPH", sandbox.url)
    api.FacebookAdsApi.init("an-app", "a-secret", "a-token", crash_log=False)
    return api.FacebookAdsApi.get_default_api()


def _ad_set(node_id: str) -> Module:
    return pytest.importorskip("facebook_business.adobjects.adset").AdSet(node_id)


def test_metas_sdk_reads_writes_and_lists(sandbox: SandboxClient, meta: Module) -> None:
    """One ad set, and the pages of a list walked by the SDK's cursor."""
    assert _ad_set("23847").api_get(fields=["status", "daily_budget"])["daily_budget"] == "5000"
    _ad_set("23847").api_update(params={"status": "ACTIVE", "daily_budget": 7500})
    assert sandbox.value("ad_set/23847", "daily_budget") == "7500"
    account = pytest.importorskip("facebook_business.adobjects.adaccount").AdAccount(META)
    assert len(list(account.get_ad_sets(fields=["name"], params={"limit": 2}))) == 7


def test_metas_sdk_understands_a_batch_and_its_errors(sandbox: SandboxClient, meta: Module) -> None:
    """Success and failure reach the SDK's callbacks; a refusal is its own exception with code and subcode."""
    outcomes: list[object] = []
    batch = meta.new_batch()
    for node_id in ("23847", "23857", "999"):
        _ad_set(node_id).api_update(
            params={"status": "ACTIVE"},
            batch=batch,
            success=lambda answer: outcomes.append(answer.json()),
            failure=lambda answer: outcomes.append(answer.error().api_error_subcode()),
        )
    batch.execute()
    assert outcomes == [{"success": True}, {"success": True}, 33]
    refused = pytest.importorskip("facebook_business.exceptions").FacebookRequestError
    with pytest.raises(refused) as caught:
        _ad_set("23857").api_update(params={"daily_budget": 7500})
    assert caught.value.api_error_code() == 100


def _parsed(document: object, module: str, message: str) -> Module:
    """The document as Google's own protobuf reads it; an unknown field or enum is an error."""
    types = pytest.importorskip(f"{_V26}.{module}", reason="google-ads is not installed")
    kind = getattr(types, message)
    return pytest.importorskip("google.protobuf.json_format").ParseDict(document, kind.pb(kind()))


_EVERYTHING = {
    "campaign": "campaign.id, campaign.name, campaign.status, campaign.primary_status, campaign.primary_status_reasons,"
    " campaign.serving_status, campaign.campaign_budget, campaign_budget.id, campaign_budget.name,"
    " campaign_budget.amount_micros, campaign_budget.explicitly_shared, campaign_budget.reference_count,"
    " campaign_budget.period, campaign_budget.status, campaign_budget.delivery_method, customer.id,"
    " customer.descriptive_name, customer.currency_code, customer.time_zone, customer.status",
    "ad_group": "ad_group.id, ad_group.name, ad_group.status, ad_group.primary_status, ad_group.primary_status_reasons,"
    " ad_group.campaign, ad_group.cpc_bid_micros",
    "ad_group_ad": "ad_group_ad.status, ad_group_ad.primary_status, ad_group_ad.primary_status_reasons,"
    " ad_group_ad.ad_group, ad_group_ad.ad.id, ad_group_ad.ad.name",
}


@pytest.mark.parametrize("resource", _EVERYTHING)
def test_googles_protobufs_take_the_answers_of_a_search(sandbox: SandboxClient, resource: str) -> None:
    """Every field that the sandbox can select exists in v26 under that name and type."""
    answer = sandbox.search(f"SELECT {_EVERYTHING[resource]} FROM {resource}")
    read = _parsed(answer, "services.types.google_ads_service", "SearchGoogleAdsResponse")
    assert len(read.results) == len(answer["results"]) > 0


def _operation(resource: str, **values: str) -> dict[str, object]:
    return {"updateMask": ",".join(values), "update": {"resourceName": f"customers/{GOOGLE}/{resource}", **values}}


def test_googles_protobufs_take_the_answers_of_a_mutate(sandbox: SandboxClient) -> None:
    """All four kinds with their mutable resources, and a partial failure."""
    operations = [
        {"campaignOperation": _operation("campaigns/111", status="PAUSED")},
        {"campaignOperation": _operation("campaigns/999", status="PAUSED")},
        {"campaignBudgetOperation": _operation("campaignBudgets/444", amountMicros="60000000")},
        {"adGroupOperation": _operation("adGroups/222", status="PAUSED")},
        {"adGroupAdOperation": _operation("adGroupAds/222~333", status="ENABLED")},
    ]
    body = {"mutateOperations": operations, "partialFailure": True, "responseContentType": "MUTABLE_RESOURCE"}
    answer = sandbox.json(f"{CUSTOMER}/googleAds:mutate", body).json()
    _parsed({**answer, "partialFailureError": {}}, "services.types.google_ads_service", "MutateGoogleAdsResponse")
    failure = answer["partialFailureError"]["details"][0]
    failure.pop("@type")
    assert (
        _parsed(failure, "errors.types.errors", "GoogleAdsFailure").errors[0].location.field_path_elements[0].index == 1
    )


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("googleAds:search", {"query": "SELECT campaign.colour FROM campaign"}),
        ("googleAds:search", {"query": "SELECT ad_group.id FROM campaign"}),
        ("googleAds:search", {"query": "SELECT campaign.id FROM campaign WHERE ad_group.id = 1"}),
        ("googleAds:search", {"query": "SELECT campaign.id FROM campaign WHERE campaign.id > 1"}),
        ("googleAds:search", {"query": "SELECT a.b FROM nothing"}),
        ("googleAds:search", {"query": "SELECT"}),
        ("googleAds:search", {"query": ""}),
        ("googleAds:search", {"query": "SELECT campaign.id FROM campaign", "pageSize": 1}),
        ("googleAds:search", {"query": "SELECT campaign.id FROM campaign", "pageToken": "x"}),
        ("campaigns:mutate", {"operations": []}),
        ("campaigns:mutate", {"operations": [_operation("campaigns/9", status="PAUSED")]}),
        ("campaigns:mutate", {"operations": [_operation("adGroups/9", status="PAUSED")]}),
        ("campaigns:mutate", {"operations": [_operation("campaigns/111", status="REMOVED")]}),
        ("campaigns:mutate", {"operations": [_operation("campaigns/111", status="PAUSED")] * 2}),
        ("campaigns:mutate", {"operations": [_operation("campaigns/111", status="PAUSED")] * 10_001}),
        ("campaigns:mutate", {"operations": [{"remove": "x"}]}),
        ("campaigns:mutate", {"operations": [{"update": {}}]}),
        ("campaigns:mutate", {"operations": [{"updateMask": "x", "update": {}}]}),
        ("campaignBudgets:mutate", {"operations": [_operation("campaignBudgets/444", amountMicros="10001")]}),
        ("campaignBudgets:mutate", {"operations": [_operation("campaignBudgets/444", amountMicros="0")]}),
    ],
)
def test_googles_protobufs_know_every_error(sandbox: SandboxClient, call: str, body: object) -> None:
    """Each error code of the sandbox is one of v26, in the group that it is given under."""
    failure = sandbox.json(f"{CUSTOMER}/{call}", body).json()["error"]["details"][0]
    failure.pop("@type")
    assert _parsed(failure, "errors.types.errors", "GoogleAdsFailure").request_id


@pytest.fixture
def pyowm(sandbox: SandboxClient) -> Callable[[str], Module]:
    """pyowm's managers with a key, at the sandbox."""
    owm = pytest.importorskip("pyowm.owm", reason="pyowm is not installed")
    client = pytest.importorskip("pyowm.commons.http_client").HttpClient
    config = pytest.importorskip("pyowm.utils.config").get_default_config()
    config["connection"]["use_ssl"] = False
    host = urlsplit(sandbox.url).netloc

    def at(path: str, key: str) -> Module:
        return client(key, config, f"{host}{path}", admits_subdomains=False)

    def managers(key: str) -> Module:
        made = owm.OWM(key, config)
        weather, places = made.weather_manager(), made.geocoding_manager()
        weather.http_client = at("/data/2.5", key)
        weather.one_call_http_client = at("/data/3.0", key)
        places.http_client = at("/geo/1.0", key)
        return SimpleNamespace(weather=weather, places=places)

    return managers


def test_pyowm_reads_the_weather(sandbox: SandboxClient, pyowm: Callable[[str], Module]) -> None:
    """Current weather, forecast, One Call and a bad key, through a client of OpenWeather."""
    sandbox.set_clock("2013-06-08T00:00:00Z")
    weather = pyowm("k").weather
    now = weather.weather_at_coords(40.69, -74.17).weather
    assert (now.status, now.rain) == ("Rain", {"1h": 8.38})
    assert len(weather.forecast_at_coords(40.69, -74.17, "3h").forecast.weathers) == 40
    everything = weather.one_call(40.69, -74.17)
    assert (len(everything.forecast_hourly), len(everything.forecast_daily)) == (48, 8)
    with pytest.raises(pytest.importorskip("pyowm.commons.exceptions").UnauthorizedError):
        pyowm("invalid").weather.weather_at_coords(40.69, -74.17)


def test_pyowm_finds_places(pyowm: Callable[[str], Module]) -> None:
    """One, several, none, and a bad key."""
    places = pyowm("k").places
    (newark,) = places.geocode("Newark", country="US", state_code="NJ", limit=5)
    assert (newark.name, newark.country, newark.lat, newark.lon) == ("Newark", "US", 40.735657, -74.1723667)
    assert [one.country for one in places.geocode("Newark")] == ["US", "US", "US", "US", "GB"]
    assert len(places.geocode("Springfield", country="US", limit=2)) == 2
    assert places.geocode("Atlantis") == []
    with pytest.raises(pytest.importorskip("pyowm.commons.exceptions").UnauthorizedError):
        pyowm("invalid").places.geocode("Newark")


def test_pyowm_and_the_adapter_read_the_same(sandbox: SandboxClient, pyowm: Callable[[str], Module]) -> None:
    """The storm of 7 June 2013 in One Call's present, hours and days, and in the steps of the forecast."""
    sandbox.set_clock("2013-06-07T12:00:00Z")
    ours = Connection("k", base_url=sandbox.url)
    found = OneCall(ours).ask([NEWARK], now=True, ahead=True)[NEWARK.id]
    steps = Version25(ours).ask([NEWARK], now=False, ahead=True)[NEWARK.id]
    assert isinstance(found, Weather)
    assert isinstance(steps, Weather)
    assert found.reading is not None
    assert found.forecast is not None
    assert steps.forecast is not None
    theirs = pyowm("k").weather.one_call(40.69, -74.17, units="metric")
    assert _shown(found.reading.values) == _told(theirs.current)
    hours = [found.forecast.hours[hour] for hour in sorted(found.forecast.hours)]
    assert [_shown(hour) for hour in hours] == [_told(one) for one in theirs.forecast_hourly]
    assert max(_told(one)[Metric.RAIN] for one in theirs.forecast_hourly) > 8
    sums = [found.forecast.days[day][EachDay.SUM][Metric.RAIN] for day in sorted(found.forecast.days)]
    assert sums == [one.rain.get("all", 0.0) for one in theirs.forecast_daily]
    told = pyowm("k").weather.forecast_at_coords(40.69, -74.17, "3h").forecast.weathers
    expected = {one.ref_time // 3600: one for one in told}
    rain = {hour: float(steps.forecast.hours[hour - 1][Metric.RAIN]) * 3 for hour in expected}  # type: ignore[arg-type]
    assert rain == pytest.approx({hour: one.rain.get("3h", 0.0) for hour, one in expected.items()})
    for hour, one in expected.items():
        assert steps.forecast.hours[hour][Metric.WIND_SPEED] == one.wnd["speed"]


def _shown(values: Mapping[Metric, object]) -> dict[Metric, object]:
    return {metric: values.get(metric) for metric in _SHOWN}


def _told(theirs: Module) -> dict[Metric, Any]:  # Any: pyowm has no types
    return {metric: read(theirs) for metric, read in _SHOWN.items()}


_SHOWN: dict[Metric, Callable[[Module], object]] = {
    Metric.TEMPERATURE: lambda told: told.temp["temp"],
    Metric.FEELS_LIKE: lambda told: told.temp["feels_like"],
    Metric.DEW_POINT: lambda told: told.dewpoint,
    Metric.HUMIDITY: lambda told: told.humidity,
    Metric.PRESSURE: lambda told: told.pressure["press"],
    Metric.WIND_SPEED: lambda told: told.wnd["speed"],
    Metric.WIND_GUST: lambda told: told.wnd.get("gust"),
    Metric.WIND_DIRECTION: lambda told: told.wnd["deg"],
    Metric.CLOUDS: lambda told: told.clouds,
    Metric.VISIBILITY: lambda told: told.visibility_distance,
    Metric.UV_INDEX: lambda told: told.uvi,
    Metric.RAIN: lambda told: told.rain.get("1h", 0.0),
    Metric.SNOW: lambda told: told.snow.get("1h", 0.0),
}
