"""Every setting that any module declares is in `docs/settings.md`, with its default, unit and meaning."""

import importlib
import pkgutil
from pathlib import Path

import services
from weathertrigger.environment import Setting, declarations
from weathertrigger.settings import SHARED

_PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def _declared() -> set[Setting[object]]:
    """The shared settings and those of every service that has a `settings.py`."""
    found = set(SHARED)
    for package in pkgutil.iter_modules(services.__path__, "services."):
        folder = Path(str(services.__path__[0])) / package.name.removeprefix("services.")
        if (folder / "settings.py").exists():
            found.update(declarations(importlib.import_module(f"{package.name}.settings").Settings))
    return found


def _row(setting: Setting[object]) -> str:
    default = setting.default_text if setting.default_text in {"", "required"} else f"`{setting.default_text}`"
    secret = " *secret*" if setting.secret else ""
    return f"| `{setting.name}` | {default} | {setting.unit or ''} | {setting.description}{secret} |"


def test_every_setting_is_documented() -> None:
    """The page has exactly one row for each declared setting; the row says what the code says."""
    rows = {line for line in _PAGE.read_text().splitlines() if line.startswith("| `")}
    expected = {_row(setting) for setting in _declared() if _is_default(setting)}
    assert expected - rows == set(), "missing from docs/settings.md"
    assert {row for row in rows if _name(row) not in {setting.name for setting in _declared()}} == set(), "unknown"


def test_every_setting_has_a_meaning() -> None:
    """Descriptions are one line and end in a full stop; names are those of environment variables."""
    for setting in _declared():
        assert setting.description.endswith(".")
        assert "\n" not in setting.description
        assert setting.name == setting.name.upper()


def _name(row: str) -> str:
    return row.split("`")[1]


def _is_default(setting: Setting[object]) -> bool:
    """A shared setting that one service may leave out is documented once, as it is declared."""
    return setting in SHARED or setting.name not in {shared.name for shared in SHARED}
