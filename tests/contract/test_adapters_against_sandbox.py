"""The adapters against the sandbox over real HTTP: what they read, what their writes leave there, what faults make of
both. The sandbox's own view is the witness."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.contract.sandbox_server import GOOGLE, META, SandboxClient, sandbox_thread
from weathertrigger.domain.change import Carrier, Wanted
from weathertrigger.domain.forecast import hour_of
from weathertrigger.domain.money import Money
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.domain.weather import Metric, place_at
from weathertrigger.errors import NotFound, RateLimited, Rejected, ServiceError, Transient, Unauthorised
from weathertrigger.http.client import Bounds
from weathertrigger.platforms.google_ads.client import GoogleAds
from weathertrigger.platforms.google_ads.credentials import GoogleCredentials
from weathertrigger.platforms.meta_ads.client import MetaAds
from weathertrigger.platforms.meta_ads.credentials import MetaCredentials
from weathertrigger.platforms.port import AdAccount, AdPlatform, Observed, Write
from weathertrigger.platforms.registry import PLATFORMS
from weathertrigger.providers.openweather.client import OneCall, Version25
from weathertrigger.providers.openweather.connection import Connection
from weathertrigger.providers.openweather.geocode import find_places
from weathertrigger.providers.port import Weather, WeatherProvider

META_ACCOUNT = AdAccount("meta-acme", META, "USD")
YEN_ACCOUNT = AdAccount("meta-kasa", "act_1002", "JPY")
GOOGLE_ACCOUNT = AdAccount("google-acme", GOOGLE, "USD")
GOOGLE_YEN = AdAccount("google-kasa", "2345678901", "JPY")
STATUS, BUDGET = FieldName.STATUS, FieldName.DAILY_BUDGET
NEWARK = place_at(40.69, -74.17)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    """A fresh sandbox whose clock stands still."""
    with sandbox_thread(tmp_path) as client:
        yield client


@pytest.fixture
def meta(sandbox: SandboxClient) -> MetaAds:
    """Our Meta adapter."""
    return MetaAds(MetaCredentials("a-token", "an-app-secret"), base_url=sandbox.url)


@pytest.fixture
def google(sandbox: SandboxClient) -> GoogleAds:
    """Our Google adapter."""
    return GoogleAds(_grant("a-refresh-token"), base_url=sandbox.url, oauth_url=sandbox.url)


def _grant(refresh_token: str) -> GoogleCredentials:
    return GoogleCredentials("a-client", "a-client-secret", refresh_token)


def resolve(platform: AdPlatform, account: AdAccount, level: Level, entity_id: str, field: FieldName) -> object:
    wanted = Wanted(level, entity_id, field)
    return platform.resolve(account, [wanted]).results[wanted]


def weather_of(provider: WeatherProvider, *, ahead: bool = False) -> Weather:
    answer = provider.ask([NEWARK], now=True, ahead=ahead)[NEWARK.id]
    assert isinstance(answer, Weather)
    return answer


@pytest.mark.parametrize("api", [Version25, OneCall])
def test_the_weather_of_the_sandbox_is_a_reading(
    sandbox: SandboxClient, api: Callable[[Connection], WeatherProvider]
) -> None:
    """26.9 mm in an hour at Newark in the night of 3 June 2013."""
    sandbox.set_clock("2013-06-03T03:10")
    reading = weather_of(api(Connection("a-key", base_url=sandbox.url))).reading
    assert reading is not None
    values = reading.values
    assert values[Metric.RAIN] == pytest.approx(1.06 * 25.4, abs=0.01)
    assert values[Metric.PRECIPITATION] == values[Metric.RAIN]
    assert values[Metric.SNOW] == values[Metric.SNOWFALL] == 0.0
    assert abs((reading.fetched_at - reading.observed_at).total_seconds()) < 60


def test_the_forecast_of_the_sandbox_reaches_over_five_days(sandbox: SandboxClient) -> None:
    """Every hour of 120, and two more around the last step, of which nobody knows what falls in them; the storm of 7
    June is known the evening before, by its sum."""
    sandbox.set_clock("2013-06-06T22:00")
    forecast = weather_of(Version25(Connection("a-key", base_url=sandbox.url)), ahead=True).forecast
    assert forecast is not None
    first = min(forecast.hours)
    assert sorted(forecast.hours) == list(range(first, first + 122))
    assert hour_of(forecast.fetched_at) - first in {0, 1}  # an hour may have ended since it was answered
    told = sandbox.get("/data/2.5/forecast", lat="40.69", lon="-74.17", appid="k").json()["list"]
    fell = sum(step.get("rain", {}).get("3h", 0.0) for step in told)
    assert fell > 50
    rain = [forecast.hours[hour][Metric.RAIN] for hour in range(first, first + 120)]
    assert sum(amount for amount in rain if isinstance(amount, float)) == pytest.approx(fell)


def test_one_call_of_the_sandbox_has_hours_and_days(sandbox: SandboxClient) -> None:
    """48 and 8, with every metric but the gust where none was recorded."""
    sandbox.set_clock("2013-06-06T22:00")
    found = weather_of(OneCall(Connection("a-key", base_url=sandbox.url)))
    assert found.reading is not None
    assert found.forecast is not None
    first = min(found.forecast.hours)
    assert sorted(found.forecast.hours) == list(range(first, first + 48))
    assert hour_of(found.forecast.fetched_at) - first in {0, 1}
    assert len(found.forecast.days) == 8
    for values in (found.reading.values, *found.forecast.hours.values()):
        assert set(Metric) - values.keys() <= {Metric.WIND_GUST}
        assert values[Metric.ALERT] is False
    assert found.reading.values[Metric.TEMPERATURE] == found.forecast.hours[first][Metric.TEMPERATURE]


def test_the_geocoder_of_the_sandbox_finds_places(sandbox: SandboxClient) -> None:
    """Newark is many, Newark in New Jersey one, and Atlantis none."""
    connection = Connection("a-key", base_url=sandbox.url)
    assert {(one.state, one.country) for one in find_places(connection, "Newark")} >= {
        ("New Jersey", "US"),
        ("Delaware", "US"),
        ("England", "GB"),
    }
    (newark,) = find_places(connection, "Newark, NJ, US")
    assert (newark.name, round(newark.latitude, 1), round(newark.longitude, 1)) == ("Newark", 40.7, -74.2)
    assert find_places(connection, "Atlantis") == []


def test_a_wrong_key_is_unauthorised(sandbox: SandboxClient) -> None:
    """The real 401, for either API and for the geocoder."""
    connection = Connection("invalid", base_url=sandbox.url)
    for provider in (Version25(connection), OneCall(connection)):
        with pytest.raises(Unauthorised):
            weather_of(provider)
    with pytest.raises(Unauthorised):
        find_places(connection, "Newark")


@pytest.mark.parametrize(
    ("kind", "more", "error"),
    [
        ("status", {"status": 500}, Transient),
        ("status", {"status": 404}, NotFound),
        ("rate_limit", {}, RateLimited),
        ("hang", {"seconds": 3}, Transient),
        ("reset", {}, Transient),
        ("malformed", {}, Transient),
    ],
)
def test_faults_of_the_weather_are_errors(
    sandbox: SandboxClient, kind: str, more: dict[str, object], error: type[ServiceError]
) -> None:
    """Each in its class, and the next call is as good as ever."""
    sandbox.fault("openweather", kind, count=1, **more)
    provider = Version25(Connection("a-key", base_url=sandbox.url, bounds=Bounds(read=1)))
    with pytest.raises(ServiceError) as caught:
        weather_of(provider)
    assert type(caught.value) is error
    assert weather_of(provider).reading is not None


def test_meta_finds_the_carrier_of_every_field(meta: MetaAds) -> None:
    """Budgets on the ad set or on the campaign, never on both (semantics 15)."""
    assert resolve(meta, META_ACCOUNT, Level.AD_SET, "23847", BUDGET) == Carrier("ad_set/23847", BUDGET)
    assert resolve(meta, META_ACCOUNT, Level.CAMPAIGN, "23802", BUDGET) == Carrier("campaign/23802", BUDGET)
    assert resolve(meta, META_ACCOUNT, Level.AD, "239471", STATUS) == Carrier("ad/239471", STATUS)
    assert "its campaign 23802 holds it" in str(resolve(meta, META_ACCOUNT, Level.AD_SET, "23857", BUDGET))
    assert "its ad sets hold it" in str(resolve(meta, META_ACCOUNT, Level.CAMPAIGN, "23801", BUDGET))
    assert "lifetime" in str(resolve(meta, META_ACCOUNT, Level.AD_SET, "23867", BUDGET))
    assert isinstance(resolve(meta, META_ACCOUNT, Level.AD_SET, "999", STATUS), NotFound)
    assert "act_1002" in str(resolve(meta, META_ACCOUNT, Level.AD_SET, "33847", STATUS))
    assert isinstance(resolve(meta, META_ACCOUNT, Level.AD_GROUP, "1", STATUS), Rejected)


def test_meta_writes_what_was_asked_and_nothing_else(sandbox: SandboxClient, meta: MetaAds) -> None:
    """Siblings in two batches, each change once in the sandbox's journal, read back as written."""
    carriers = [Carrier("ad_set/23847", STATUS), Carrier("ad_set/23848", BUDGET), Carrier("campaign/23802", BUDGET)]
    keys = {carrier: _seen(meta, META_ACCOUNT, carrier).sibling_key for carrier in carriers}
    values = dict(zip(carriers, ["enabled", "9600", "15000"], strict=True))
    writes = [Write(carrier, value, keys[carrier]) for carrier, value in values.items()]
    before = len(sandbox.journal())
    for batch in meta.batches(writes):
        assert set(meta.write(META_ACCOUNT, batch).results.values()) == {None}
    changes = [change for entry in sandbox.journal()[before:] for change in entry["changes"]]
    assert {(change["resource"], change["field"], change["to"]) for change in changes} == {
        ("ad_set/23847", "status", "ACTIVE"),
        ("ad_set/23848", "daily_budget", "9600"),
        ("campaign/23802", "daily_budget", "15000"),
    }
    assert {carrier: _seen(meta, META_ACCOUNT, carrier).value for carrier in carriers} == values


