"""Tables for people: no id, amount or time is broken, however narrow the terminal is."""

from collections.abc import Sequence
from io import StringIO

import pytest
from rich.console import Console

from services.automation_cli.tables import Column, heading, print_table
from weathertrigger.clock import utc_now

WHY = "Fired: rain 0.51 mm/h is above 0 mm/h (OpenWeather, observed 15:11 UTC, just now)."
COLUMNS = (
    Column("id", ("3", "12")),
    Column("at (UTC)", ("2026-11-26 15:11:25", "2026-11-26 15:12:25"), is_time=True),
    Column("what", ("daily budget of campaign budget 444", "status of ad set 23847")),
    Column("to value", ("60.00 USD", "")),
    Column("rule", ("rain-budget-of-newark", "rain-budget-of-newark")),
    Column("why", (WHY, WHY)),
)


def printed(columns: Sequence[Column], width: int, *, is_terminal: bool = True) -> list[str]:
    file = StringIO()
    print_table(Console(file=file, width=width, force_terminal=is_terminal, color_system=None), columns)
    return file.getvalue().split("\n")


@pytest.mark.parametrize("width", range(50, 200, 5))
def test_nothing_that_is_one_word_is_broken(width: int) -> None:
    """Whatever the width, what a person copies stands on one line, and no line is longer than the terminal."""
    shown = printed(COLUMNS, width)
    for word in ("60.00 USD", "rain-budget-of-newark", "2026-11-26", "15:12:25", "budget", "(OpenWeather,"):
        assert any(word in line for line in shown), (word, shown)
    assert max(map(len, shown)) <= width


def test_a_narrow_terminal_shows_row_by_row() -> None:
    """A line for each column that has something, by its name."""
    shown = [line.rstrip() for line in printed(COLUMNS, 80)]
    assert shown[:4] == [
        "id        3",
        "at (UTC)  2026-11-26 15:11:25",
        "what      daily budget of campaign budget 444",
        "to value  60.00 USD",
    ]
    assert shown.count("") >= 2
    assert not any(line.startswith("to value") for line in shown[shown.index("") :])


def test_times_are_split_before_that() -> None:
    """The time goes under its date where that lets the table stay one."""
    shown = printed(COLUMNS, 104)
    assert any(line.startswith(" id   at (UTC)     what") for line in shown), shown
    assert any("2026-11-26 15:11:25" in line for line in printed(COLUMNS, 200))


def test_where_there_is_no_terminal_it_is_a_table() -> None:
    """A script may cut columns out of it: as wide as it must be."""
    shown = printed(COLUMNS, 40, is_terminal=False)
    assert any("3" in line and "60.00 USD" in line and "rain-budget-of-newark" in line for line in shown)


def test_times_have_a_zone() -> None:
    """Who reads it at night need not guess."""
    assert heading("next_look", [None, utc_now()]) == "next look (UTC)"
    assert heading("next_look", [None]) == "next look"
