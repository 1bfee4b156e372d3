"""What one measurement gives."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """Checks recorded, the seconds that it took, and the CPU seconds by process."""

    checks: int
    seconds: float
    cpu: Mapping[str, float]

    @property
    def per_second(self) -> float:
        """The rate."""
        return self.checks / self.seconds

    @property
    def cpu_us(self) -> dict[str, float]:
        """CPU microseconds per check by process, the greediest first."""
        used = {name: seconds / self.checks * 1e6 for name, seconds in self.cpu.items()}
        return dict(sorted(used.items(), key=lambda one: -one[1]))


def together(runs: list[Run]) -> Run:
    """All runs as one: what a check costs on average."""
    cpu = {name: sum(run.cpu[name] for run in runs) for name in runs[0].cpu}
    return Run(sum(run.checks for run in runs), sum(run.seconds for run in runs), cpu)
