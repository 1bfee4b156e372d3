"""A field, its rules and its platform without money: values are words, so that a percentage of a percentage shows.

`+20%` of the baseline `b0` is `b0+20%`; if it ever compounded, a second `+` would stand in the value.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from weathertrigger.domain.change import AdField, Carrier, FieldState, Winner, WinnerClass
from weathertrigger.domain.rule import ChangePercent, Expression, FieldName, ManualChange, SetStatus, Status
from weathertrigger.rules.desired import Desired
from weathertrigger.rules.reconcile import Step, reconcile

START = datetime(2026, 3, 1, tzinfo=UTC)
BUDGET = Carrier("campaign_budget/444", FieldName.DAILY_BUDGET)
STATUS = Carrier("ad_set/23847", FieldName.STATUS)


def compute(expression: Expression, baseline: str) -> Desired:
    """The value as a word: the baseline and what was done to it."""
    match expression:
        case ChangePercent(percent):
            return Desired(f"{baseline}{percent:+}%", f"{percent:+} %")
        case SetStatus(status):
            return Desired(status.value, status.value)
        case _:
            raise AssertionError(expression)


def plus(percent: int, rule_id: str = "rain") -> Winner:
    """A rule that is active with a percentage."""
    return Winner(rule_id, WinnerClass.ACTIVE, ChangePercent(Decimal(percent)))


ENABLE = Winner("rain", WinnerClass.ACTIVE, SetStatus(Status.ENABLED))


def free(winner: Winner | None, carrier: Carrier = BUDGET) -> AdField:
    """A field that nobody has touched, and a first decision about it."""
    return AdField(1, "meta-acme", carrier, winner=winner, generation=1, next_at=START)


def owned(winner: Winner | None, *, confirmed: str, baseline: str = "b0", carrier: Carrier = BUDGET) -> AdField:
    """A field that a rule had brought to `confirmed`, and this decision, which is as yet not applied."""
    return AdField(
        1,
        "meta-acme",
        carrier,
        state=FieldState.OWNED,
        baseline=baseline,
        confirmed=confirmed,
        winner=winner,
        generation=2,
        applied=1,
        next_at=START,
    )


def look(
    field: AdField,
    observed: str,
    *,
    minutes: float = 0,
    any_live: bool = True,
    on_manual_change: ManualChange = ManualChange.YIELD,
) -> Step:
    """One look at the platform, so long after the start."""
    now = START + timedelta(minutes=minutes)
    return reconcile(
        field,
        observed,
        now=now,
        compute=compute,
        speak="{} dollars".format,
        any_live=any_live,
        on_manual_change=on_manual_change,
    )
