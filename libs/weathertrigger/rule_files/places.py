"""A place as people write it: `"40.69,-74.17"`, or a mapping with latitude and longitude."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Never, TypedDict
from zoneinfo import available_timezones

from marshmallow import ValidationError, post_load

from weathertrigger.domain.rule import Quorum
from weathertrigger.domain.weather import Place, place_at
from weathertrigger.rule_files.scalars import name_from, number_from
from weathertrigger.rule_files.sentences import nearest, shown
from weathertrigger.rule_files.shapes import TEXT, either, items, one_of, shaped, text
from weathertrigger.rule_files.strict import Read, StrictSchema

_DEGREES = r" *([+-]?[0-9]{1,3}(?:\.[0-9]{1,15})?) *"
_PAIR = re.compile(f"{_DEGREES},{_DEGREES}")
MOST_PLACES = 50
"""Places of one rule."""

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


@shaped({"not": {}})
def _no_name_from(_: object) -> Never:
    raise ValidationError("stands before the place already")


class NamedPlaceSchema(PlaceSchema):
    """`{name, latitude, longitude, timezone?}`, in a list of places."""

    name = Read(name_from, required=True)


class NamelessPlaceSchema(PlaceSchema):
    """`{latitude, longitude, timezone?}`, after the name of one of several places."""

    name = Read(_no_name_from)


_NAMED, _NAMELESS = NamedPlaceSchema(), NamelessPlaceSchema()


@shaped(
    either(
        lambda writer: {
            "type": "object",
            "minProperties": 1,
            "maxProperties": MOST_PLACES,
            "additionalProperties": writer.value(either(text(_PAIR), lambda inner: inner.mapping(_NAMELESS))),
        },
        items(lambda writer: writer.mapping(_NAMED), minItems=1, maxItems=MOST_PLACES),
    )
)
def places_from(value: object) -> tuple[Place, ...]:
    """Several places, by their names or as a list of places that have one.

    Raises:
        ValidationError: every fault by name or index; two places that are one grid point; too many.
    """
    if not isinstance(value, dict | list):
        raise ValidationError(f'{shown(value)} are not places; write {{north: "47.42,8.54", west: "47.39,8.48"}}')
    if not 0 < len(value) <= MOST_PLACES:
        raise ValidationError(f"has {len(value)} places; write 1 to {MOST_PLACES}")
    found: dict[str | int, Place] = {}
    faults: dict[str | int, object] = {}
    for key, one in value.items() if isinstance(value, dict) else enumerate(value):
        try:
            found[key] = _named_place(key, one)
        except ValidationError as error:
            faults[key] = error.messages
    if faults := faults or _not_distinct(found):
        raise ValidationError(faults)
    return tuple(found.values())


@shaped({"anyOf": [one_of(Quorum), {"type": "integer", "minimum": 1, "maximum": MOST_PLACES}]})
def quorum_from(value: object) -> Quorum | int:
    """At how many of several places a condition has to hold: `any`, `all` or a number."""
    if isinstance(value, str) and value in set(Quorum):
        return Quorum(value)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise ValidationError(f"{shown(value)} is not a number of places; write any, all, or a number from 1")


def _named_place(key: str | int, value: object) -> Place:
    if isinstance(key, int):
        place: Place = _NAMED.read(value)
        return place
    name = name_from(key)
    place = _NAMELESS.read(value) if isinstance(value, dict) else place_from(value)
    return replace(place, name=name)


def _not_distinct(places: Mapping[str | int, Place]) -> dict[str | int, object]:
    """The places whose weather, or whose name, is that of another: one place would count twice."""
    first_at: dict[str, str | int] = {}
    first_named: dict[str | None, str | int] = {}
    faults: dict[str | int, object] = {}
    for key, place in places.items():
        if (earlier := first_at.setdefault(place.id, key)) != key:
            faults[key] = [f"is the same point as {earlier} ({place.id}); coordinates are rounded to two decimals"]
        elif (earlier := first_named.setdefault(place.name, key)) != key:
            faults[key] = [f"has the name of another place, {shown(place.name)}"]
    return faults


def _degrees(value: object, limit: int, what: str) -> float:
    number = number_from(value)
    if abs(number) > limit:
        raise ValidationError(f"{shown(value)} is not a {what}; it lies between -{limit} and {limit}")
    return number
