"""OpenWeather's condition codes as kinds of weather: https://openweathermap.org/weather-conditions."""

from collections.abc import Mapping
from types import MappingProxyType

from weathertrigger.domain.weather import WeatherKind as Kind
from weathertrigger.http.strict_json import Json, dig, items, whole

KINDS: Mapping[int, tuple[Kind, ...]] = MappingProxyType(
    {
        **dict.fromkeys((200, 201, 202), (Kind.THUNDERSTORM, Kind.RAIN)),
        **dict.fromkeys((210, 211, 212, 221), (Kind.THUNDERSTORM,)),
        **dict.fromkeys((230, 231, 232), (Kind.THUNDERSTORM, Kind.DRIZZLE)),
        **dict.fromkeys((300, 301, 302, 321), (Kind.DRIZZLE,)),
        **dict.fromkeys((310, 311, 312, 313, 314), (Kind.DRIZZLE, Kind.RAIN)),
        **dict.fromkeys((500, 501, 502, 503, 504, 520, 521, 522, 531), (Kind.RAIN,)),
        511: (Kind.FREEZING_RAIN, Kind.RAIN),
        **dict.fromkeys((600, 601, 602, 620, 621, 622), (Kind.SNOW,)),
        **dict.fromkeys((611, 612, 613), (Kind.SLEET,)),
        **dict.fromkeys((615, 616), (Kind.RAIN, Kind.SNOW)),
        701: (Kind.MIST,),
        711: (Kind.SMOKE,),
        721: (Kind.HAZE,),
        731: (Kind.DUST, Kind.SAND),
        741: (Kind.FOG,),
        751: (Kind.SAND,),
        761: (Kind.DUST,),
        762: (Kind.ASH,),
        771: (Kind.SQUALL,),
        781: (Kind.TORNADO,),
        800: (Kind.CLEAR,),
        **dict.fromkeys((801, 802, 803, 804), (Kind.CLOUDS,)),
    }
)

# What is certain of a code that is not in the table. 7xx has no kind in common, so a new one says nothing.
_GROUPS: Mapping[int, tuple[Kind, ...]] = MappingProxyType(
    {2: (Kind.THUNDERSTORM,), 3: (Kind.DRIZZLE,), 5: (Kind.RAIN,), 6: (Kind.SNOW,), 8: (Kind.CLOUDS,)}
)


def kinds_of(code: int) -> tuple[Kind, ...]:
    """The kinds of weather that a code stands for; of an unknown code those of its group; empty if nothing is known."""
    return KINDS.get(code) or _GROUPS.get(code // 100, ())


def condition_of(weather: Json) -> tuple[Kind, ...]:
    """The kinds of all entries of `weather`, the primary's first; none at all if one entry cannot be read."""
    codes = [whole(dig(entry, "id")) for entry in items(weather)]
    each = [kinds_of(code) if code is not None else () for code in codes]
    return tuple(dict.fromkeys(kind for kinds in each for kind in kinds)) if all(each) else ()
