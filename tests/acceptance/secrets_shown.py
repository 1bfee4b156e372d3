"""Looks for words wherever people and machines leave what they say: logs, tables, Redis, the commands."""

import os
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import cast

from redis import Redis

from tests.acceptance.weather_ground import WeatherGround

COMMANDS = (
    ("rate-limit-stats", "--output", "json"),
    ("doctor",),
    ("doctor", "--output", "json"),
    ("test-rule", "weather-0000"),
    ("executions", "--rule", "weather-0000"),
    ("job-stats",),
    ("list-workers",),
    ("dead-letters", "list"),
)
_TABLES = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"


def everything_said(
    ground: WeatherGround, directory: Path, commands: Iterable[Sequence[str]] = COMMANDS
) -> list[tuple[str, str]]:
    """Every place where something is said, and what; `directory` holds the logs of the services and of the sandbox."""
    return [*_in_files(directory), *_in_tables(ground), *_in_redis(ground.client), *_by_commands(ground, commands)]


def where_shown(said: Iterable[tuple[str, str]], words: Collection[str]) -> set[str]:
    """The places where one of the words stands."""
    return {place for place, text in said if any(word in text for word in words)}


def _in_files(directory: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            yield f"file {path.name}", path.read_text(errors="replace")


def _in_tables(ground: WeatherGround) -> Iterator[tuple[str, str]]:
    for table in ground.rows(_TABLES):
        for row in ground.rows(f'SELECT t::text AS text FROM "{table.name}" t'):
            yield f"table {table.name}", row.text


def _in_redis(client: Redis) -> Iterator[tuple[str, str]]:
    for key in cast("Iterator[bytes]", client.scan_iter()):
        yield "Redis", f"{key!r} {_value(client, key)!r}"


def _value(client: Redis, key: bytes) -> object:
    match client.type(key):
        case b"string":
            return client.get(key)
        case b"list":
            return client.lrange(key, 0, -1)
        case b"set":
            return client.smembers(key)
        case b"zset":
            return client.zrange(key, 0, -1)
        case b"hash":
            return client.hgetall(key)
        case b"none":  # it has just run out
            return None
    raise NotImplementedError(key)


def _by_commands(ground: WeatherGround, commands: Iterable[Sequence[str]]) -> Iterator[tuple[str, str]]:
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "services.automation_cli", *command],
            env={**os.environ, **ground.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        yield f"command {command[0]}", done.stdout + done.stderr
