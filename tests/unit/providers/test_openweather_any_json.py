"""Whatever stands in an answer of OpenWeather: weather that the answer really tells, or an error of the closed set.

Any part of a good answer is replaced, on the wire, by any JSON, by what only looks like JSON, or taken away.
"""

import copy
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.providers import openweather_says as says
from tests.unit.providers.openweather_bodies import CURRENT, FORECAST, HOUR, NOON, NOW, ONE_CALL, ORIGIN, PLACE, Body
from tests.unit.test_strict_json import json_values
from weathertrigger.domain.forecast import EachDay
from weathertrigger.domain.weather import Metric
from weathertrigger.errors import ServiceError, Transient
from weathertrigger.http.client import HttpAnswer
from weathertrigger.http.strict_json import Json
from weathertrigger.providers.openweather.errors import error_under_200
from weathertrigger.providers.openweather.geocode import Candidate, parse_candidates
from weathertrigger.providers.openweather.parse_current import parse_current
from weathertrigger.providers.openweather.parse_forecast import parse_forecast
from weathertrigger.providers.openweather.parse_one_call import parse_one_call
from weathertrigger.providers.port import Weather

_GONE = ""
_SEAM = "the part that is replaced"
_ODD = [
    *("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e308", "-1e308", "1e-320", "-0.0", "0", "-1", "1.5"),
    *("9" * 19, "9" * 20, "9" * 30, "9" * 31, "-" + "9" * 400, "1795434000000", "01", "+1", "0x10", "1_000"),
    *(
        '"NaN"',
        '"5.14"',
        '"200"',
        '"1795434000"',
        '"10n"',
        '"\\ud800"',
        '""',
        "'d'",
        "null",
        "true",
        "[]",
        "{}",
        "[[]]",
    ),
    *("[" * 100_000 + "]" * 100_000, '{"a":' * 50_000 + "1" + "}" * 50_000, "", "}", '{"1h": 3}', '{"1h": "3"}'),
]
_TIMES = st.integers(-100, 300).map(lambda hours: str(NOON + hours * HOUR))
RAW = (
    st.sampled_from(_ODD) | _TIMES | st.floats(-200, 2_000).map(repr) | st.integers(-2_000, 2_000).map(str)
) | json_values.map(json.dumps)
"""The text of one JSON value, or what may stand in its place."""


def bent(sample: Body) -> st.SearchStrategy[bytes]:
    """The answer's bytes with any one of its parts replaced or gone."""
    paths = list(_paths(sample))
    return st.builds(_bend, st.just(sample), st.sampled_from(paths), RAW | st.just(_GONE))


