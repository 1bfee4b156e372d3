"""The file of `up --summary-json`: tried at once, written at the end, whole or not at all."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click


def writable_file(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """The file to write at the end, refused now when that will not work; for click."""
    if value is None:
        return None
    path = value.absolute()
    if path.exists() and not path.is_file():
        raise click.BadParameter(f"{value} is not a file.")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            return path
    except OSError as error:
        raise click.BadParameter(f"{value} cannot be written: {error.strerror}.") from None


def write_summary(path: Path, summary: Mapping[str, object]) -> None:
    """Writes it whole or not at all."""
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(summary, indent=2) + "\n")
            os.fchmod(file.fileno(), 0o644)
        Path(unfinished).replace(path.resolve())
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
