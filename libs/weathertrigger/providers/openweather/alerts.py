"""One Call's warnings of national weather services. Pure."""

from datetime import datetime

from weathertrigger.http.strict_json import Json, dig
from weathertrigger.providers.openweather.times import seconds_of


def alert_at(body: Json, at: datetime) -> bool | None:
    """Whether a warning is in force at that moment; None if that cannot be told.

    Without a warning a valid answer has no key `alerts`.
    """
    if not isinstance(body, dict):
        return None
    alerts = body.get("alerts", [])
    if not isinstance(alerts, list):
        return None
    told = [_covers(alert, at) for alert in alerts]
    return True if True in told else (None if None in told else False)


def _covers(alert: Json, at: datetime) -> bool | None:
    start, end = (seconds_of(dig(alert, name)) for name in ("start", "end"))
    return None if start is None or end is None else start <= at.timestamp() < end
