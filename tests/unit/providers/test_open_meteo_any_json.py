"""Whatever JSON Open-Meteo sends, it is weather or an error, and never a default that looks like data."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.platforms.test_any_json import bent
from tests.unit.providers.open_meteo_bodies import NOW, RAINY
from tests.unit.test_strict_json import json_values
from weathertrigger.domain.physical_bounds import BOUNDS
from weathertrigger.domain.weather import Metric, Value, place_at
from weathertrigger.errors import ServiceError
from weathertrigger.http.client import HttpAnswer, Origin
from weathertrigger.providers.open_meteo.errors import error_of, error_under_200
from weathertrigger.providers.open_meteo.parse import parse_answer
from weathertrigger.providers.port import Weather

ORIGIN = Origin("open_meteo")
PLACES = [place_at(52.52, 13.41), place_at(52.53, 13.41)]

Sections = dict[int, Mapping[Metric, Value]]


def read(body: Any) -> dict[str, Sections]:  # Any: JSON of any shape, which is the point
    """What is known of each place, by the number of the hour; the reading under 0."""
    answers = parse_answer(body, PLACES, NOW, ORIGIN, now=True, ahead=True)
    known: dict[str, Sections] = {}
    for place_id, answer in answers.items():
        if isinstance(answer, Weather):
            assert answer.reading
            assert answer.forecast
            known[place_id] = {0: answer.reading.values, **answer.forecast.hours}
        else:
            assert isinstance(answer, ServiceError)
    return known


HONEST = read([RAINY, RAINY])


@given(bent([RAINY, RAINY]))
def test_any_answer_is_weather_or_an_error(body: Any) -> None:  # Any: as above
    """Every value that comes out of it is of its metric's type and within its bounds."""
    told = error_under_200(body, ORIGIN)
    assert told is None or isinstance(told, ServiceError)
    try:
        known = read(body)
    except ServiceError:
        return
    for sections in known.values():
        for values in sections.values():
            for metric, value in values.items():
                low, high = BOUNDS.get(metric, (0, 0))
                assert isinstance(value, bool | tuple) if metric not in BOUNDS else low <= float(value) <= high  # type: ignore[arg-type]  # a number by the line itself


NO_NUMBERS = st.recursive(
    st.none() | st.booleans() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(bent([RAINY, RAINY], by=NO_NUMBERS))
def test_what_is_not_there_is_never_made_up(body: Any) -> None:  # Any: as above
    """With any part replaced by what is no number, what is still known is what was there before, and nothing else."""
    try:
        known = read(body)
    except ServiceError:
        return
    for place_id, sections in known.items():
        for name, values in sections.items():
            honest = HONEST[place_id][name]
            assert values.items() <= honest.items()


@given(json_values, st.integers(100, 599))
def test_any_refusal_is_an_error(body: Any, status: int) -> None:  # Any: as above
    """With whatever reason."""
    answer = HttpAnswer(status, {}, json.dumps({"error": True, "reason": body}).encode())
    assert isinstance(error_of(answer, NOW, ORIGIN), ServiceError)
