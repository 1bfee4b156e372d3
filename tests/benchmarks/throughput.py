"""Checks per second of the whole engine, held against what Dramatiq and PostgreSQL alone can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.aim import Aim
from tests.benchmarks.bare_messages import bare_messages_per_second
from tests.benchmarks.fleet import Fleet
from tests.benchmarks.ground import Ground
from tests.benchmarks.pipeline import run_all_checks
from tests.benchmarks.run import Run, together
from tests.benchmarks.section import Section
from tests.benchmarks.table_writes import note_writes, write_alone


def measure_throughput(ground: Ground, fleet: Fleet, worker_pids: Mapping[str, int], runs: int) -> Section:
    """The engine and both baselines in turn, so that what slows the machine down slows all three."""
    cold = run_all_checks(ground, fleet, worker_pids)
    batches = note_writes(ground)
    measured: list[Run] = []
    messages: list[float] = []
    writes: list[Run] = []
    for _ in range(runs):
        messages.append(bare_messages_per_second(ground))
        writes.append(write_alone(ground, batches, cold.checks))
        measured.append(run_all_checks(ground, fleet, worker_pids))
    return Throughput(cold, measured, messages, writes).section()


@dataclass(frozen=True, slots=True)
class Throughput:
    """The runs in the order in which they were made."""

    cold: Run
    runs: Sequence[Run]
    bare_messages: Sequence[float]
    table_writes: Sequence[Run]

    @property
    def rates(self) -> dict[str, list[float]]:
        """Per second, run by run."""
        return {
            "checks": [run.per_second for run in self.runs],
            "PostgreSQL alone": [run.per_second for run in self.table_writes],
            "bare messages": list(self.bare_messages),
        }

    @property
    def ratios(self) -> dict[str, float]:
        """The median rate of checks to that of the others; and the same of the CPU time, which a busy machine does not
        distort: PostgreSQL alone to everything that a check takes."""
        checks, writes, messages = (median(rates) for rates in self.rates.values())
        ratios = {"PostgreSQL alone": checks / writes, "bare messages": checks / messages}
        if all(used := [sum(together(list(runs)).cpu_us.values()) for runs in (self.table_writes, self.runs)]):
            ratios["PostgreSQL alone, CPU time"] = used[0] / used[1]
        return ratios

    def section(self) -> Section:
        """For the report."""
        ratios = self.ratios
        return Section(
            title=f"throughput, all rules due at once; medians of {len(self.runs)}",
            lines=[
                *[rate_line(what, rates) for what, rates in self.rates.items()],
                f"{'first run, all new':<18}{self.cold.per_second:>8,.0f} /s",
                *[f"checks to {what:<28}{ratio:>6.2f}" for what, ratio in ratios.items()],
                *_cpu("CPU per check: ", together(list(self.runs)).cpu_us),
                *_cpu("CPU per check alone: ", together(list(self.table_writes)).cpu_us),
            ],
            aims=[Aim("checks to PostgreSQL alone", ratios["PostgreSQL alone"], 0.6, at_least=True)],
            numbers={
                "rates_per_second": {**self.rates, "first run": self.cold.per_second},
                "ratios": ratios,
                "cpu_us_per_check": together(list(self.runs)).cpu_us,
            },
        )


def rate_line(what: str, rates: Sequence[float]) -> str:
    """The median, and all of them in their order."""
    return f"{what:<18}{median(rates):>8,.0f} /s   ({', '.join(f'{one:,.0f}' for one in rates)})"


def _cpu(prefix: str, used: Mapping[str, float]) -> list[str]:
    return [f"{prefix + name:<36}{us:>8.1f} us" for name, us in used.items() if us]
