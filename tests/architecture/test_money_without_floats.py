"""Money is Decimal and whole numbers, never a float: looked for in all code that carries it (semantics 23)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "libs" / "weathertrigger"
# Amounts that go through these are text in a platform's own units.
BY_HAND = [
    LIBRARY / "rules" / "reconcile.py",
    LIBRARY / "rules" / "attempts.py",
    LIBRARY / "platforms" / "meta_ads" / "writes.py",
    LIBRARY / "platforms" / "meta_ads" / "reads.py",
    LIBRARY / "storage" / "fields.py",
]
# These name decimals and are let off: in a file and on Google's wire a bid modifier is a plain number, and is none of
# money. Where it becomes an expression stands beside amounts, which are text there.
PLAIN_NUMBERS = {
    LIBRARY / "platforms" / "google_ads" / "reads.py",
    LIBRARY / "rule_files" / "modifiers.py",
    LIBRARY / "rules" / "expression_documents.py",
}
_NAMES = re.compile(r"\b(?:Money|MoneyCodec|MetaMoney|GoogleMoney|Decimal)\b")


def naming_money() -> list[Path]:
    """Every module of the library and the services that names money or decimals; the sandbox is the world outside."""
    modules = [*LIBRARY.rglob("*.py"), *(ROOT / "services").rglob("*.py")]
    return [one for one in modules if "sandbox" not in one.parts and _NAMES.search(one.read_text())]


CARRIERS = sorted({*BY_HAND, *naming_money()} - PLAIN_NUMBERS)
# What gives a float, or rounds like one: `round` of a Decimal is half even, `math` knows floats only.
_FLOATING = frozenset({"float", "round", "math", "number", "fsum", "statistics"})


def floats_in(source: str) -> Iterator[str]:
    """Every place where a float could come from: a literal, a conversion, a function of floats.

    `isinstance(value, float)` is allowed: it is how a number without a currency is refused.
    """
    tree = ast.parse(source)
    asked_about = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance"
        for part in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield f"line {node.lineno}: {node.value}"
        if isinstance(node, ast.Name) and node.id in _FLOATING and id(node) not in asked_about:
            yield f"line {node.lineno}: {node.id}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name.partition(".")[0] for alias in node.names} | {getattr(node, "module", None)}
            yield from (f"line {node.lineno}: {name}" for name in sorted(_FLOATING & names))


def test_there_is_code_that_carries_money() -> None:
    """Every module that is looked at exists, and the codec of each platform is among them."""
    assert all(path.is_file() for path in CARRIERS)
    platforms = {path.name for path in (LIBRARY / "platforms").iterdir() if (path / "client.py").is_file()}
    assert platforms <= {path.parent.name for path in CARRIERS if path.name == "money.py"}


@pytest.mark.parametrize("path", sorted(PLAIN_NUMBERS), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_is_let_off_needs_it(path: Path) -> None:
    """Otherwise it is looked at like every other module."""
    assert list(floats_in(path.read_text()))


@pytest.mark.parametrize("path", CARRIERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_float_comes_near_money(path: Path) -> None:
    """Neither a literal, nor a conversion, nor a function that knows floats only."""
    assert list(floats_in(path.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        "amount * 1.2",
        "float(amount)",
        "round(amount, 2)",
        "import math",
        "from math import floor",
        "from statistics import mean",
        "def f(amount: float) -> str: ...",
        "list(map(float, amounts))",
        "1e6",
        "value: 'float | None' = None\nx = value or 0.5",
    ],
)
def test_a_float_would_be_found(source: str) -> None:
    """The search itself can fail."""
    assert list(floats_in(source))


@pytest.mark.parametrize("source", ["isinstance(value, (int, float))", "amount * 12 // 10", "Decimal('1.2')"])
def test_what_is_no_float_is_let_through(source: str) -> None:
    """A question about a type, whole numbers, decimals."""
    assert not list(floats_in(source))
