"""Weather providers before a server that answers with anything but weather: what every one of them makes of it."""

import tracemalloc
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sandbox_server import SandboxClient, sandbox_thread
from tests.contract.secrecy import everything_said_by
from weathertrigger.domain.weather import place_at
from weathertrigger.errors import ServiceError, Transient
from weathertrigger.providers.port import Weather, WeatherProvider
from weathertrigger.providers.registry import PROVIDERS

KEY = "0123456789abcdef0123456789abcdef"
NEWARK = place_at(40.69, -74.17)
_MOST_MEMORY = 30_000_000

NAMES = ("openweather", "open_meteo")
BROKEN: Mapping[str, Mapping[str, Any]] = {  # Any: parts of an order of a fault
    "html": {"status": 502},
    "redirect": {},
    "garbage": {},
    "huge": {},
    "gzip_bomb": {},
    "malformed": {},
    "broken_stream": {},
    "nan": {},
    "reset": {},
    "reset_after_applying": {},
    "hang": {"seconds": 0.1},
}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    with sandbox_thread(tmp_path) as client:
        yield client


def provider(name: str, sandbox: SandboxClient) -> WeatherProvider:
    return PROVIDERS[name]({"api_key": KEY, "base_url": sandbox.url})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", BROKEN)
def test_whatever_comes_instead_of_weather_is_transient(sandbox: SandboxClient, name: str, kind: str) -> None:
    """One call, one error without the key in it, and then all is well."""
    sandbox.fault(name, kind, count=1, **BROKEN[kind])
    with pytest.raises(ServiceError) as caught:
        provider(name, sandbox).ask([NEWARK], now=True, ahead=False)
    assert type(caught.value) is Transient
    assert KEY not in everything_said_by(caught.value)
    assert [entry["fault"] for entry in sandbox.journal()] == [kind]
    answer = provider(name, sandbox).ask([NEWARK], now=True, ahead=False)[NEWARK.id]
    assert isinstance(answer, Weather)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["huge", "gzip_bomb"])
def test_52_MB_are_not_held(sandbox: SandboxClient, name: str, kind: str) -> None:  # noqa: N802 - the unit
    """Neither plain nor packed; the sandbox, which runs in this process too, does not hold them either."""
    sandbox.fault(name, kind, count=1)
    tracemalloc.start()
    try:
        with pytest.raises(Transient, match="more than"):
            provider(name, sandbox).ask([NEWARK], now=True, ahead=False)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < _MOST_MEMORY
