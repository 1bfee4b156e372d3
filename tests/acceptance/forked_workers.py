"""Workers of ad-action that are there at once: forked from a process that has everything loaded already.

    python -m tests.acceptance.forked_workers 4

Each line on standard input is an order: `start` forks so many workers, and answers when every one takes messages;
`kill` ends all of them with `kill -9`, and answers when they are gone. The end of the input is the end of all.
"""

import os
import signal
import sys

import dramatiq

from services.ad_action.worker import start


def main() -> None:
    """Obeys until the input ends."""
    workers = int(sys.argv[1])
    pids: list[int] = []
    for number, line in enumerate(sys.stdin):
        if line.strip() == "start":
            pids = [_forked(f"ad-action-{number}-{one}") for one in range(workers)]
        else:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            pids = []
        sys.stdout.write("done\n")
        sys.stdout.flush()


def _forked(name: str) -> int:
    """A worker that takes messages now."""
    ready, said = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _work(name, said)
        finally:
            os._exit(1)
    os.close(said)
    if os.read(ready, 1) != b"!":
        sys.exit("a worker did not start")
    os.close(ready)
    return pid


def _work(name: str, said: int) -> None:
    os.environ["WORKER_ID"] = name
    start()
    broker = dramatiq.get_broker()
    broker.emit_after("process_boot")
    dramatiq.Worker(broker, worker_threads=2, worker_timeout=20).start()
    os.write(said, b"!")
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
