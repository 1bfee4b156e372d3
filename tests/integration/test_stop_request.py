"""A request to stop may come at any moment, also in the middle of waiting for it."""

import subprocess
import sys
import threading

from weathertrigger.stop_request import StopRequest

_ROUNDS = 3000
_PROBE = f"""
import random, signal
from weathertrigger.stop_request import StopRequest

for _ in range({_ROUNDS}):
    request = StopRequest()
    signal.signal(signal.SIGALRM, lambda *_: request.ask())
    signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, 2e-4))
    while not request.wait(1e-5):
        pass
print("heard")
"""


def test_a_signal_in_the_middle_of_waiting_is_heard() -> None:
    """The handler asks while the main thread is somewhere in `wait`: with an Event this ends in a deadlock."""
    probe = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True, timeout=60, check=True)
    assert probe.stdout == "heard\n"


def test_who_asks_is_heard_by_all() -> None:
    """From another thread, before and during the wait, and for whoever asks later whether somebody has."""
    request = StopRequest()
    assert not request.wait(0)
    heard = []
    waiting = threading.Thread(target=lambda: heard.append(request.wait(10)))
    waiting.start()
    request.ask()
    waiting.join(10)
    request.ask()
    assert heard == [True]
    assert request.is_asked()
    assert request.wait(10)
