"""A place as people write it: `"40.69,-74.17"`, or a mapping with latitude and longitude."""

import re
from functools import cache
from typing import TypedDict
from zoneinfo import available_timezones

from marshmallow import ValidationError, post_load

from weathertrigger.domain.weather import Place, place_at
from weathertrigger.rule_files.scalars import name_from, number_from
from weathertrigger.rule_files.sentences import nearest, shown
from weathertrigger.rule_files.shapes import TEXT, either, shaped, text
from weathertrigger.rule_files.strict import Read, StrictSchema

_DEGREES = r" *([+-]?[0-9]{1,3}(?:\.[0-9]{1,15})?) *"
_PAIR = re.compile(f"{_DEGREES},{_DEGREES}")
_FORMS = '{latitude: 40.69, longitude: -74.17} or "40.69,-74.17"'


@shaped({"type": "number", "minimum": -90, "maximum": 90})
def latitude_from(value: object) -> float:
    """Degrees north, -90 to 90."""
    return _degrees(value, 90, "latitude")


@shaped({"type": "number", "minimum": -180, "maximum": 180})
def longitude_from(value: object) -> float:
    """Degrees east, -180 to 180."""
    return _degrees(value, 180, "longitude")


@shaped(TEXT)
def time_zone_from(value: object) -> str:
    """An IANA time zone that this machine knows."""
    if isinstance(value, str) and value in _time_zones():
        return str(value)
    near = nearest(value, _time_zones()) if isinstance(value, str) else None
    advice = f"did you mean {near}?" if near else "write for example America/New_York"
    raise ValidationError(f"{shown(value)} is not a time zone; {advice}")


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


class _Where(TypedDict, total=False):
    latitude: float
    longitude: float
    name: str
    time_zone: str


class PlaceSchema(StrictSchema):
    """`{latitude, longitude, name?, timezone?}`."""

    latitude = Read(latitude_from, required=True)
    longitude = Read(longitude_from, required=True)
    name = Read(name_from)
    time_zone = Read(time_zone_from, key="timezone")

    @post_load
    def to_place(self, data: _Where, **_: object) -> Place:
        """The grid point nearest to the coordinates."""
        return place_at(data["latitude"], data["longitude"], name=data.get("name"), time_zone=data.get("time_zone"))


_PLACE = PlaceSchema()


@shaped(either(text(_PAIR), lambda writer: writer.mapping(_PLACE)))
def place_from(value: object) -> Place:
    """A place in either form.

    Raises:
        ValidationError: not a place; coordinates out of range; an unknown time zone.
    """
    if isinstance(value, dict):
        place: Place = _PLACE.read(value)
        return place
    pair = _PAIR.fullmatch(value) if isinstance(value, str) else None
    if pair is None:
        raise ValidationError(f"{shown(value)} is not a place; write {_FORMS}")
    return place_at(latitude_from(float(pair[1])), longitude_from(float(pair[2])))


def _degrees(value: object, limit: int, what: str) -> float:
    number = number_from(value)
    if abs(number) > limit:
        raise ValidationError(f"{shown(value)} is not a {what}; it lies between -{limit} and {limit}")
    return number
