"""Edits of rules while their checks run, and the slots that every edit leaves standing."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tests.acceptance.fault_ground import FaultGround
from tests.acceptance.fault_rules import OWNER, interval_ms, make_rule
from tests.acceptance.slot_checker import VERDICTS, Span
from weathertrigger.domain.rule import Rule
from weathertrigger.operations.apply_rules import apply_rules
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.rule_files.load import RuleFile

_OUTCOMES = VERDICTS | {"superseded"}
_SECONDS = (2, 3, 4, 5, 7, 10)
_DEGREES = (-50.0, 5.5, 50.0)


class EditStorm:
    """Rules that are edited again and again; the ground's spans follow."""

    def __init__(self, ground: FaultGround, rules: int, chance: random.Random) -> None:
        self.edits = 0
        self._ground = ground
        self._chance = chance
        self._rules = [make_rule(f"edited-{number}", number, timedelta(seconds=3)) for number in range(rules)]
        self._standing: dict[str, Span] = {}
        self._apply(self._rules)

    def blow(self) -> None:
        """Edits some of the rules at once: their intervals, their conditions, on and off."""
        numbers = self._chance.sample(range(len(self._rules)), self._chance.randint(1, 3))
        for number in numbers:
            self._rules[number] = self._edited(number)
        self._apply([self._rules[number] for number in numbers])
        self.edits += len(numbers)

    def _edited(self, number: int) -> Rule:
        old = self._rules[number]
        choice = self._chance.random()
        if choice < 0.4:
            return replace(old, interval=timedelta(seconds=self._chance.choice(_SECONDS)))
        if choice < 0.7:
            return replace(old, enabled=not old.enabled)
        return make_rule(old.id, number, old.interval, above=self._chance.choice(_DEGREES), enabled=old.enabled)

    def _apply(self, edited: Sequence[Rule]) -> None:
        """As `automation-cli apply` does it. The edit took place between the two looks at the clock."""
        ground = self._ground
        before = ground.now()
        applied = apply_rules(ground.database, RuleFile(OWNER, tuple(edited)), ByAccount({}), worker_id="storm")
        moment = (before, ground.now())
        ground.bells.set(applied.next_checks)
        for rule in edited:
            self._follow(rule, moment)

    def _follow(self, rule: Rule, moment: tuple[int, int]) -> None:
        """An edit of the grid, a pause and a resumption end a span or begin one; a new condition does neither."""
        spans, standing = self._ground.spans, self._standing.get(rule.id)
        wanted = interval_ms(rule) if rule.enabled else None
        if standing and standing.interval != wanted:
            spans[spans.index(standing)] = replace(standing, ended=moment)
            del self._standing[rule.id]
        if wanted and rule.id not in self._standing:
            self._standing[rule.id] = Span(rule.id, wanted, moment, outcomes=_OUTCOMES)
            spans.append(self._standing[rule.id])
