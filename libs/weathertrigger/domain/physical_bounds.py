"""What a metric can be at all: records of the World Meteorological Organization's archive (wmo.asu.edu) with a margin
above, or the definition of the quantity. They are wide on purpose: a rare true value must pass.
"""

from collections.abc import Mapping
from types import MappingProxyType

from weathertrigger.domain.weather import Metric

_PERCENT = (0.0, 100.0)  # by definition

BOUNDS: Mapping[Metric, tuple[float, float]] = MappingProxyType(
    {
        Metric.TEMPERATURE: (-95.0, 62.0),  # WMO: -89.2 C Vostok 1983, 56.7 C Furnace Creek 1913
        Metric.FEELS_LIKE: (-130.0, 90.0),  # wind chill and heat index taken at those records
        Metric.DEW_POINT: (-110.0, 40.0),  # 35 C Dhahran 2003 is the highest known
        Metric.HUMIDITY: _PERCENT,
        Metric.PRESSURE: (850.0, 1100.0),  # WMO, at sea level: 870 hPa typhoon Tip 1979, 1089.4 hPa Tosontsengel 2004
        Metric.WIND_SPEED: (0.0, 120.0),  # WMO: strongest gust 113.3 m/s, Barrow Island 1996; a mean is below a gust
        Metric.WIND_GUST: (0.0, 120.0),  # idem
        Metric.WIND_DIRECTION: (0.0, 360.0),  # by definition
        Metric.CLOUDS: _PERCENT,
        Metric.VISIBILITY: (0.0, 300_000.0),  # clean air alone scatters enough to end sight at about 296 km
        Metric.UV_INDEX: (0.0, 45.0),  # 43.3 Licancabur 2003 is the highest published
        Metric.RAIN: (0.0, 450.0),  # WMO: 305 mm in 42 minutes, Holt 1947
        Metric.SNOW: (0.0, 450.0),  # as water; no record of its own, so as rain
        Metric.SNOWFALL: (0.0, 100.0),  # WMO: 193 cm in 24 h, Silver Lake 1921; single hours stay far below this
        Metric.PRECIPITATION: (0.0, 900.0),  # rain + snow
        Metric.PRECIPITATION_PROBABILITY: _PERCENT,
    }
)
"""Lowest and highest value taken, in canonical units."""

DAY_SUM_BOUNDS: Mapping[Metric, tuple[float, float]] = MappingProxyType(
    {
        Metric.RAIN: (0.0, 2_000.0),  # WMO: 1825 mm in 24 h, Foc-Foc on La Reunion 1966
        Metric.SNOW: (0.0, 2_000.0),  # as water; no record of its own, so as rain
        Metric.SNOWFALL: (0.0, 300.0),  # WMO: 193 cm in 24 h, Silver Lake 1921; 256 cm told of Capracotta 2015
        Metric.PRECIPITATION: (0.0, 4_000.0),  # rain + snow
    }
)
"""The same of what falls in a whole day, in mm and cm."""
