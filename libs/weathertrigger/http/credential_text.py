"""Credentials as they come from settings or from an account's encrypted record: a mapping of text to text."""

from collections.abc import Mapping

from weathertrigger.errors import SettingsError


def credential(settings: Mapping[str, str], name: str, service: str) -> str:
    """A credential that has to be there.

    Raises:
        SettingsError: it is missing, or holds a character that cannot travel in an HTTP header. The value is not shown.
    """
    value = optional_credential(settings, name, service)
    if value is None:
        raise SettingsError([f"{service} needs {name}"])
    return value


def optional_credential(settings: Mapping[str, str], name: str, service: str) -> str | None:
    """A credential that may be left out; an empty text counts as left out. Raises as `credential` does."""
    value = settings.get(name, "")
    if not all("!" <= character <= "~" for character in value):
        raise SettingsError([f"{name} of {service} holds a space or another character that no credential has"])
    return value or None
