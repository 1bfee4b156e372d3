"""Importing does nothing: no connection, no environment, no broker, no thread."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_PROBE = """
import importlib, os, pkgutil, socket, sys, threading

def refuse(*_, **__):
    raise AssertionError("a module did something when it was imported")

os.environ.clear()
socket.socket.connect = refuse
threading.Thread.start = refuse
import dramatiq.broker
dramatiq.broker.get_broker = refuse
for package in ("services", "weathertrigger"):
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, package + "."):
        importlib.import_module(module.name)
assert dramatiq.broker.global_broker is None
assert "sentry_sdk" not in sys.modules  # loaded by a worker that has a SENTRY_DSN
print(sum(name.startswith(("services", "weathertrigger")) for name in sys.modules))
"""


def test_every_module_can_be_imported_with_an_empty_environment_and_does_nothing() -> None:
    """No module connects, starts a thread, asks for a broker or loads Sentry's library when it is imported."""
    probe = subprocess.run([sys.executable, "-c", _PROBE], cwd=ROOT, capture_output=True, text=True, check=False)

    assert probe.returncode == 0, probe.stderr
    assert int(probe.stdout) > 100


@pytest.mark.parametrize("service", ["weather_fetcher", "rule_evaluator", "ad_action"])
def test_every_consumer_has_the_same_files(service: str) -> None:
    """Who knows one service finds the way in the others."""
    folder = ROOT / "services" / service

    assert {"worker.py", "actors.py", "settings.py"} <= {path.name for path in folder.glob("*.py")}
