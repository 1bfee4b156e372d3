"""Lua for Redis, one file a script, beside the code that runs it."""

from functools import cache
from importlib.resources import files


@cache
def script(package: str, name: str) -> str:
    """The text of `<name>.lua` in this package of `weathertrigger`."""
    return files(f"weathertrigger.{package}").joinpath(f"{name}.lua").read_text(encoding="utf-8")
