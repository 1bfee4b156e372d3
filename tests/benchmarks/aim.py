"""A number that was measured, and the bound that it is meant to keep."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aim:
    """`at_least`: the bound is the lowest good value instead of the highest."""

    what: str
    value: float
    bound: float
    unit: str = ""
    at_least: bool = False

    @property
    def is_reached(self) -> bool:
        """Whether the number keeps the bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def document(self) -> dict[str, object]:
        """As JSON."""
        bound = "at_least" if self.at_least else "at_most"
        return {"value": self.value, bound: self.bound, "unit": self.unit, "reached": self.is_reached}

    def __str__(self) -> str:
        sign = ">=" if self.at_least else "<="
        word = "reached" if self.is_reached else "not reached"
        return f"{self.what}: {_shown(self.value, self.unit)} (aim {sign} {_shown(self.bound, self.unit)}: {word})"


def _shown(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}".rstrip()
