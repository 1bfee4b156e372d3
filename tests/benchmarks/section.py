"""A part of the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.aim import Aim


@dataclass(frozen=True, slots=True)
class Section:
    """Lines for people, numbers for programs (by name, as JSON), and the aims that the numbers are held against."""

    title: str
    lines: Sequence[str]
    aims: Sequence[Aim]
    numbers: Mapping[str, object]
