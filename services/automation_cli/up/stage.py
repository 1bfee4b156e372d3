"""Where everything that happens is shown: the view, and the processes' events on their way to it."""

import sys
from queue import Empty, SimpleQueue

from rich.console import Console

from services.automation_cli.up.ground import Ground
from services.automation_cli.up.interruption import Interruption
from services.automation_cli.up.live_view import LiveView
from services.automation_cli.up.service_events import ServiceEvents
from services.automation_cli.up.supervisor import Event
from services.automation_cli.up.view import PlainView, View, Wording
from services.automation_cli.up.watch import News
from services.automation_cli.up.wish import Wish
from weathertrigger.storage.activity import Totals


class Stage:
    """For the main thread; the events come from any."""

    def __init__(self, view: View, events: SimpleQueue[Event]) -> None:
        self.processes = ServiceEvents()
        self._view = view
        self._events = events
        self._totals: Totals | None = None

    def say(self, sentence: str) -> None:
        """A sentence, after those of the events that came before it."""
        self.tell_events()
        self._view.say(sentence)

    def show(self, news: News) -> None:
        """What is new."""
        self.tell_events()
        self._view.show(news, running=self.processes.running)

    def tell_events(self) -> None:
        """Says what happened to the processes meanwhile."""
        for sentence in self.processes.sentences(self._waiting()):
            self._view.say(sentence)

    def end_with(self, totals: Totals) -> None:
        """What `close` will show."""
        self._totals = totals

    def close(self) -> None:
        """The end of the view."""
        self._view.close(self._totals)

    def _waiting(self) -> list[Event]:
        found = []
        while True:
            try:
                found.append(self._events.get_nowait())
            except Empty:
                return found


def choose_view(wish: Wish, ground: Ground, interruption: Interruption) -> View:
    """A live picture on a terminal, else lines; when nobody reads the lines any more, the run ends."""
    wording = Wording()
    title = _title(wish, ground)
    console = Console()
    if sys.stdout.isatty() and not console.is_dumb_terminal:
        return LiveView(wording, title, console)
    view = PlainView(wording, when_unread=interruption.ask)
    view.say(title)
    return view


def _title(wish: Wish, ground: Ground) -> str:
    logs = ground.folder / "logs"
    if ground.has_sandbox:
        return (
            f"WeatherTrigger in a sandbox: the weather of {wish.start:%d %B %Y} from {wish.start:%H:%M} UTC on, "
            f"{wish.speed:g} times as fast; logs in {logs}"
        )
    return (
        f"WeatherTrigger with real API keys ({', '.join(ground.real_keys)}), in dry run: it works out every change "
        f"and makes none; logs in {logs}"
    )
