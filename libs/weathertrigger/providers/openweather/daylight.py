"""Whether it is day. Pure."""

from datetime import datetime

from weathertrigger.http.strict_json import Json, dig, text
from weathertrigger.providers.openweather.times import seconds_of


def by_icon(weather: Json) -> bool | None:
    """By the last letter of the primary entry's icon: `10d`, `10n`."""
    return by_letter((text(dig(weather, 0, "icon")) or "")[-1:])


def by_letter(letter: Json) -> bool | None:
    """`d` or `n`."""
    return {"d": True, "n": False}.get(letter) if isinstance(letter, str) else None


def by_sun(entry: Json, at: datetime) -> bool | None:
    """By `sunrise` and `sunset` of that day; near the poles there are days without."""
    sunrise, sunset = (seconds_of(dig(entry, name)) for name in ("sunrise", "sunset"))
    if sunrise is None or sunset is None or sunrise > sunset:
        return None
    return sunrise <= at.timestamp() < sunset
