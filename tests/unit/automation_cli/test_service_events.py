"""What happens to a process becomes a sentence that a person understands."""

from services.automation_cli.up.service_events import ServiceEvents
from services.automation_cli.up.supervisor import Event, Happened

_STARTED = Event("scheduler", Happened.STARTED, pid=7)


def test_a_death_is_said_with_its_cause_and_the_return() -> None:
    """One sentence for the death, with the signal and the wait, and one for the return, with the new process."""
    events = ServiceEvents()
    killed = Event("scheduler", Happened.ENDED, pid=7, code=-9)
    again = Event("scheduler", Happened.RESTARTING, wait_s=0.2)
    assert list(events.sentences([_STARTED, killed, again])) == [
        "scheduler runs (process 7)",
        "scheduler ended (killed by signal 9), starts again in 0.2 s",
    ]
    assert events.running == 0
    assert list(events.sentences([Event("scheduler", Happened.STARTED, pid=8)])) == ["scheduler runs again (process 8)"]
    assert events.running == 1
    assert events.restarts == {"scheduler": 1}


def test_an_exit_code_is_said() -> None:
    """A service that ended by itself says how."""
    events = ServiceEvents()
    ended = [Event("scheduler", Happened.ENDED, code=2), Event("scheduler", Happened.RESTARTING, wait_s=5)]
    assert list(events.sentences(ended)) == ["scheduler ended (exit code 2), starts again in 5.0 s"]


def test_an_end_that_was_asked_for_is_no_news() -> None:
    """When `up` stops, its services end, and nobody needs to be told."""
    events = ServiceEvents()
    list(events.sentences([_STARTED]))
    assert list(events.sentences([Event("scheduler", Happened.ENDED, pid=7, code=0)])) == []
    assert events.restarts == {}
