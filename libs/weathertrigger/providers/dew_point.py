"""The dew point, where a provider does not tell it."""

import math

# The Magnus formula over water with the constants of Sonntag (1990), as in the WMO's guide to instruments, annex 4.B.
_FACTOR = 17.62
_OFFSET = 243.12
_DECIMALS = 2


def dew_point(temperature: float, humidity: float) -> float | None:
    """In C, of a temperature in C (above -243) and a relative humidity in percent; None of air without any water."""
    if humidity <= 0:
        return None
    exponent = math.log(humidity) - math.log(100) + _FACTOR * temperature / (_OFFSET + temperature)
    return round(_OFFSET * exponent / (_FACTOR - exponent), _DECIMALS)