def _seen(platform: AdPlatform, account: AdAccount, carrier: Carrier) -> Observed:
    observed = platform.read(account, [carrier]).results[carrier]
    assert isinstance(observed, Observed)
    return observed


def test_meta_takes_part_of_a_batch(sandbox: SandboxClient, meta: MetaAds) -> None:
    """One refusal does not stop the neighbour."""
    good, gone = Carrier("ad_set/23847", STATUS), Carrier("ad/999", STATUS)
    results = meta.write(META_ACCOUNT, [Write(good, "enabled", "23801"), Write(gone, "paused")]).results
    assert results[good] is None
    assert isinstance(results[gone], NotFound)
    assert sandbox.value("ad_set/23847", "status") == "ACTIVE"


def test_a_trial_changes_nothing(sandbox: SandboxClient, meta: MetaAds, google: GoogleAds) -> None:
    """`validate_only` on both platforms."""
    on_meta, on_google = Carrier("ad_set/23847", STATUS), Carrier("campaign/111", STATUS)
    assert meta.write(META_ACCOUNT, [Write(on_meta, "enabled")], validate_only=True).results == {on_meta: None}
    assert google.write(GOOGLE_ACCOUNT, [Write(on_google, "paused")], validate_only=True).results == {on_google: None}
    assert sandbox.value("ad_set/23847", "status") == "PAUSED"
    assert sandbox.value("campaign/111", "status", GOOGLE) == "ENABLED"


