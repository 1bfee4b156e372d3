"""Criteria ready to be evaluated, kept per worker process by rule and version."""

from collections import OrderedDict
from collections.abc import Sequence

import orjson

from weathertrigger.rules.judge import Criteria, criteria_of
from weathertrigger.rules.rule_documents import read_rule
from weathertrigger.storage import checks
from weathertrigger.storage.checks import RuleRow, StoredRule
from weathertrigger.storage.database import Transaction
from weathertrigger.time_zones import zone_named

Compiled = Criteria | ValueError


class CompiledRules:
    """A bounded cache; a rule that was edited has a new version and is read again. Safe to share between threads."""

    def __init__(self, capacity: int = 100_000) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, tuple[int, Compiled]] = OrderedDict()

    def of(self, tx: Transaction, rules: Sequence[RuleRow]) -> dict[str, Compiled]:
        """The criteria of each of these locked rules, or why it cannot be read."""
        found = {rule.id: kept[1] for rule in rules if (kept := self._kept.get(rule.id)) and kept[0] == rule.version}
        missing = [rule.id for rule in rules if rule.id not in found]
        if missing:
            for rule_id, stored in checks.stored(tx, missing).items():
                found[rule_id] = _compile(stored)
                self._kept[rule_id] = (stored.version, found[rule_id])
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        return found


def _compile(stored: StoredRule) -> Compiled:
    try:
        rule = read_rule(orjson.loads(stored.text))
        zone = zone_named(rule.place.time_zone or stored.time_zone)
        return criteria_of(rule, zone, *[zone_named(place.time_zone) for place in rule.other_places])
    except ValueError as error:
        return error
