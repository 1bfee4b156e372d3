"""`automation-cli schedule-rule RULE USER MINUTES`: another interval, and a check at once (semantics 13)."""

import re
from datetime import timedelta
from decimal import Decimal

import click

from services.automation_cli.by_whom import who
from services.automation_cli.connections import connect_database, connect_schedule, read_cli_settings, ringing
from services.automation_cli.output import cell, say
from services.automation_cli.refusals import RuleDisabled
from services.automation_cli.rule_advice import tell_day_plan
from services.automation_cli.rule_choice import rule_argument
from weathertrigger.doorbells import ring_accounts
from weathertrigger.errors import UsageError
from weathertrigger.operations.reschedule import reschedule
from weathertrigger.rule_files.durations import LONGEST_INTERVAL, spoken
from weathertrigger.rules.time_documents import time_document
from weathertrigger.workers.name import worker_name

_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?")


# A negative number is a wrong number of minutes, and not an option that does not exist.
@click.command("schedule-rule", context_settings={"ignore_unknown_options": True})
@rule_argument
@click.argument("user")
@click.argument("minutes")
def schedule_rule(rule: str, user: str, minutes: str) -> None:
    """Check RULE of USER now, and from now on every so many MINUTES.

    MINUTES may be a fraction (0.5) if it is a whole number of seconds; the shortest is what MINIMUM_INTERVAL says (5
    minutes unless set), the longest 1440. The new slots begin after now; one that was due is recorded as superseded.
    A rule with a time of day (`at`) loses it, unless MINUTES is 1440. The rule's version grows, so that applying a file
    with another interval changes it back. A disabled rule is left as it is (exit code 5).
    """
    settings = read_cli_settings()
    interval = _interval(minutes, settings.minimum_interval)
    database = connect_database(settings)
    done = reschedule(
        database,
        rule,
        owner=user,
        interval=interval,
        worker_id=worker_name("automation-cli", None),
        who=who(),
    )
    if done is None:
        raise RuleDisabled(
            f"Rule {rule!r} is disabled and is not checked; nothing was changed. Apply it with `enabled: true` first."
        )
    every = f"every {spoken(interval)}" if done.changed else f"every {spoken(interval)} as before"
    instead = "" if done.no_longer_at is None else f", no longer at {time_document(done.no_longer_at)}"
    say(f"{rule} is checked at once, and then {every}{instead}, next at {cell(done.next_slot_at)} UTC.")
    with ringing():
        bells, broker = connect_schedule(settings)
        bells.set(done.next_checks)
        ring_accounts(broker, done.to_ring)
    tell_day_plan(database, settings)


def _interval(minutes: str, shortest: timedelta) -> timedelta:
    if not _NUMBER.fullmatch(minutes):
        raise UsageError(f"{minutes!r} is not a number of minutes; write for example 30.")
    seconds = Decimal(minutes) * 60
    if not shortest.total_seconds() <= seconds <= LONGEST_INTERVAL.total_seconds():
        raise UsageError(
            f"A rule is checked every {spoken(shortest)} to {spoken(LONGEST_INTERVAL)}; {minutes} minutes is not "
            "between them."
        )
    if seconds != seconds.to_integral_value():
        raise UsageError(f"{minutes} minutes is not a whole number of seconds.")
    return timedelta(seconds=int(seconds))