def test_money_means_the_same_on_both_sides(meta: MetaAds, google: GoogleAds) -> None:
    """Dollars and yen, as the sandbox's accounts hold them (semantics 23)."""
    budgets: list[tuple[AdPlatform, AdAccount, Carrier, str]] = [
        (meta, META_ACCOUNT, Carrier("ad_set/23847", BUDGET), "50"),
        (meta, YEN_ACCOUNT, Carrier("ad_set/33847", BUDGET), "6000"),
        (google, GOOGLE_ACCOUNT, Carrier("campaign_budget/444", BUDGET), "50"),
        (google, GOOGLE_YEN, Carrier("campaign_budget/544", BUDGET), "6000"),
    ]
    for platform, account, carrier, amount in budgets:
        value = _seen(platform, account, carrier).value
        assert platform.money.decode(value, account.currency) == Money(Decimal(amount), account.currency)
        raised = platform.money.encode(Money(Decimal(amount) * Decimal("1.2"), account.currency))
        assert platform.write(account, [Write(carrier, raised)]).results == {carrier: None}
        assert _seen(platform, account, carrier).value == raised


def test_google_finds_the_carrier_of_every_field(google: GoogleAds) -> None:
    """A campaign's budget is a resource of its own (semantics 15)."""
    assert resolve(google, GOOGLE_ACCOUNT, Level.CAMPAIGN, "111", BUDGET) == Carrier("campaign_budget/444", BUDGET)
    assert resolve(google, GOOGLE_ACCOUNT, Level.AD, "222~333", STATUS) == Carrier("ad/222~333", STATUS)
    bid, nearer = Carrier("ad_group/222", FieldName.BID), Carrier("location/111~1006886", FieldName.BID_MODIFIER)
    assert resolve(google, GOOGLE_ACCOUNT, Level.AD_GROUP, "222", FieldName.BID) == bid
    assert resolve(google, GOOGLE_ACCOUNT, Level.LOCATION, "111~1006886", FieldName.BID_MODIFIER) == nearer
    assert "no bid of its own" in str(resolve(google, GOOGLE_ACCOUNT, Level.AD_GROUP, "224", FieldName.BID))
    assert "its campaign 111 holds it" in str(resolve(google, GOOGLE_ACCOUNT, Level.AD_GROUP, "222", BUDGET))
    assert isinstance(resolve(google, GOOGLE_ACCOUNT, Level.CAMPAIGN, "999", STATUS), NotFound)


