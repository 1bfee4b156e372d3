"""How a command finds the installation that `up` runs in a directory: by the environment that `up` wrote there."""

import json
from collections.abc import Mapping
from pathlib import Path

from weathertrigger.embedded.folder import write_privately

DIRECTORY = Path(".weathertrigger")
_NAME = "environment.json"


def announce(directory: Path, environment: Mapping[str, str]) -> None:
    """Writes what the services were given; readable for its owner alone."""
    write_privately(directory / _NAME, json.dumps(dict(environment), indent=1))


def withdraw(directory: Path) -> None:
    """Nothing runs there any more."""
    (directory / _NAME).unlink(missing_ok=True)


def environment_of(directory: Path) -> dict[str, str]:
    """What the services that run there were given; empty when nothing runs there."""
    try:
        told = json.loads((directory / _NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in told.items()} if isinstance(told, dict) else {}
