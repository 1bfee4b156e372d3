"""What the command line of `up` asks for."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the command line asks for.

    Attributes:
        checks: how many recorded checks end the run.
        seconds: how long after the start it ends.
        summary: the file that is written at the end.
    """

    data: Path
    rules: Path | None
    speed: float
    start: datetime
    checks: int | None
    seconds: float | None
    summary: Path | None
