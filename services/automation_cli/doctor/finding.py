"""What was found about one thing, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """A fault keeps the engine from its work; a warning is something that one should know."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of what `doctor` shows, but for what it is about. The advice is empty where all is well."""

    verdict: Verdict
    found: str
    advice: str = ""


def ok(found: str) -> Finding:
    """All is well."""
    return Finding(Verdict.OK, found)


def warning(found: str, advice: str) -> Finding:
    """The engine works, and somebody should know."""
    return Finding(Verdict.WARNING, found, advice)


def fault(found: str, advice: str) -> Finding:
    """The engine does not do its work."""
    return Finding(Verdict.FAULT, found, advice)
