"""The command lines of the services that take messages, in the order of the flow."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import services

ROOT = Path(services.__file__).resolve().parents[1]
"""Of the checkout."""

STARTS: Mapping[str, str] = MappingProxyType(
    {
        "weather-fetcher": "services.weather_fetcher.worker:start",
        "rule-evaluator": "services.rule_evaluator.worker:start",
        "ad-action": "services.ad_action.worker:start",
    }
)
"""Service to where a process of it is put together."""

PACE: Mapping[str, str] = MappingProxyType({"dramatiq_worker_timeout": "100"})
"""Dramatiq looks for messages this often (ms); its default of 1000 is for workers that share a busy Redis."""


def module(name: str, *arguments: str) -> Sequence[str]:
    """-P: a folder called `services` where the user happens to stand is not ours."""
    return [sys.executable, "-P", "-m", name, *arguments]


def worker_argv(service: str, *options: str) -> Sequence[str]:
    """How a worker of the service is started; options are Dramatiq's."""
    return module("weathertrigger.worker_process", service, STARTS[service], *options, "--path", str(ROOT))
