"""Sunrise and sunset to a few minutes, for latitudes where the sun rises and sets every day.

The short form of NOAA's solar calculator: declination and equation of time as Fourier series of the day's angle
(Spencer 1971).
"""

import math
from datetime import UTC, date, datetime, time, timedelta

_HORIZON = math.radians(90.833)  # of the disc's centre, with refraction


def sun_times(day: date, latitude: float, longitude: float) -> tuple[datetime, datetime]:
    """Sunrise and sunset of that local day, in UTC."""
    angle = 2 * math.pi / 365 * (day.timetuple().tm_yday - 1)
    declination, parallel = _declination(angle), math.radians(latitude)
    cosine = math.cos(_HORIZON) / (math.cos(parallel) * math.cos(declination))
    half_day = math.degrees(math.acos(cosine - math.tan(parallel) * math.tan(declination))) * 4
    noon = 720 - 4 * longitude - _equation_of_time(angle)
    midnight = datetime.combine(day, time(), UTC)
    return midnight + timedelta(minutes=noon - half_day), midnight + timedelta(minutes=noon + half_day)


def _declination(angle: float) -> float:
    """In radians."""
    return (
        0.006918
        - 0.399912 * math.cos(angle)
        + 0.070257 * math.sin(angle)
        - 0.006758 * math.cos(2 * angle)
        + 0.000907 * math.sin(2 * angle)
    )


def _equation_of_time(angle: float) -> float:
    """In minutes."""
    return 229.18 * (
        0.000075
        + 0.001868 * math.cos(angle)
        - 0.032077 * math.sin(angle)
        - 0.014615 * math.cos(2 * angle)
        - 0.040849 * math.sin(2 * angle)
    )
