"""C6: what is decided about each field that was read, by what holds for all of them at that moment."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self

from services.ad_action import look_outcomes
from services.ad_action.records import Records
from services.ad_action.restraint import Pace, Restraint
from services.ad_action.shared_budgets import refused
from weathertrigger.day_cap import DayCap
from weathertrigger.domain.change import AdField
from weathertrigger.domain.rule import ManualChange
from weathertrigger.errors import HeldBack, ServiceError
from weathertrigger.platforms.port import AdPlatform, Observed, Write
from weathertrigger.rules.desired import desired_value
from weathertrigger.rules.reconcile import Step, reconcile
from weathertrigger.rules.shared_budgets import may_write
from weathertrigger.rules.value_words import in_words
from weathertrigger.storage import checks, rule_targets
from weathertrigger.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Decision:
    """Decides the fields of one account one after the other, in the transaction that has locked them.

    Attributes:
        looked_at: the generation of each field that the read was made for.
        live: the fields that a live rule targets.
    """

    platform: AdPlatform
    records: Records
    looked_at: Mapping[int, int]
    live: Collection[int]
    at: datetime
    restraint: Restraint
    day_cap: DayCap
    manual_changes: Mapping[int, ManualChange]

    @classmethod
    def read(
        cls, tx: Transaction, pace: Pace, platform: AdPlatform, records: Records, looked_at: Mapping[int, int]
    ) -> Self:
        """What holds now. Lock the fields first."""
        field_ids, leased = list(looked_at), records.leased
        live = rule_targets.live_claims(tx, field_ids)
        at = checks.clock(tx)
        restraint = Restraint.read(tx, pace, platform, field_ids, at)
        day_cap = DayCap.read(tx, leased.id, leased.currency, platform.money)
        manual_changes = rule_targets.manual_changes(tx, field_ids)
        return cls(platform, records, looked_at, live, at, restraint, day_cap, manual_changes)

    def of(self, tx: Transaction, field: AdField, seen: Observed | ServiceError) -> tuple[AdField, Write | None]:
        """Records what is decided; gives the field as it is to be stored, and the write that is to leave."""
        if isinstance(seen, ServiceError):
            # A wait is that of the decision that was to be read: what is urgent by now does not wait for calls.
            is_newer = isinstance(seen, HeldBack) and field.generation > self.looked_at[field.id]
            return field if is_newer else look_outcomes.not_read(tx, self.records, field, seen, self.at), None
        manual_change = self.manual_changes.get(field.id, ManualChange.YIELD)
        step = self._step(field, seen, manual_change)
        refusal = refused(field.carrier.resource, seen, self.platform, is_allowed=may_write(step.field))
        refusal = refusal or self.restraint.given_up(field)
        if step.write and refusal:
            return look_outcomes.not_read(tx, self.records, field, refusal, self.at), None
        if step.write and (held := self.restraint.held(step.field, seen.value, step.write.value)):
            return look_outcomes.held_back(tx, self.records, field, held), None
        look_outcomes.decided(tx, self.records, step, seen.value, manual_change)
        if not step.write:
            return step.field, None
        self.day_cap.take(step.field, step.write.value, self.records.leased.currency, self.platform.money)
        return step.field, Write(field.carrier, step.write.value, seen.sibling_key)

    def _step(self, field: AdField, seen: Observed, manual_change: ManualChange) -> Step:
        compute = partial(
            desired_value,
            currency=self.records.leased.currency,
            codec=self.platform.money,
            room=self.day_cap.room(field.id, field.carrier.field),
        )
        return reconcile(
            field,
            seen.value,
            now=self.at,
            compute=compute,
            speak=partial(
                in_words, field=field.carrier.field, currency=self.records.leased.currency, codec=self.platform.money
            ),
            any_live=field.id in self.live,
            on_manual_change=manual_change,
        )
