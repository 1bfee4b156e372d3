"""WMO weather codes, as Open-Meteo uses them, as kinds of weather: https://open-meteo.com/en/docs.

95 and 97 say nothing of rain here: most models derive them from an unstable atmosphere alone.
"""

from collections.abc import Mapping
from types import MappingProxyType

from weathertrigger.domain.weather import WeatherKind as Kind

KINDS: Mapping[float, tuple[Kind, ...]] = MappingProxyType(
    {
        0: (Kind.CLEAR,),
        **dict.fromkeys((1, 2, 3), (Kind.CLOUDS,)),
        **dict.fromkeys((45, 48), (Kind.FOG,)),
        **dict.fromkeys((51, 53, 55), (Kind.DRIZZLE,)),
        **dict.fromkeys((56, 57, 66, 67), (Kind.FREEZING_RAIN, Kind.RAIN)),
        **dict.fromkeys((61, 63, 65, 80, 81, 82), (Kind.RAIN,)),
        **dict.fromkeys((71, 73, 75, 77, 85, 86), (Kind.SNOW,)),  # 77 is snow grains
        **dict.fromkeys((95, 97), (Kind.THUNDERSTORM,)),
        **dict.fromkeys((96, 99), (Kind.THUNDERSTORM, Kind.RAIN)),  # with hail
    }
)


def kinds_of(code: float) -> tuple[Kind, ...]:
    """The kinds of weather that a code stands for; empty if it is not one of the published ones."""
    return KINDS.get(code, ())
