"""`--since`: how far back a list goes, as a length of time or an instant."""

import re
from datetime import UTC, datetime, timedelta

import click

from weathertrigger.errors import UsageError

_LENGTH = re.compile(r"([0-9]{1,6}) *(s|min|h|d)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


def since_from(text: str) -> datetime:
    """The instant that is meant: `30 min`, `12h`, `7d` before now, or as it says, in UTC unless it says otherwise.

    Raises:
        UsageError: neither.
    """
    if length := _LENGTH.fullmatch(text.strip()):
        return datetime.now(UTC) - timedelta(seconds=int(length[1]) * _SECONDS[length[2]])
    try:
        instant = datetime.fromisoformat(text.strip())
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text[:60]!r} is neither a length of time (30 min, 12h, 7d) nor an instant (2026-11-26T03:00)."
        ) from None


def _converted(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    return None if value is None else since_from(value)


since_option = click.option(
    "--since",
    callback=_converted,
    metavar="TIME",
    help="Only those from then on: 30 min, 12h or 7d ago, or an instant such as 2026-11-26T03:00 (UTC).",
)
"""`--since TIME`, as the parameter `since`."""
