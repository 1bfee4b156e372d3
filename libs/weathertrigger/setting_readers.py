"""What a setting's text may be. Each reader gives the value or says, in a ValueError, what the text must be; it never
quotes the text, which may be a secret.
"""

import ipaddress
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off"}
_MOST_SECONDS = 366 * 24 * 3600


def text(value: str) -> str:
    """Any text on one line."""
    if not value.isprintable():
        raise ValueError("must be one line of printable text")
    return value


def credential(value: str) -> str:
    """A key or token: visible ASCII characters, as it has to travel in an HTTP header."""
    if not all("!" <= character <= "~" for character in value):
        raise ValueError("must have no spaces and no characters outside ASCII")
    return value


def fernet_keys(value: str) -> tuple[str, ...]:
    """One or more keys of Fernet, separated by commas or spaces, each once."""
    keys = tuple(filter(None, re.split(r"[,\s]+", value)))
    if not keys or not all(re.fullmatch(r"[A-Za-z0-9_-]{43}=", key) for key in keys):
        raise ValueError("must be keys as `automation-cli accounts new-key` prints them, separated by commas or spaces")
    return tuple(dict.fromkeys(keys))


def word(value: str) -> str:
    """A name for keys and logs: letters, digits, and `-_.:`."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}", value):
        raise ValueError("must be letters, digits and -_.: (at most 100)")
    return value


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """A whole number from `least` to `most`."""
    bounds = f"of at least {least}" if most is None else f"from {least} to {most}"

    def read(value: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", value):
            raise ValueError(f"must be a whole number {bounds}")
        number = int(value)
        if number < least or (most is not None and number > most):
            raise ValueError(f"must be a whole number {bounds}")
        return number

    return read


def seconds(least: float = 0) -> Callable[[str], timedelta]:
    """A duration, written as a number of seconds: `300`, `0.5`."""

    def read(value: str) -> timedelta:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", value) or not least <= float(value) <= _MOST_SECONDS:
            raise ValueError(f"must be a number of seconds from {least:g} to {_MOST_SECONDS}")
        return timedelta(seconds=float(value))

    return read


def milliseconds(least: int, most: int) -> Callable[[str], timedelta]:
    """A duration, written as a whole number of milliseconds: `30000`."""
    number = whole_number(least, most)

    def read(value: str) -> timedelta:
        return timedelta(milliseconds=number(value))

    return read


def one_of(*choices: str) -> Callable[[str], str]:
    """One of a few words; capitals do not matter."""

    def read(value: str) -> str:
        if value.lower() not in choices:
            raise ValueError(f"must be {', '.join(choices[:-1])} or {choices[-1]}")
        return value.lower()

    return read


def yes_or_no(value: str) -> bool:
    """`yes`, `true`, `on`, `1` or their contraries."""
    if value.lower() not in _YES | _NO:
        raise ValueError("must be yes or no")
    return value.lower() in _YES


def path(value: str) -> Path:
    """A path of the file system; `~` is the home directory."""
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError("must be a path, and there is no home directory for its ~") from None


def ip_address(value: str) -> str:
    """An address of version 4 or 6."""
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError("must be an IP address, such as 127.0.0.1, or 0.0.0.0 for every network") from None


def url(*schemes: str) -> Callable[[str], str]:
    """A URL with one of the schemes and a host; a slash at its end goes."""
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)

    def read(value: str) -> str:
        # urlsplit drops tabs and line ends silently, and its own errors quote the text.
        if any(character.isspace() or not character.isprintable() for character in value):
            raise ValueError("must be a URL without spaces")
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            raise ValueError("must be a URL with a valid host and port") from None
        if parts.scheme not in schemes:
            raise ValueError(f"must start with {wanted}")
        if not parts.hostname:
            raise ValueError(f"must name a host after {wanted}")
        return value.rstrip("/")

    return read


def sentry_dsn(value: str) -> str:
    """What Sentry calls a DSN: the address of a project, with its key."""
    address = url("https", "http")(value)
    parts = urlsplit(address)
    if not parts.username or not re.fullmatch(r"(/.*)?/[0-9]+", parts.path):
        raise ValueError("must be a DSN as Sentry shows it, such as https://KEY@HOST/NUMBER")
    return address
