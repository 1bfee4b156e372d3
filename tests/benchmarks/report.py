"""What was measured, as a page for people and as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.fleet import Fleet
from tests.benchmarks.section import Section


@dataclass(frozen=True, slots=True)
class Report:
    """Every section of one call of the benchmark, in the order in which it was measured."""

    fleet: Fleet
    sections: Sequence[Section]

    def document(self) -> dict[str, object]:
        """As JSON."""
        document: dict[str, object] = {"rules": self.fleet.rules, "places": self.fleet.places}
        for section in self.sections:
            document.update(section.numbers)
        document["aims"] = {aim.what: aim.document() for section in self.sections for aim in section.aims}
        return document

    def page(self) -> str:
        """For people."""
        lines = [f"{self.fleet.rules:,} rules over {self.fleet.places:,} places"]
        for section in self.sections:
            lines += ["", section.title]
            lines += [f"  {line}" for line in (*section.lines, *map(str, section.aims))]
        return "\n".join(lines)
