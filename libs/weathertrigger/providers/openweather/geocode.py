"""Where a place is that people know by its name: https://openweathermap.org/api/geocoding-api."""

from dataclasses import dataclass

from weathertrigger.errors import Transient
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, number, text
from weathertrigger.providers.openweather.connection import Connection

_MOST = 5  # more are never given
_HIGHEST_LATITUDE, _HIGHEST_LONGITUDE = 90.0, 180.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place of that name. The country is two letters; a state is told in some countries only."""

    name: str
    state: str | None
    country: str
    latitude: float
    longitude: float


def find_places(connection: Connection, name: str) -> list[Candidate]:
    """The places that `City`, `City, Country` or `City, State, Country` may mean, the likeliest first; at most 5.

    The country is its two letters, the state the two of one of the United States.

    Raises:
        ServiceError: there was no good answer.
    """
    query = {"q": ",".join(part.strip() for part in name.split(",")), "limit": str(_MOST)}
    return parse_candidates(connection.get("/geo/1.0/direct", query), connection.origin)


def parse_candidates(body: Json, origin: Origin) -> list[Candidate]:
    """The places that a body holds; none is a good answer too.

    Raises:
        Transient: it is no such list, or one of its entries cannot be read: without it another might seem the only one.
    """
    found = [_candidate(entry) for entry in body] if isinstance(body, list) else [None]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        raise origin.error(Transient, "OpenWeather's answer is not a list of places with names and coordinates.")
    return known


def _candidate(entry: Json) -> Candidate | None:
    name, country = _words(dig(entry, "name")), _words(dig(entry, "country"))
    latitude, longitude = number(dig(entry, "lat")), number(dig(entry, "lon"))
    if not name or not country or latitude is None or longitude is None:
        return None
    if abs(latitude) > _HIGHEST_LATITUDE or abs(longitude) > _HIGHEST_LONGITUDE:
        return None
    return Candidate(name, _words(dig(entry, "state")) or None, country, latitude, longitude)


def _words(value: Json) -> str:
    """Text on one line without what cannot be printed: names in some scripts hold joiners and marks of direction."""
    return "".join(one for one in text(value) or "" if one.isprintable()).strip()
