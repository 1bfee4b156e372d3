"""What a caller asks: key, place, units. Checked in the order in which the real API complains."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.sandbox.openweather.errors import bad_key, bad_parameter

_MAX_LATITUDE, _MAX_LONGITUDE = 90.0, 180.0


class Units(StrEnum):
    """Kelvin and m/s, C and m/s, or F and mph. Rain is in mm, pressure in hPa, visibility in m in all of them."""

    STANDARD = "standard"
    METRIC = "metric"
    IMPERIAL = "imperial"

    def temperature(self, celsius: float) -> float:
        """As it stands in an answer."""
        if self is Units.IMPERIAL:
            return round(celsius * 9 / 5 + 32, 2)
        return round(celsius if self is Units.METRIC else celsius + 273.15, 2)

    def speed(self, metres_per_second: float) -> float:
        """As it stands in an answer."""
        factor = 3600 / 1609.344 if self is Units.IMPERIAL else 1.0
        return round(metres_per_second * factor, 2)


@dataclass(frozen=True, slots=True)
class Question:
    """A checked request."""

    latitude: float
    longitude: float
    units: Units


def check_key(arguments: Mapping[str, str]) -> None:
    """Any key is good except `invalid`; its name may be in capitals.

    Raises:
        Refused: it is missing or bad.
    """
    key = next((value for name, value in arguments.items() if name.lower() == "appid"), "")
    if key in {"", "invalid"}:
        raise bad_key()


def ask(arguments: Mapping[str, str], *, is_one_call: bool) -> Question:
    """Reads the query string of a question about the weather; unknown units mean standard, as at the real API.

    Raises:
        Refused: the answer that the real API would give.
    """
    check_key(arguments)
    if not is_one_call and not {"lat", "lon"} & arguments.keys():
        raise bad_parameter("lat", "Nothing to geocode", is_one_call=False)
    latitude = _degrees(arguments, "lat", "latitude", _MAX_LATITUDE, is_one_call=is_one_call)
    longitude = _degrees(arguments, "lon", "longitude", _MAX_LONGITUDE, is_one_call=is_one_call)
    units = arguments.get("units", "")
    return Question(latitude, longitude, Units(units) if units in set(Units) else Units.STANDARD)


def count_of(arguments: Mapping[str, str], most: int, *, name: str = "cnt") -> int:
    """How many are asked for; all of them unless it says fewer."""
    text = arguments.get(name, "")
    return min(int(text), most) if re.fullmatch("[1-9][0-9]{0,8}", text) else most


def _degrees(arguments: Mapping[str, str], name: str, word: str, most: float, *, is_one_call: bool) -> float:
    try:
        value = float(arguments.get(name, ""))
    except ValueError:
        value = math.nan
    if not abs(value) <= most:
        raise bad_parameter(name, f"wrong {word}", is_one_call=is_one_call)
    return value
