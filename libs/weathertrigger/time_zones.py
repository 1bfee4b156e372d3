"""The time zone that holds at a place, from the boundaries of OpenStreetMap."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzfpy import get_tz

from weathertrigger.domain.weather import Place


def zone_named(name: str | None) -> ZoneInfo | None:
    """The zone of this name; None if there is none, or this machine does not know it."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_of(place: Place) -> ZoneInfo | None:
    """The zone that the place was given, or else that of its coordinates; None if it is not known."""
    return zone_named(place.time_zone or time_zone_at(place.latitude, place.longitude))


def time_zone_at(latitude: float, longitude: float) -> str | None:
    """The IANA name of the zone at these coordinates, at sea one of `Etc`; None if they are nowhere.

    The first call reads the boundaries, which takes a tenth of a second and 35 MB.
    """
    zone = zone_named(get_tz(longitude, latitude))  # in this order; empty where there is none
    return zone.key if zone else None
