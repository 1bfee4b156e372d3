"""The time zone that holds at a place, from the boundaries of OpenStreetMap."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzfpy import get_tz


def time_zone_at(latitude: float, longitude: float) -> str | None:
    """The IANA name of the zone at these coordinates, at sea one of `Etc`; None if they are nowhere.

    The first call reads the boundaries, which takes a tenth of a second and 35 MB.
    """
    name = get_tz(longitude, latitude)  # in this order; empty where there is none
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):  # this machine may have an older list of zones
        return None
