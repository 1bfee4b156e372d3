"""`automation-cli accounts set-limit`."""

from typing import Never

import click

from services.automation_cli.accounts.known import about, account_argument, lock, record
from services.automation_cli.connections import connect_database, connect_schedule, read_cli_settings, ringing
from services.automation_cli.output import say
from weathertrigger.call_limits import ad_limits
from weathertrigger.doorbells import ring_accounts
from weathertrigger.errors import UsageError
from weathertrigger.rule_files.durations import spoken
from weathertrigger.storage import accounts as storage
from weathertrigger.storage import pauses
from weathertrigger.storage.pauses import Covered, Scope

_DEFAULT = "default"
_FEWEST, _MOST = 5, 100_000_000


@click.command("set-limit")
@account_argument
@click.argument("calls")
def set_limit(account: str, calls: str) -> None:
    """Let ACCOUNT make so many CALLS at most: in an hour at Meta, in 24 hours at Google.

    CALLS is a number, or the word default: as many as the settings say. At Meta it takes the place of
    META_CALLS_PER_HOUR for this account. At Google it is a part of what all accounts may make together
    (GOOGLE_ADS_CALLS_PER_DAY), which holds as well. It counts from the next look at the account on,
    without a restart; of every limit a fifth is kept for putting back and for pausing.
    """
    wanted = _number(calls)
    settings = read_cli_settings()
    with connect_database(settings).transaction() as tx:
        locked = lock(tx, account)
        storage.set_call_limit(tx, account, wanted)
        pauses.bring_forward(tx, Covered(Scope.ACCOUNT, account))
        record(tx, "set-limit", account, about(locked), about(lock(tx, account)))
    (limit,) = ad_limits(settings)[locked.platform]
    if wanted is None:
        say(f"{account} may make as many calls as the settings say: {limit.calls} in {spoken(limit.window)}.")
    else:
        say(f"{account} may make {wanted} calls in {spoken(limit.window)}.")
    with ringing():
        ring_accounts(connect_schedule(settings)[1], {account: locked.platform})


def _number(calls: str) -> int | None:
    if calls == _DEFAULT:
        return None
    if not (calls.isascii() and calls.isdigit() and len(calls) <= len(str(_MOST))):
        _refuse(calls)
    number = int(calls)
    return number if _FEWEST <= number <= _MOST else _refuse(calls)


def _refuse(calls: str) -> Never:
    said = f"CALLS must be a whole number from {_FEWEST} to {_MOST}, or the word {_DEFAULT}, and it is {calls[:60]!r}."
    raise UsageError(said)
