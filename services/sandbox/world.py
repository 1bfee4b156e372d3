"""Everything that the imitated APIs share: replayed weather, ad accounts, the clock, ordered faults and the journal."""

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson

from services.sandbox import seeds
from services.sandbox.ad_accounts import AdAccounts
from services.sandbox.faults import Faults
from services.sandbox.google_ads.orders import Orders
from services.sandbox.journal import Journal
from services.sandbox.late import Late
from services.sandbox.meta_ads.circumstances import Circumstances
from services.sandbox.replay_clock import ReplayClock
from services.sandbox.weather.recorded import Station, read_stations
from weathertrigger.clock import Clock, utc_now

_DATA = Path(__file__).parent / "data"
_WEATHER = _DATA / "new_york_hourly_2013.csv.gz"
_ADDED = "entities.jsonl"
SEED = _DATA / "accounts.json"


@dataclass(slots=True)
class World:
    """One imitated outside world, living in one directory.

    `turn` is held while a request is done and journalled, so that the journal's order is the order of effects.
    """

    clock: ReplayClock
    stations: tuple[Station, ...]
    accounts: AdAccounts
    journal: Journal
    directory: Path
    faults: Faults = field(default_factory=Faults)
    late: list[Late] = field(default_factory=list)
    meta: Circumstances = field(default_factory=Circumstances)
    google_ads: Orders = field(default_factory=Orders)
    turn: threading.RLock = field(default_factory=threading.RLock)
    closing: threading.Event = field(default_factory=threading.Event)

    def add_accounts(self, document: object) -> int:
        """Adds entities for good: they are there after a restart too. Gives how many were new.

        Raises:
            UnusableSeed: nothing was added.
        """
        with self.turn:
            added = seeds.take_in(self.accounts, document)
            with (self.directory / _ADDED).open("ab") as file:
                file.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
        return added

    def close(self) -> None:
        """Waits for the request in hand and closes the journal; requests that still wait end unanswered."""
        self.closing.set()
        with self.turn:
            self.journal.close()


def open_world(directory: Path, *, start: datetime, speed: float, accounts: Path = SEED, now: Clock = utc_now) -> World:
    """The world of that directory as it was left, the seed filling in what is not there yet.

    Raises:
        UnusableSeed: the seed file cannot be read.
        DirectoryInUse: another sandbox lives there.
        ImpossibleClock: start or speed cannot be.
        OSError: the directory cannot be made or written.
    """
    clock = ReplayClock(start, speed, now)
    directory.mkdir(parents=True, exist_ok=True)
    journal = Journal(directory / "journal.jsonl")
    try:
        held = AdAccounts()
        for document in (_read_seed(accounts), *_added_before(directory / _ADDED)):
            seeds.take_in(held, document)
        for entry in journal.changes():
            for change in entry["changes"]:
                held.restore(entry["account"], change)
    except BaseException:
        journal.close()
        raise
    return World(clock, read_stations(_WEATHER), held, journal, directory)


def _read_seed(path: Path) -> object:
    try:
        return orjson.loads(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise seeds.UnusableSeed(f"The accounts file {path} cannot be read: {fault}") from None


def _added_before(path: Path) -> Iterable[object]:
    """What was added while it ran. A torn last line was never answered, and is cut off."""
    if not path.exists():
        return []
    text = path.read_bytes()
    whole = text[: text.rfind(b"\n") + 1]
    os.truncate(path, len(whole))
    return [orjson.loads(line) for line in whole.splitlines()]
