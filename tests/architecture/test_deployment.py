"""The compose files and the image are valid, and their commands start what there is."""

import subprocess
import sys
from importlib import import_module, util
from pathlib import Path
from typing import Any

import pytest
import yaml

from weathertrigger.platforms.registry import PLATFORMS
from weathertrigger.queues import actions_of

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent


def _compose(path: Path) -> dict[str, Any]:  # Any: YAML
    """A compose file, its `!override` tags left out."""
    document: dict[str, Any] = yaml.safe_load(path.read_text().replace("!override", ""))
    return document


_COMPOSE = _compose(ROOT / "docker-compose.yml")
_OURS = {name: service for name, service in _COMPOSE["services"].items() if "build" in service}


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(PROGRAMS / program), *arguments], capture_output=True, text=True, check=False)


def test_the_compose_file_is_valid() -> None:
    """The official schema of Compose accepts it, without any engine."""
    result = _run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(ROOT / "docker-compose.yml"))

    assert result.returncode == 0, result.stdout + result.stderr


def test_the_image_is_built_as_it_should_be() -> None:
    """hadolint has nothing to say about the Dockerfile."""
    result = _run("hadolint", str(ROOT / "deploy" / "Dockerfile"))

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", _OURS)
def test_every_container_starts_something_that_exists(name: str) -> None:
    """Each command names a module of ours and, for a worker, the function that puts it together."""
    python, flag, module, *arguments = _OURS[name]["command"]

    assert (python, flag) == ("python", "-m")
    assert util.find_spec(module) is not None
    if module == "weathertrigger.worker_process":
        worker, start = arguments[1].split(":")
        assert callable(getattr(import_module(worker), start))


def test_every_platform_has_a_container_of_its_own() -> None:
    """A platform that hangs does not slow another one."""
    consumed = {
        argument.removeprefix("--queues=")
        for service in _OURS.values()
        for argument in service["command"]
        if argument.startswith("--queues=")
    }

    assert consumed == {actions_of(platform) for platform in PLATFORMS}


def test_the_real_world_replaces_only_services_that_there_are() -> None:
    """The override for the real world names services of the base file, and sends nothing to the sandbox."""
    real = _compose(ROOT / "deploy" / "compose.real.yml")

    assert set(real["services"]) <= set(_COMPOSE["services"])
    assert {name for name in _OURS if name != "sandbox"} <= set(real["services"])
    assert "sandbox:8080" not in str(real)
