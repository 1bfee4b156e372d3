"""`python -m services.sandbox`: serves the imitated outside world until it is told to stop."""

import signal
import sys
import threading
from datetime import datetime
from pathlib import Path

import click

from services.sandbox.app import create_app
from services.sandbox.journal import DirectoryInUse
from services.sandbox.replay_clock import ImpossibleClock
from services.sandbox.seeds import UnusableSeed
from services.sandbox.server import PortInUse, Server
from services.sandbox.world import SEED, World, open_world
from weathertrigger.stop_request import StopRequest

_START = "2013-06-01T00:00"


@click.command(help=__doc__)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=0, show_default="a free one", type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Directory of the journal and the state.")
@click.option("--speed", default=1.0, show_default=True, help="Replayed seconds in a real one; 1440: a day a minute.")
@click.option("--start", default=_START, show_default=True, help="Where in 2013 the replay starts (UTC).")
@click.option("--accounts", default=SEED, type=click.Path(path_type=Path), help="Ad accounts of a fresh sandbox.")
def main(*, host: str, port: int, data: Path, speed: float, start: str, accounts: Path) -> None:
    """Composition root."""
    stop = StopRequest()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.ask())
    try:
        world = open_world(data, start=_time(start), speed=speed, accounts=accounts)
        server = Server(host, port, create_app(world))
    except (PortInUse, DirectoryInUse, UnusableSeed, ImpossibleClock, OSError) as fault:
        click.echo(f"sandbox: {fault}", err=True)
        sys.exit(1)
    click.echo(f"sandbox ready on http://{host}:{server.port}")
    _serve_until(stop, server, world)


def _serve_until(stop: StopRequest, server: Server, world: World) -> None:
    serving = threading.Thread(target=server.serve_forever, args=(0.05,))
    serving.start()
    stop.wait()
    server.shutdown()
    serving.join()
    world.close()


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ImpossibleClock(f"--start {text!r} is not a time like 2013-06-01T00:00.") from None


if __name__ == "__main__":
    main()
