"""Looks at fields on their platforms without touching them: what is there, beside what the engine wants of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from weathertrigger.domain.change import AdField, FieldState
from weathertrigger.errors import AccountOff, ServiceError
from weathertrigger.operations.values_of_account import value_in_words
from weathertrigger.outside.ad_gates import Admissions
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.platforms.port import AdAccount, AdPlatform, Observed
from weathertrigger.platforms.registry import MONEY
from weathertrigger.rules.desired import Desired, desired_value
from weathertrigger.rules.reconcile import Step, reconcile
from weathertrigger.rules.wanted import Compute, wanted
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.told_fields import ToldField


@dataclass(frozen=True, slots=True)
class Look:
    """One field as its platform shows it now; `why` it could not be read, if it could not."""

    field: AdField
    observed: Observed | None
    why: str | None = None


def look_at_fields(
    fields: Sequence[AdField],
    known: Mapping[str, Account],
    platforms: ByAccount[AdPlatform],
    admissions: Admissions,
) -> list[Look]:
    """Reads each field, account by account, and changes nothing; in the order of the fields."""
    by_account: dict[str, list[AdField]] = defaultdict(list)
    for field in fields:
        by_account[field.account_id].append(field)
    looks = {
        look.field.id: look
        for account_id, each in by_account.items()
        for look in _at_account(each, known[account_id], platforms, admissions)
    }
    return [looks[field.id] for field in fields]


def value_wanted(told: ToldField, account: Account, baseline: str | None = None) -> Desired | None:
    """What the engine wants of the field: of one that is held the value that is held, of a free one without a winner
    nothing. `baseline` is what a field that nobody has taken yet is counted from. What was carried out stands until
    the next decision, though the cap of the account's day has cut it."""
    field, compute = told.field, _computing_for(account)
    if field.state is FieldState.HELD:
        return Desired(field.persons_value or "", "held" if field.ordered is None else "put back")
    if field.state in {FieldState.FREE, FieldState.LEFT} and field.winner is None:
        return None
    if field.state is FieldState.FREE and field.winner is not None:
        return None if baseline is None else compute(field.winner.expression, baseline)
    desired = wanted(field, compute)
    if desired is None or field.confirmed in {None, desired.value} or not told.is_carried_out:
        return desired
    said = told.change.arithmetic if told.change else None
    return Desired(field.confirmed or "", said or desired.arithmetic, clamped=True)


def next_step(
    field: AdField, observed: str, account: Account, at: datetime, *, any_live: bool, room: Decimal | None
) -> Step:
    """What ad-action would do about the field now, seeing this. `any_live`: a live rule targets it. `room`: by how much
    it may be raised at all."""
    speak = partial(value_in_words, field=field.carrier.field, account=account)
    return reconcile(field, observed, now=at, compute=_computing_for(account, room), speak=speak, any_live=any_live)


def _computing_for(account: Account, room: Decimal | None = None) -> Compute:
    return partial(desired_value, currency=account.currency, codec=MONEY[account.platform], room=room)


def _at_account(
    fields: Sequence[AdField], account: Account, platforms: ByAccount[AdPlatform], admissions: Admissions
) -> list[Look]:
    ours = AdAccount(account.id, account.external_id, account.currency)
    try:
        platform = platforms.of(account)
        answer = platform.read(ours, [field.carrier for field in fields], admit=admissions.admit(account, urgent=False))
    except (AccountOff, ServiceError) as error:
        return [Look(field, None, str(error)) for field in fields]
    looks = []
    for field in fields:
        seen = answer.results.get(field.carrier)
        if isinstance(seen, Observed):
            looks.append(Look(field, seen))
        else:
            looks.append(Look(field, None, str(seen) if seen else "The platform's answer did not mention it."))
    return looks
