"""`/geo/1.0/direct`: the places of a name, from a short list."""

from collections.abc import Mapping, Sequence

from services.sandbox.openweather.cities import CITIES, City
from services.sandbox.openweather.errors import bad_parameter
from services.sandbox.openweather.question import count_of
from services.sandbox.openweather.scene import Document

_MOST = 5
_WITH_STATE = 3


def direct(arguments: Mapping[str, str]) -> list[Document]:
    """Those that `q` may mean: `name`, `name,country` or `name,state,country`; a state counts in the US only.

    Raises:
        Refused: `q` is missing.
    """
    parts = [part.strip().casefold() for part in arguments.get("q", "").split(",")]
    if not parts[0]:
        raise bad_parameter("q", "Nothing to geocode", is_one_call=False)
    found = [city for city in CITIES if _is_meant(city, parts)]
    return [_document(city) for city in found[: count_of(arguments, _MOST, name="limit")]]


def _is_meant(city: City, parts: Sequence[str]) -> bool:
    name, *rest = parts
    country = rest[-1] if rest else ""
    state = rest[0] if len(parts) >= _WITH_STATE else ""
    names = {one.casefold() for one in (city.name, *city.local_names.values())}
    states = {one.casefold() for one in (city.state, city.state_code) if one}
    return (
        name in names
        and country in {"", city.country.casefold()}
        and (not state or city.country != "US" or state in states)
    )


def _document(city: City) -> Document:
    return {
        "name": city.name,
        "local_names": dict(city.local_names),
        "lat": city.latitude,
        "lon": city.longitude,
        "country": city.country,
        **({"state": city.state} if city.state else {}),
    }
