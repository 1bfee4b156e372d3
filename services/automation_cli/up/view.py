"""What `up` shows. Two views: a live picture on a terminal (`live_view.py`), and here lines that can be piped."""

import os
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TextIO

from services.automation_cli.up.watch import News
from weathertrigger.domain.execution import Outcome
from weathertrigger.platforms.registry import MONEY
from weathertrigger.service_names import spoken_service
from weathertrigger.storage.activity import Change, Check, Totals

_A_SECOND = 1000


class View(Protocol):
    """Shows what happens, from the first sentence of the start to the last of the end."""

    def say(self, sentence: str) -> None:
        """Something about the processes or the start."""

    def show(self, news: News, *, running: int) -> None:
        """What is new in PostgreSQL; `running` processes are up."""

    def close(self, totals: Totals | None) -> None:
        """The end; with the totals if there are any."""


class PlainView:
    """A line for every sentence, every check with another verdict than before, every ad change, every notification."""

    def __init__(
        self, wording: "Wording", out: TextIO | None = None, when_unread: Callable[[], None] = lambda: None
    ) -> None:
        self._wording = wording
        self._out = out or sys.stdout
        self._when_unread = when_unread
        self._verdicts: dict[str, Outcome] = {}

    def say(self, sentence: str) -> None:
        """One line, without a time while nothing happens yet."""
        self._write(sentence)

    def show(self, news: News, *, running: int) -> None:  # noqa: ARG002  the lines say who ended
        """Lines in the order in which things happened, as far as the tables can tell."""
        for check in news.checks:
            if self._verdicts.get(check.rule_id) is not check.outcome:
                self._verdicts[check.rule_id] = check.outcome
                self._write(f"{time_of_day(check.executed_at)}  check   {self._wording.check(check)}")
        for change in news.changes:
            at = change.finished_at or datetime.now().astimezone()
            self._write(f"{time_of_day(at)}  change  {self._wording.change(change)}")
        for one in news.told:
            self._write(f"{time_of_day(one.at)}  told    {one.message}")

    def close(self, totals: Totals | None) -> None:
        """The totals in one line."""
        if totals:
            self._write(totals_line(totals))

    def _write(self, line: str) -> None:
        try:
            self._out.write(f"{line}\n")
            self._out.flush()
        except BrokenPipeError:
            # What is left in the buffer must not complain again when Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._out.fileno())
            self._when_unread()


class Wording:
    """Checks and changes in words; money as people write it, not in a platform's own units."""

    def check(self, check: Check) -> str:
        """`rain-newark met, 31 ms late: It rains ...`"""
        late = milliseconds(check.lateness.total_seconds() * 1000)
        return f"{check.rule_id} {word(check.outcome)}, {late} late: {check.reason}"

    def change(self, change: Change) -> str:
        """`meta-acme ad_set 23847 status paused -> enabled, rain-newark, confirmed`"""
        return f"{self.subject(change)} {self.values(change)}, {change.rule_id or 'no rule'}, {self.outcome(change)}"

    def subject(self, change: Change) -> str:
        """`meta-acme ad_set 23847 status`"""
        return f"{change.account_id} {change.resource.replace('/', ' ')} {word(change.field)}"

    def values(self, change: Change) -> str:
        """`paused -> enabled`, or the one value that is known or stays."""
        before, after = self._value(change, change.from_value), self._value(change, change.to_value)
        if before == after:
            return f"stays {after}" if after else "not looked at"
        return f"{before or '?'} -> {after or '?'}"

    def outcome(self, change: Change) -> str:
        """`confirmed`, or `rejected: why`."""
        return f"{word(change.state)}: {change.error}" if change.error else word(change.state)

    def _value(self, change: Change, value: str | None) -> str | None:
        money = MONEY.get(change.platform)
        if value is None or money is None or not change.field.is_money:
            return value
        try:
            return str(money.decode(value, change.currency))
        except ValueError:
            return value


def word(name: str) -> str:
    """`not_met` as people write it."""
    return name.replace("_", " ")


def time_of_day(at: datetime) -> str:
    """In the time zone of whoever looks."""
    return at.astimezone().strftime("%H:%M:%S")


def milliseconds(value: float | None) -> str:
    """`31 ms`, `2.4 s`, or a dash."""
    if value is None:
        return "-"
    return f"{value:.0f} ms" if value < _A_SECOND else f"{value / _A_SECOND:.1f} s"


def totals_line(totals: Totals) -> str:
    """Checks, changes, calls and lateness in one line."""
    calls = ", ".join(f"{spoken_service(service)} {count:,}" for service, count in totals.api_calls.items())
    return (
        f"{totals.checks:,} checks · {totals.changes.get('confirmed', 0):,} changes confirmed · API calls: {calls} · "
        f"lateness p50 {milliseconds(totals.lateness_p50)}, p99 {milliseconds(totals.lateness_p99)}"
    )
