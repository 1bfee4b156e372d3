"""The OpenWeather adapter's request bytes, and its handling of whole answers."""

from datetime import UTC, datetime

import pytest

from tests.contract.secrecy import everything_said_by
from tests.contract.wire import Reply, Wire, hangs, patience_for, resets, says, sends
from weathertrigger.domain.weather import Metric, place_at
from weathertrigger.errors import NotFound, RateLimited, Rejected, ServiceError, Transient, Unauthorised
from weathertrigger.http.client import Bounds
from weathertrigger.providers.openweather.client import OpenWeather

KEY = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GOOD = {"weather": [{"id": 800, "icon": "01n"}], "main": {"temp": -3.5}, "dt": int(NOW.timestamp()) - 60, "cod": 200}


def provider(wire: Wire, bounds: Bounds | None = None) -> OpenWeather:
    return OpenWeather(KEY, base_url=wire.url, clock=lambda: NOW, bounds=bounds)


def test_the_request_is_as_documented(wire: Wire) -> None:
    """One GET in metric units, with the grid point's coordinates."""
    wire.script(says(GOOD))
    reading = provider(wire).current(place_at(-33.868, 0.0))
    assert reading.values[Metric.TEMPERATURE] == -3.5
    (seen,) = wire.seen
    assert (seen.method, seen.path) == ("GET", "/data/2.5/weather")
    assert seen.query == {"lat": "-33.87", "lon": "0.00", "units": "metric", "appid": KEY}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (says({"cod": "400", "message": f"wrong latitude {KEY}"}, 400), Rejected),
        (says({"cod": 401, "message": f"Invalid API key {KEY}"}, 401), Unauthorised),
        (says({"cod": "404", "message": "city not found"}, 404), NotFound),
        (says({"cod": 429, "message": "blocked"}, 429), RateLimited),
        (says({"cod": 500, "message": "Internal server error"}, 500), Transient),
        (sends(b"<html>busy</html>", 503), Transient),
        (sends(b"<html>welcome</html>", 200), Transient),
        (says({"cod": "404", "message": "city not found"}, 200), NotFound),
        (says([], 200), Transient),
        (sends(b'{"dt": 1795434000, "main": {"temp": NaN}, "cod": 200}'), Transient),
        (hangs, Transient),
        (resets, Transient),
    ],
)
def test_every_bad_answer_is_an_error_without_the_key(wire: Wire, reply: Reply, kind: type[ServiceError]) -> None:
    """One request, one error, and the key nowhere in it."""
    wire.script(reply)
    with pytest.raises(ServiceError) as caught:
        provider(wire, patience_for(reply)).current(place_at(40.69, -74.17))
    assert type(caught.value) is kind
    assert caught.value.service == "openweather"
    assert len(wire.seen) == 1
    assert KEY not in everything_said_by(caught.value)
