"""`automation-cli accounts cap`."""

from decimal import Decimal

import click
from marshmallow import ValidationError

from services.automation_cli.accounts.known import account_argument, lock, record
from services.automation_cli.connections import database_here
from services.automation_cli.output import say
from weathertrigger.domain.money import Money
from weathertrigger.errors import UsageError
from weathertrigger.rule_files.amounts import money_from
from weathertrigger.storage import day_caps

_NONE = "none"


@click.command()
@account_argument
@click.argument("amount")
def cap(account: str, amount: str) -> None:
    """Bound how much all budgets of ACCOUNT are raised together on one day (of UTC): AMOUNT as "50.00 EUR", or none.

    What is raised already stays; what goes back is never bounded.
    """
    with database_here().transaction() as tx:
        currency = lock(tx, account).currency
        wanted = _amount(amount, currency)
        before = day_caps.cap_of(tx, account)
        day_caps.set_cap(tx, account, wanted)
        record(tx, "cap", account, {"cap": _shown(before, currency)}, {"cap": _shown(wanted, currency)})
    bound = f"by {_shown(wanted, currency)} at most on one day" if wanted is not None else "without a cap of its own"
    say(f"The budgets of {account} are raised {bound}.")


def _amount(amount: str, currency: str) -> Decimal | None:
    if amount.strip().lower() == _NONE:
        return None
    try:
        money = money_from(amount)
    except ValidationError as error:
        raise UsageError(f"AMOUNT {error.messages[0]}, or none") from error
    if money.currency != currency:
        raise UsageError(f"AMOUNT is in {money.currency}; the account is in {currency}.")
    return money.amount


def _shown(cap: Decimal | None, currency: str) -> str | None:
    return None if cap is None else str(Money(cap, currency))
