"""Takes secrets out of whatever is about to be written: by the name they stand under, by their form, by their value."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from urllib.parse import quote, quote_plus

HIDDEN = "***"

_NAMES = r"token|secret|password|passwd|appid|authorization|api[_-]?key|private[_-]?key|dsn|credential|cookie|proof"
_SECRET_NAME = re.compile(_NAMES.replace("appid", "app[_-]?id"), re.IGNORECASE)
_VALUE = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s&"',;(){}\[\]<>]+"""
_NAMED = re.compile(rf"""(?P<name>[\w.-]*(?:{_NAMES})\w*["']?\s*[=:]\s*)(?P<value>{_VALUE})""", re.IGNORECASE)
_SCHEME = re.compile(r"\b(?P<scheme>Bearer|Basic)\s+[^\s\"',;]{6,}", re.IGNORECASE)
# A password may hold an unquoted @ or /, so everything up to the last @ goes. A user name alone goes only in http
# addresses, where it is a key (Sentry's).
_URL_PASSWORD = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^\s:/@\"']*):[^\s\"'<>]*@", re.IGNORECASE)
_URL_KEY = re.compile(r"(?P<before>https?://)[^\s/@:\"'<>]+@", re.IGNORECASE)

_LEAST_KNOWN = 6  # shorter values would blank out ordinary words
_DEEPEST = 8
_INTEGER_64 = range(-(2**63), 2**64)


class Redactor:
    """Hides secrets in texts and in the values of a log line.

    Args:
        known: values that are hidden wherever they stand, in every quoting that a URL gives them.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        forms = {form for value in known for form in (value, quote(value, safe=""), quote(value), quote_plus(value))}
        longest_first = sorted((form for form in forms if len(form) >= _LEAST_KNOWN), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """The text without its secrets, and without characters that UTF-8 does not have."""
        text = text.encode("utf-8", "backslashreplace").decode()
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        text = _URL_PASSWORD.sub(rf"\g<before>:{HIDDEN}@", text)
        text = _URL_KEY.sub(rf"\g<before>{HIDDEN}@", text)
        text = _SCHEME.sub(rf"\g<scheme> {HIDDEN}", text)
        return _NAMED.sub(rf"\g<name>{HIDDEN}", text)

    def value(self, name: str, value: object, depth: int = 0) -> object:
        """The value that stands under `name`, in types that JSON has, without its secrets. Never raises.

        Numbers are no secrets, whatever their name: a limit's `tokens` are wanted in a log.
        """
        if isinstance(value, Enum):
            value = value.value
        if value is None or isinstance(value, bool | float) or (isinstance(value, int) and value in _INTEGER_64):
            return value
        if _SECRET_NAME.search(name):
            return HIDDEN
        if depth > _DEEPEST:
            return "..."
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(str(key), item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(name, item, depth + 1) for item in value]
        return self.text(_written(value))


def _written(value: object) -> str:
    try:
        return value.isoformat() if isinstance(value, datetime) else str(value)
    except Exception:  # noqa: BLE001  a broken __str__ of anything must not cost the log line
        return f"<{type(value).__name__}>"
