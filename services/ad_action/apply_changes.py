"""Protocol C, steps 3 to 10: brings one ad account to its desired state by reading, writing and confirming.

The order of the steps stands in `_work_through`. No transaction is open during a call, and every transaction proves by
the account's fence that nobody has taken the account over meanwhile.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from services.ad_action import account_outcomes, call_outcomes, look_outcomes
from services.ad_action.call_outcomes import unheard
from services.ad_action.decision import Decision
from services.ad_action.dry_runs import work_out_dry_runs
from services.ad_action.moved_targets import follow
from services.ad_action.records import Records
from services.ad_action.restraint import Pace
from services.ad_action.shortage import Shortage
from weathertrigger.domain.change import AdField, Carrier
from weathertrigger.errors import AccountOff, HeldBack, ServiceError
from weathertrigger.messages import ApplyChanges
from weathertrigger.outside.ad_gates import Admissions
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.platforms.port import AdAccount, AdPlatform, ReadAnswer, Write, WriteAnswer
from weathertrigger.storage import accounts, changes, fields, rule_targets, rules
from weathertrigger.storage.accounts import Leased
from weathertrigger.storage.database import Database, Transaction

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
CALL_TIME_OUT = timedelta(seconds=12)
STOPPED_LOOK = timedelta(minutes=5)


class FenceLost(Exception):  # not an error: somebody else is at the account now
    """Whoever took the account over does the rest; what we know is not recorded."""


@dataclass(frozen=True, slots=True)
class _Intent:
    """A write that is committed as `calling` and about to leave."""

    field: AdField
    write: Write


class ApplyChangesStep:
    """Takes a doorbell for an account; leaves nothing on it that is due."""

    def __init__(
        self, *, database: Database, platforms: ByAccount[AdPlatform], gates: Admissions, pace: Pace, worker_id: str
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._gates = gates
        self._pace = pace
        self._worker_id = worker_id

    def __call__(self, message: ApplyChanges) -> None:
        """C3: takes the account, works it through, gives it back. Somebody at it already does the work for us."""
        # Not repeated: after a commit whose answer was lost it would find its own lease in the way.
        with self._database.transaction() as tx:
            leased = accounts.take_lease(tx, message.account_id, LEASE)
            if leased:
                changes.abandon(tx, leased.id)
        if leased is None:
            return
        records = Records(leased, self._worker_id)
        try:
            platform = self._platforms.of(leased)
        except AccountOff as reason:
            why = reason
            self._database.run(lambda tx: account_outcomes.off(tx, leased, why, STOPPED_LOOK))
            return
        if leased.unreadable:
            self._database.run(partial(account_outcomes.readable_again, leased=leased))
        try:
            self._work_through(leased, platform, records)
        except FenceLost:
            log.info("account was taken over", extra={"account": leased.id})

    def _work_through(self, leased: Leased, platform: AdPlatform, records: Records) -> None:
        account = AdAccount(leased.id, leased.external_id, leased.currency)
        has_dry_runs = True
        while True:
            while due := self._due(leased, platform.fields_at_once):  # C4
                answer = self._read(account, platform, due, records)  # C5
                if answer is None:
                    return
                if answer.moved:
                    self._database.run(partial(follow, leased=leased, moved=answer.moved))
                intents = self._decide(leased, platform, due, answer, records)  # C6
                urgent_first = sorted(intents.values(), key=lambda intent: not intent.field.is_urgent)
                for batch in platform.batches([intent.write for intent in urgent_first]):
                    self._call(account, platform, [intents[write.carrier] for write in batch], records)  # C7, C8
            if has_dry_runs:  # nothing waits for them, so they wait for everything else
                looks = self._gates.admit(leased, urgent=False, only_look=True)
                work_out_dry_runs(self._database, account, platform, records, looks)
                has_dry_runs = False
            elif self._give_back(leased):  # C10
                return

    def _read(
        self, account: AdAccount, platform: AdPlatform, due: Sequence[AdField], records: Records
    ) -> ReadAnswer | None:
        """C5: all fields that are due; where calls are short only the urgent ones, and the others wait. None: the
        platform could not be read, and the account is given back."""
        leased = records.leased
        try:
            gate = partial(self._gates.admit, leased, only_look=not any(field.is_open for field in due))
            answer = Shortage(platform, account, gate).read(due)
        except HeldBack as held:
            return ReadAnswer(dict.fromkeys((field.carrier for field in due), held), 0)
        except ServiceError as error:
            self._database.run(partial(look_outcomes.nothing_read, records=records, due=due, error=error))
            return None
        self._gates.obey(leased, answer.usage)
        return answer

    def _give_back(self, leased: Leased) -> bool:
        """C10: only if nothing is due, in the same transaction."""

        def give_back(tx: Transaction) -> bool:
            if accounts.give_lease_back(tx, leased):
                return True
            self._renew(tx, leased)
            return False

        return self._database.run(give_back)

    def _due(self, leased: Leased, at_most: int) -> list[AdField]:
        def look(tx: Transaction) -> list[AdField]:
            self._renew(tx, leased)
            fields.postpone_stopped(tx, leased.id, STOPPED_LOOK)
            return fields.due(tx, leased.id, at_most)

        due = self._database.run(look)
        return [field for field in due if field.is_open] or due  # looks come after all changes, and leave them calls

    def _decide(
        self, leased: Leased, platform: AdPlatform, due: Sequence[AdField], answer: ReadAnswer, records: Records
    ) -> dict[Carrier, _Intent]:
        """C6: one transaction decides every field that was read, and commits the intention of every write."""
        looked_at = {field.id: field.generation for field in due}
        field_ids = list(looked_at)

        def decide(tx: Transaction) -> dict[Carrier, _Intent]:
            self._renew(tx, leased)  # a slow read must not use up the time of the writes
            look_outcomes.count_reads(tx, records, field_ids, answer.calls)
            locked = fields.lock_fields(tx, field_ids)
            decision = Decision.read(tx, self._pace, platform, records, looked_at)
            decided, intents = [], {}
            for field in locked:
                after, write = decision.of(tx, field, answer.results.get(field.carrier) or unheard(platform))
                decided.append(after)
                if write:
                    intents[field.carrier] = _Intent(after, write)
            fields.store(tx, decided)
            rule_targets.end_retiring(tx, field_ids)
            rules.forget(tx)
            return intents

        return self._database.run(decide)

    def _call(self, account: AdAccount, platform: AdPlatform, batch: Sequence[_Intent], records: Records) -> None:
        leaving = self._leaving(records.leased, batch)
        if not leaving:
            return
        answer = self._write(account, platform, leaving, records.leased)

        def record(tx: Transaction) -> None:
            self._prove_fence(tx, records.leased)
            call_outcomes.called(
                tx,
                records,
                {intent.field.id: intent.field.generation for intent in leaving},
                {intent.field.id: answer.results.get(intent.write.carrier, unheard(platform)) for intent in leaving},
                calls=answer.calls,
                request_id=answer.request_id,
            )

        self._database.run(record)

    def _write(
        self, account: AdAccount, platform: AdPlatform, leaving: Sequence[_Intent], leased: Leased
    ) -> WriteAnswer:
        """C8: all of the batch, or what there is room for; the rest was not sent."""
        urgent = {intent.write.carrier for intent in leaving if intent.field.is_urgent}
        writes = [intent.write for intent in leaving]
        answer = Shortage(platform, account, partial(self._gates.admit, leased)).write(writes, urgent)
        self._gates.obey(leased, answer.usage)
        self._gates.hear(leased, [error for error in answer.results.values() if error is not None])
        return answer

    def _leaving(self, leased: Leased, batch: Sequence[_Intent]) -> list[_Intent]:
        """C7: the fence, the pauses, the lease's rest and each generation, in one read just before the call."""

        def look(tx: Transaction) -> list[_Intent]:
            leave = accounts.leave_to_call(tx, leased, [one.field.id for one in batch], CALL_TIME_OUT)
            leaving = [one for one in batch if leave.generations.get(one.field.id) == one.field.generation]
            staying = {one.field.id: one.field.generation for one in batch if one not in leaving}
            if staying:
                self._prove_fence(tx, leased)
                # Only a person's stop is worth a wait; a lease that is nearly over is renewed and all is read anew.
                call_outcomes.stopped(tx, staying, paused=leave.stopped, wait=STOPPED_LOOK)
            return leaving

        return self._database.run(look)

    def _renew(self, tx: Transaction, leased: Leased) -> None:
        if not accounts.renew_lease(tx, leased, LEASE):
            raise FenceLost

    def _prove_fence(self, tx: Transaction, leased: Leased) -> None:
        if not accounts.hold_fence(tx, leased):
            raise FenceLost
