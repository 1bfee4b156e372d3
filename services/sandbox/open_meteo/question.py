"""What a caller asks: key, places, variables, units. Checked, and refused in the words of the real server."""

import re
from dataclasses import dataclass
from enum import Enum
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from services.sandbox.open_meteo.errors import Refused
from services.sandbox.open_meteo.variables import VARIABLES
from services.sandbox.weather.scene import NEW_YORK

_MOST_PLACES = 1000
_DAYS, _MOST_DAYS, _MOST_PAST_DAYS = 7, 16, 92
_UTC = ZoneInfo("UTC")
_UNKNOWN_VARIABLE = (
    "Data corrupted at path ''. Cannot initialize SurfacePressureAndHeightVariable<VariableAndPreviousDay, "
    "VariableOrSpread<ForecastPressureVariable>, ForecastHeightVariable> from invalid String value "
)
_IMITATED = frozenset(
    {
        *("latitude", "longitude", "current", "hourly", "forecast_days", "past_days"),
        *("wind_speed_unit", "timeformat", "timezone"),
    }
)


class WindUnit(Enum):
    """The unit as it stands in an answer, what makes it of m/s, and its decimals."""

    kmh = ("km/h", 3.6, 1)
    ms = ("m/s", 1.0, 2)
    mph = ("mp/h", 2.237, 1)
    kn = ("kn", 1.94384, 1)


@dataclass(frozen=True, slots=True)
class Spot:
    """One of the places that are asked about."""

    latitude: float
    longitude: float
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Question:
    """A checked request."""

    spots: tuple[Spot, ...]
    current: tuple[str, ...]
    hourly: tuple[str, ...]
    days: int
    past_days: int
    wind_unit: WindUnit
    is_unixtime: bool


def ask(arguments: MultiDict[str, str], key: str | None) -> Question:
    """Reads the query string. Any key is good except `invalid`, none too; it may come as a header (`key`).

    Raises:
        Refused: the reason that the real API would give, or that this is a part of it that is not imitated.
    """
    if "invalid" in {key, arguments.get("apikey")}:
        raise Refused("The supplied API key is invalid.")
    for name in arguments.keys() - _IMITATED - {"apikey"}:
        raise Refused(f"The sandbox does not imitate the parameter '{name}'.")
    return Question(
        spots=_spots(arguments),
        current=_variables(arguments, "current"),
        hourly=_variables(arguments, "hourly"),
        days=_days(arguments, "forecast_days", _DAYS, _MOST_DAYS),
        past_days=_days(arguments, "past_days", 0, _MOST_PAST_DAYS),
        wind_unit=WindUnit[_one_of(arguments, "wind_speed_unit", "WindspeedUnit", tuple(WindUnit.__members__))],
        is_unixtime=_one_of(arguments, "timeformat", "Timeformat", ("iso8601", "unixtime")) == "unixtime",
    )


def _spots(arguments: MultiDict[str, str]) -> tuple[Spot, ...]:
    latitudes = [_number(text) for text in _listed(arguments, "latitude")]
    longitudes = [_number(text) for text in _listed(arguments, "longitude")]
    if len(latitudes) != len(longitudes):
        raise Refused("Parameter 'latitude' and 'longitude' must have the same number of elements")
    if not latitudes:
        raise Refused("Parameter 'latitude' and 'longitude' must not be empty")
    for latitude, longitude in zip(latitudes, longitudes, strict=True):
        if not abs(latitude) <= 90:  # noqa: PLR2004 - degrees
            raise Refused(f"Latitude must be in range of -90 to 90°. Given: {latitude}.")
        if not abs(longitude) <= 180:  # noqa: PLR2004 - degrees
            raise Refused(f"Longitude must be in range of -180 to 180°. Given: {longitude}.")
    if len(latitudes) > _MOST_PLACES:
        raise Refused(f"Only up to {_MOST_PLACES} locations can be requested at once")
    return tuple(map(Spot, latitudes, longitudes, _zones(arguments, len(latitudes))))


def _zones(arguments: MultiDict[str, str], count: int) -> list[ZoneInfo]:
    """One for each place; `auto` is the stations' own."""
    try:
        zones = [NEW_YORK if name == "auto" else ZoneInfo(name) for name in _listed(arguments, "timezone")] or [_UTC]
    except (KeyError, ValueError, OSError):
        raise Refused("Invalid timezone") from None
    if len(zones) not in {1, count}:
        raise Refused("Parameter 'latitude' and 'longitude' must have the same number of elements")
    return zones * count if len(zones) == 1 else zones


def _variables(arguments: MultiDict[str, str], section: str) -> tuple[str, ...]:
    asked = _listed(arguments, section)
    for name in asked:
        if name not in VARIABLES:
            raise Refused(f"{_UNKNOWN_VARIABLE}{name}.")
    return tuple(asked)


def _days(arguments: MultiDict[str, str], name: str, default: int, most: int) -> int:
    text = arguments.get(name, str(default))
    if re.fullmatch("-?[0-9]{1,9}", text) is None:
        raise Refused(f"Value of type 'Int' required for key '{name}'.")
    if not 0 <= int(text) <= most:
        # The real server gives back the highest value, too, not the one that it was given.
        said = name.replace("_", " ").capitalize()
        raise Refused(f"{said} is invalid. Allowed range 0 to {most}. Given {most}.")
    return int(text)


def _one_of(arguments: MultiDict[str, str], name: str, kind: str, choices: tuple[str, ...]) -> str:
    """The first choice is the default."""
    text = arguments.get(name, choices[0])
    if text not in choices:
        raise Refused(f"Cannot initialize {kind} from invalid String value {text} for key {name}")
    return text


def _listed(arguments: MultiDict[str, str], name: str) -> list[str]:
    """Elements parted by commas, given once or several times."""
    return [element for text in arguments.getlist(name) for element in text.split(",") if element]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Refused(f"Data corrupted at path ''. Cannot initialize Float from invalid String value {text}.") from None