def _paths(value: Body, so_far: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    steps = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [so_far, *(path for step in steps for path in _paths(value[step], (*so_far, step)))]


def _bend(sample: Body, path: tuple[str | int, ...], raw: str) -> bytes:
    if not path:
        return raw.encode()
    altered = copy.deepcopy(sample)
    inner = altered
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = _SEAM
    if raw == _GONE:
        del inner[path[-1]]
    return json.dumps(altered).replace(json.dumps(_SEAM), raw).encode()


def read(body: bytes) -> Json:
    """As the client does it.

    Raises:
        ServiceError: it is not a good answer.
    """
    answer = HttpAnswer(200, {}, body)
    parsed = answer.json(ORIGIN)
    if (told := error_under_200(parsed, answer, ORIGIN, NOW)) is not None:
        raise told
    return parsed


def parsed_or_none(body: bytes) -> Json:
    """The body, or `None` of what is an error already before it is parsed."""
    try:
        return read(body)
    except ServiceError:
        return None


def alike(found: Mapping[Metric, object], expected: Mapping[Metric, object]) -> bool:
    """The same metrics, with the same values but for the dust of binary fractions."""
    return found.keys() == expected.keys() and all(
        type(found[metric]) is type(value)
        and (
            found[metric] == pytest.approx(value, abs=1e-8, rel=1e-12)
            if isinstance(value, float)
            else found[metric] == value
        )
        for metric, value in expected.items()
    )


@settings(max_examples=500)
@given(bent(CURRENT))
@example(json.dumps(CURRENT).encode())
def test_the_present_of_version_25_is_what_the_answer_says(answer: bytes) -> None:
    """Every metric that can be known, with that value, and no other (semantics 3)."""
    body = parsed_or_none(answer)
    expected = says.current(body)
    if expected is None:
        with pytest.raises(Transient):
            parse_current(body, PLACE, NOW, ORIGIN)
    else:
        reading = parse_current(body, PLACE, NOW, ORIGIN)
        assert alike(reading.values, expected), (reading.values, expected)
        assert not reading.discarded.keys() & reading.values.keys()


@settings(max_examples=500)
@given(bent(FORECAST))
@example(json.dumps(FORECAST).encode())
def test_the_forecast_of_version_25_is_what_the_answer_says(answer: bytes) -> None:
    """Every hour that can be known (semantics 3)."""
    body = parsed_or_none(answer)
    expected = says.forecast(body)
    if not expected:
        with pytest.raises(Transient):
            parse_forecast(body, PLACE, NOW, ORIGIN)
    else:
        hours = parse_forecast(body, PLACE, NOW, ORIGIN).hours
        assert hours.keys() == expected.keys()
        for hour, values in hours.items():
            assert alike(values, expected[hour]), (values, expected[hour])


@settings(max_examples=500)
@given(bent(ONE_CALL))
@example(json.dumps(ONE_CALL).encode())
def test_one_call_is_what_the_answer_says(answer: bytes) -> None:
    """The present, every hour and every day that can be known (semantics 3)."""
    body = parsed_or_none(answer)
    expected, expected_hours = says.one_call(body)
    for now, ahead in ((True, False), (False, True)):
        if (now and expected is None) or (ahead and not expected_hours):
            with pytest.raises(Transient):
                parse_one_call(body, PLACE, NOW, ORIGIN, now=now, ahead=ahead)
            continue
        found = parse_one_call(body, PLACE, NOW, ORIGIN, now=now, ahead=ahead)
        assert (found.reading is None, found.forecast is None) == (expected is None, not expected_hours)
        if found.reading is not None and expected is not None:
            assert alike(found.reading.values, expected), (found.reading.values, expected)
        if found.forecast is not None:
            assert found.forecast.hours.keys() == expected_hours.keys()
            assert all(alike(values, expected_hours[hour]) for hour, values in found.forecast.hours.items())
            _assert_days(found, says.days(body))


def _assert_days(found: Weather, expected: Mapping[date, Mapping[EachDay, says.Numbers]]) -> None:
    assert found.forecast is not None
    assert found.forecast.days.keys() == expected.keys()
    for day, figures in found.forecast.days.items():
        assert figures.keys() == expected[day].keys()
        assert all(alike(values, expected[day][each]) for each, values in figures.items())


PLACES: Body = [
    {
        "name": "Newark",
        "local_names": {"en": "Newark"},
        "lat": 40.7,
        "lon": -74.2,
        "country": "US",
        "state": "New Jersey",
    },
    {"name": "Newark", "lat": 39.7, "lon": -75.7, "country": "US", "state": "Delaware"},
]


@given(bent(PLACES))
def test_every_place_is_one_or_there_is_none(answer: bytes) -> None:
    """As many as the list has, each on the globe."""
    try:
        body = read(answer)
        found = parse_candidates(body, ORIGIN)
    except ServiceError:
        return
    assert isinstance(body, list)
    assert len(found) == len(body)
    for one in found:
        assert isinstance(one, Candidate)
        assert abs(one.latitude) <= 90
        assert abs(one.longitude) <= 180
        assert one.name.isprintable()
        assert one.name


PARSERS: dict[str, Callable[[Json], object]] = {
    "current": lambda body: parse_current(body, PLACE, NOW, ORIGIN),
    "forecast": lambda body: parse_forecast(body, PLACE, NOW, ORIGIN),
    "one call": lambda body: parse_one_call(body, PLACE, NOW, ORIGIN, now=True, ahead=True),
    "places": lambda body: parse_candidates(body, ORIGIN),
}


@pytest.mark.parametrize("parser", PARSERS)
@given(json_values)
def test_any_json_at_all_is_understood(parser: str, body: Json) -> None:
    """A result or an error of the closed set."""
    try:
        PARSERS[parser](body)
    except ServiceError:
        return


@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)), st.integers())  # noqa: DTZ001 - any time will do
def test_no_time_breaks_it(at: datetime, dt: int) -> None:
    """Whatever our clock shows, and whatever the answer's."""
    now = at.replace(tzinfo=NOW.tzinfo)
    for sample, parse in ((CURRENT, parse_current), (FORECAST["list"][0], parse_forecast)):
        try:
            parse({**sample, "dt": dt, "list": [{**sample, "dt": dt}]}, PLACE, now, ORIGIN)
        except Transient:
            continue