def test_google_takes_part_of_a_mutate(sandbox: SandboxClient, google: GoogleAds) -> None:
    """Each error finds its operation: a wrong unit, a resource that is not there; the others are done."""
    off, gone = Carrier("campaign_budget/444", BUDGET), Carrier("ad_group/999", STATUS)
    paused, enabled = Carrier("campaign/111", STATUS), Carrier("ad/222~333", STATUS)
    writes = [Write(off, "60000001"), Write(paused, "paused"), Write(gone, "paused"), Write(enabled, "enabled")]
    answer = google.write(GOOGLE_ACCOUNT, writes)
    assert isinstance(answer.results[off], Rejected)
    assert isinstance(answer.results[gone], NotFound)
    assert (answer.results[paused], answer.results[enabled]) == (None, None)
    assert answer.request_id
    assert sandbox.value("campaign/111", "status", GOOGLE) == "PAUSED"
    assert sandbox.value("ad/222~333", "status", GOOGLE) == "ENABLED"
    assert sandbox.value("campaign_budget/444", "daily_budget", GOOGLE) == "50000000"


@pytest.mark.parametrize(
    ("kind", "more", "error"),
    [
        ("status", {"status": 503}, Transient),
        ("rate_limit", {}, RateLimited),
        ("hang", {"seconds": 2}, Transient),
        ("reset", {}, Transient),
        ("reset_after_applying", {}, Transient),
        ("malformed", {}, Transient),
    ],
)
@pytest.mark.parametrize("name", PLATFORMS)
def test_a_write_that_is_struck_by_a_fault_is_sent_once(
    sandbox: SandboxClient, name: str, kind: str, more: dict[str, object], error: type[ServiceError]
) -> None:
    """One request, one error; whether it was applied is for a read to find out (semantics 26)."""
    settings = {"access_token": "a-token", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
    platform = PLATFORMS[name]({**settings, "base_url": sandbox.url, "oauth_url": sandbox.url})
    account = {"meta_ads": META_ACCOUNT, "google_ads": GOOGLE_ACCOUNT}[name]
    carrier = {"meta_ads": Carrier("ad_set/23848", STATUS), "google_ads": Carrier("campaign/111", STATUS)}[name]
    assert _seen(platform, account, carrier).value == "enabled"
    sandbox.fault(name, kind, count=1, **more)
    before = len(sandbox.journal())
    with pytest.raises(ServiceError) as caught:
        platform.write(account, [Write(carrier, "paused")])
    assert type(caught.value) is error
    assert sum(entry["service"] == name for entry in sandbox.journal()[before:]) == 1
    applied = kind in {"reset_after_applying", "malformed"}
    assert _seen(platform, account, carrier).value == ("paused" if applied else "enabled")


def test_a_grant_that_was_revoked_is_unauthorised(sandbox: SandboxClient) -> None:
    """`invalid_grant` from the token server, error 190 from Meta."""
    google = GoogleAds(_grant("invalid"), base_url=sandbox.url, oauth_url=sandbox.url)
    with pytest.raises(Unauthorised):
        google.read(GOOGLE_ACCOUNT, [Carrier("campaign/111", STATUS)])
    with pytest.raises(Unauthorised):
        MetaAds(MetaCredentials("invalid"), base_url=sandbox.url).read(META_ACCOUNT, [Carrier("ad_set/23847", STATUS)])
