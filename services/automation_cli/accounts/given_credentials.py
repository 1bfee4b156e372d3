"""Credentials as a person gives them: in a file, on standard input, or asked for one by one on a terminal.

Never as an argument, which the history of a shell and every list of processes would show. Nothing of what was given is
in any message, not even a name that is none: it may be a token in the wrong place.
"""

import sys
from pathlib import Path

import click

from weathertrigger.errors import SettingsError, UsageError
from weathertrigger.http import strict_json
from weathertrigger.platforms.credential_names import CredentialNames
from weathertrigger.platforms.registry import CREDENTIALS, PLATFORMS

_MOST_BYTES = 64 * 1024
_STANDARD_INPUT = "-"
_HELP = (
    'File with the credentials, as JSON or as lines NAME=VALUE; "-": standard input, where a terminal asks for each '
    "and does not show it. Names: "
    + "; ".join(f"{platform}: {', '.join(names.all)}" for platform, names in sorted(CREDENTIALS.items()))
    + "."
)

credentials_option = click.option("--credentials", "source", metavar="FILE|-", help=_HELP)
"""`--credentials FILE|-`, as the parameter `source`."""

required_credentials_option = click.option("--credentials", "source", metavar="FILE|-", required=True, help=_HELP)
"""The same where it cannot be left out."""


def read_credentials(source: str, platform: str) -> dict[str, str]:
    """What the source holds, looked at as far as that goes without asking the platform.

    Raises:
        UsageError: it cannot be read, or these are not the credentials of that platform.
    """
    names = CREDENTIALS[platform]
    if source == _STANDARD_INPUT and sys.stdin.isatty():
        given = _asked_for(names)
    else:
        given = parse_credentials(_content(source), names)
    credentials = {name: value for name, value in given.items() if value}
    try:
        PLATFORMS[platform](credentials)  # which knows what is missing, and what cannot travel in a header
    except SettingsError as fault:
        raise UsageError(f"These credentials cannot be used: {'; '.join(fault.faults)}.") from None
    return credentials


def parse_credentials(content: bytes, names: CredentialNames) -> dict[str, str]:
    """A JSON object of texts, or lines NAME=VALUE; empty lines and those that begin with `#` say nothing.

    Raises:
        UsageError: it is neither, or a name is not one of these. Nothing of the content is in it.
    """
    text = content.decode("utf-8-sig", errors="replace")
    pairs = _from_json(text) if text.lstrip().startswith("{") else _from_lines(text)
    given: dict[str, str] = {}
    for where, name, value in pairs:
        if name not in names.all:
            raise UsageError(f"The credentials: {where} has none of the names {', '.join(names.all)}.")
        if name in given:
            raise UsageError(f"The credentials: {name} is there twice.")
        given[name] = value
    return given


def _content(source: str) -> bytes:
    try:
        if source == _STANDARD_INPUT:
            content = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with Path(source).open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        # The path is not repeated: it may be a token that was taken for an argument.
        why = getattr(error, "strerror", None) or "this is no path"
        raise UsageError(
            f"The file that --credentials names cannot be read: {why}. Credentials themselves are never an argument."
        ) from None
    if len(content) > _MOST_BYTES:
        raise UsageError(f"The credentials are longer than {_MOST_BYTES} bytes, which none are.")
    return content


def _asked_for(names: CredentialNames) -> dict[str, str]:
    """What a person types, unseen."""
    required = {name: click.prompt(name, hide_input=True, err=True) for name in names.required}
    optional = {
        name: click.prompt(f"{name} (may be left out)", hide_input=True, err=True, default="", show_default=False)
        for name in names.optional
    }
    return {**required, **optional}


def _from_json(text: str) -> list[tuple[str, str, str]]:
    try:
        document = strict_json.parse(text)
    except strict_json.NotJson:
        document = None
    if not isinstance(document, dict):
        raise UsageError("The credentials begin like a JSON object and are none.")
    found = []
    for number, (name, value) in enumerate(document.items(), start=1):
        if not isinstance(value, str):
            raise UsageError(f"The credentials: the value of entry {number} is not text.")
        found.append((f"entry {number}", name, value.strip()))
    return found


def _from_lines(text: str) -> list[tuple[str, str, str]]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.partition("=")
        if not equals:
            raise UsageError(f"The credentials: line {number} is not NAME=VALUE.")
        found.append((f"line {number}", name.strip(), _unquoted(value.strip())))
    return found


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
