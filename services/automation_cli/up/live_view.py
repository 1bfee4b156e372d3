"""The picture on a terminal: rules and verdicts, the latest ad changes, what people were told, a line of figures."""

from collections import deque

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from services.automation_cli.up.view import Wording, milliseconds, time_of_day, totals_line, word
from services.automation_cli.up.watch import News
from weathertrigger.domain.rule import RuleState
from weathertrigger.storage.activity import Change, Totals, WatchedRule
from weathertrigger.storage.notifications import Notification

_KEPT = 100
_SENTENCES = 4
_TOLD = 2
_OTHER_LINES = 7  # headings and empty lines
_NARROW = 100  # columns; below it, which rule made a change has to go
_STATES = {
    RuleState.ACTIVE: ("● active", "bold green"),
    RuleState.INACTIVE: ("○ inactive", "dim"),
    RuleState.UNJUDGED: ("· not judged", "yellow"),
}
_OUTCOMES = {"confirmed": "green", "unchanged": "dim", "superseded": "dim", "dry_run": "cyan", "unknown": "yellow"}
_MOST_COLOURFUL = "red"


class LiveView:
    """Drawn anew with each look; the last picture stays when it is closed."""

    def __init__(self, wording: Wording, title: str, console: Console | None = None) -> None:
        self._wording = wording
        self._title = title
        self._console = console or Console()
        self._sentences: deque[str] = deque(maxlen=_SENTENCES)
        self._changes: deque[Change] = deque(maxlen=_KEPT)
        self._told: deque[Notification] = deque(maxlen=_TOLD)
        self._news: News | None = None
        self._running = 0
        self._live = Live(console=self._console, auto_refresh=False, vertical_overflow="crop")
        self._live.start()

    def say(self, sentence: str) -> None:
        """The latest few stay to be seen."""
        self._sentences.append(sentence)
        self._draw()

    def show(self, news: News, *, running: int) -> None:
        """The present state of the rules, and the changes that came since."""
        self._news = news
        self._running = running
        self._changes.extend(news.changes)
        self._told.extend(news.told)
        self._draw()

    def close(self, totals: Totals | None) -> None:
        """Leaves the last picture, with the final figures under it."""
        self._live.stop()
        if totals:
            self._console.print(Text(totals_line(totals)))

    def _draw(self) -> None:
        self._live.update(self._picture(), refresh=True)

    def _picture(self) -> RenderableType:
        title, figures = Text(self._title, style="bold"), self._figures()
        parts: list[RenderableType] = [title, Text()]
        if self._news:
            others = _OTHER_LINES + self._lines(title) + self._lines(figures) + len(self._sentences) + len(self._told)
            room = max(self._console.height - others, 4)
            rules = list(self._news.standing.rules)[: max(room - min(len(self._changes), room // 2), 2)]
            parts.append(self._rules(rules, self._news.standing.rules_in_all))
            parts.append(self._latest_changes(room - len(rules)))
        parts += [_one_line(f"{time_of_day(one.at)}  {one.message}", "yellow") for one in self._told]
        parts += [_one_line(sentence, "dim") for sentence in self._sentences]
        return Group(*parts, figures) if self._news else Group(*parts)

    def _figures(self) -> Text:
        if not self._news:
            return Text()
        return Text(f"{totals_line(self._news.standing.totals)} · {self._running} processes up · Ctrl-C ends", "bold")

    def _lines(self, text: Text) -> int:
        return len(text.wrap(self._console, self._console.width))

    def _rules(self, rules: list[WatchedRule], in_all: int) -> Table:
        table = Table(box=SIMPLE_HEAD, pad_edge=False, expand=True, header_style="dim")
        table.add_column("rule", no_wrap=True, max_width=28)
        table.add_column("state", no_wrap=True)
        table.add_column("last verdict", ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column("checked", no_wrap=True)
        table.add_column("late", justify="right", no_wrap=True)
        for rule in rules:
            table.add_row(Text(rule.id), _state(rule), Text(rule.reason or "not checked yet"), *_last_check(rule))
        if in_all > len(rules):
            table.add_row(Text(f"and {in_all - len(rules):,} more", style="dim"))
        return table

    def _latest_changes(self, room: int) -> Table:
        table = Table.grid(padding=(0, 2), expand=True)
        narrow = self._console.width < _NARROW
        table.add_column(no_wrap=True, min_width=len("18:00:00"), style="dim")
        table.add_column(no_wrap=True, ratio=1 if narrow else None)
        table.add_column(no_wrap=True)
        if not narrow:
            table.add_column(no_wrap=True, style="dim")
        table.add_column(
            ratio=None if narrow else 1, no_wrap=True, max_width=11 if narrow else None, overflow="ellipsis"
        )
        latest = list(self._changes)[-room:] if room > 0 else []
        for change in latest:
            table.add_row(
                time_of_day(change.finished_at) if change.finished_at else "now",
                Text(self._wording.subject(change)),
                Text(self._wording.values(change)),
                *([] if narrow else [Text(change.rule_id or "")]),
                Text(self._wording.outcome(change), style=_OUTCOMES.get(change.state, _MOST_COLOURFUL)),
            )
        if not latest:
            table.add_row(Text("no ad changes yet", style="dim"))
        return table


def _one_line(sentence: str, style: str) -> Text:
    return Text(sentence, style=style, no_wrap=True, overflow="ellipsis")


def _state(rule: WatchedRule) -> Text:
    if not rule.enabled:
        return Text("paused", style="yellow")
    label, style = _STATES[rule.state]
    if rule.outcome in {"unknown", "no_data", "failed"}:
        label += f" ({word(rule.outcome)})"
    return Text(label, style=style)


def _last_check(rule: WatchedRule) -> tuple[Text, Text]:
    if rule.executed_at is None or rule.scheduled_for is None:
        return Text("-"), Text("-")
    ago = max((rule.clock - rule.executed_at).total_seconds(), 0)
    late = (rule.executed_at - rule.scheduled_for).total_seconds() * 1000
    return Text(f"{ago:.0f} s ago"), Text(milliseconds(late))
