"""What was measured, as a page for people and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.lateness import Spread
from tests.benchmarks.run import Run, together


@dataclass(frozen=True, slots=True)
class Report:
    """Every number of one call of the benchmark, in the order in which they were measured."""

    rules: int
    places: int
    cold: Run
    runs: Sequence[Run]
    bare_messages: Sequence[float]
    table_writes: Sequence[Run]
    claim_lateness: Spread
    row_lateness: Spread

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

    def document(self) -> dict[str, object]:
        """As JSON."""
        return {
            "rules": self.rules,
            "places": self.places,
            "rates_per_second": {**self.rates, "first run": self.cold.per_second},
            "ratios": self.ratios,
            "cpu_us_per_check": together(list(self.runs)).cpu_us,
            "claim_lateness_ms": self.claim_lateness.document(),
            "row_lateness_ms": self.row_lateness.document(),
        }

    def page(self) -> str:
        """For people."""
        return "\n".join(
            [
                f"{self.rules:,} rules over {self.places:,} places, all due at once; medians of {len(self.runs)}",
                "",
                *[_rate(what, rates) for what, rates in self.rates.items()],
                f"  {'first run, all new':<18}{self.cold.per_second:>8,.0f} /s",
                "",
                "checks to each",
                *[f"  {what:<28}{ratio:>6.2f}" for what, ratio in self.ratios.items()],
                "",
                "CPU time per check",
                *_cpu("", together(list(self.runs)).cpu_us),
                *_cpu("alone: ", together(list(self.table_writes)).cpu_us),
                "",
                "lateness of checks that are spread over one second",
                f"  claim          {self.claim_lateness}",
                f"  recorded row   {self.row_lateness}",
            ]
        )


def _rate(what: str, rates: Sequence[float]) -> str:
    return f"  {what:<18}{median(rates):>8,.0f} /s   ({', '.join(f'{one:,.0f}' for one in rates)})"


def _cpu(prefix: str, used: Mapping[str, float]) -> list[str]:
    return [f"  {prefix + name:<18}{us:>8.1f} us" for name, us in used.items() if us]
