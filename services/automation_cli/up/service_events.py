"""What happens to the processes of `up`, in sentences and counts."""

from collections import Counter
from collections.abc import Iterable, Iterator

from services.automation_cli.up.supervisor import Event, Happened


class ServiceEvents:
    """Takes the supervisors' events in; knows who runs, and who was started again how often."""

    def __init__(self) -> None:
        self.restarts: Counter[str] = Counter()
        self._running: set[str] = set()
        self._ended: dict[str, int | None] = {}

    @property
    def running(self) -> int:
        """How many processes run."""
        return len(self._running)

    def sentences(self, events: Iterable[Event]) -> Iterator[str]:
        """A sentence for each event that a person wants to know of."""
        for event in events:
            if sentence := self._sentence(event):
                yield sentence

    def _sentence(self, event: Event) -> str | None:
        match event.happened:
            case Happened.STARTED:
                self._running.add(event.service)
                again = " again" if self.restarts[event.service] else ""
                return f"{event.service} runs{again} (process {event.pid})"
            case Happened.ENDED:
                self._running.discard(event.service)
                self._ended[event.service] = event.code
            case Happened.RESTARTING:
                self.restarts[event.service] += 1
                how = _how(self._ended.get(event.service))
                return f"{event.service} ended{how}, starts again {_in(event.wait_s)}"
        return None


def _in(wait_s: float | None) -> str:
    return f"in {wait_s:.1f} s" if wait_s else "now"


def _how(code: int | None) -> str:
    if code is None:
        return ""
    if code >= 0:
        return f" (exit code {code})"
    return f" (killed by signal {-code})"
