"""`automation-cli places`: finding a place for a rule, and the places that rules look at."""

import json
from collections.abc import Sequence

import click

from services.automation_cli.command_group import CommandGroup
from services.automation_cli.connections import Settings, database_here, read_cli_settings
from services.automation_cli.output import Row, output_option, show, show_one
from services.automation_cli.outside_world import connect_gate
from services.automation_cli.refusals import SeveralPlaces
from services.automation_cli.watching import watch_option
from weathertrigger.domain.weather import Place, place_at
from weathertrigger.errors import NotThere, SettingsError, UsageError
from weathertrigger.providers.openweather.connection import NAME, connect
from weathertrigger.providers.openweather.geocode import Candidate, find_places
from weathertrigger.storage import places as storage
from weathertrigger.storage.database import Row as Listed
from weathertrigger.time_zones import time_zone_at

_COLUMNS = ("id", "name", "time_zone", "rules", "enabled", "provider", "age", "starved")
_LONGEST_NAME = 200
_MOST_PARTS = 3


@click.group(cls=CommandGroup)
def places() -> None:
    """Places: search for one by its name, list those that rules look at."""


@places.command()
@click.argument("name")
@output_option
def search(name: str, output: str) -> None:
    """Find the place NAME and print the line by which a rule names it.

    NAME is a city; with its country, as two letters, it is found more surely; in the United States with its state, as
    two letters, too: "Newark", "Lisbon, PT", "Newark, NJ, US". OpenWeather is asked, which counts as a call and is
    held back as any other.
    """
    settings = read_cli_settings()
    found = distinct(_ask(settings, _checked(name)))
    if not found:
        raise NotThere(f"OpenWeather knows no place {name!r}; the form is City, or City, Country, or City, State, US.")
    if len(found) > 1:
        raise SeveralPlaces(_which(name, found))
    _show(found[0], output)


@places.command("list")
@watch_option
@output_option
def list_places(output: str) -> None:
    """List the places with their rules and the age of their newest weather, from north to south.

    `enabled`: so many of the rules are checked. `starved`: the day's calls do not reach for this place, because rules
    of others go before.
    """
    with database_here().transaction() as tx:
        rows = [_row(one) for one in storage.listed(tx)]
    show(rows, output=output, columns=_COLUMNS, empty="There are no places; a rule brings its own with `apply FILE`.")


def _checked(name: str) -> str:
    if not name.strip(" ,") or len(name) > _LONGEST_NAME or not name.isprintable():
        raise UsageError(f"{name!r} is no name of a place.")
    if name.count(",") >= _MOST_PARTS:
        raise UsageError(f"{name!r} has too many commas; write City, or City, Country, or City, State, US.")
    return name


def _ask(settings: Settings, name: str) -> list[Candidate]:
    if settings.openweather_api_key is None:
        raise SettingsError(["OPENWEATHER_API_KEY is not set, and OpenWeather finds no place without it"])
    connection = connect({"api_key": settings.openweather_api_key, "base_url": settings.openweather_url})
    with connect_gate(settings, NAME).admit():
        return find_places(connection, name)


def distinct(found: Sequence[Candidate]) -> list[Candidate]:
    """Those that differ in name or in the point whose weather stands for them; of equal ones the first."""
    firsts: dict[tuple[str, str], Candidate] = {}
    for one in found:
        firsts.setdefault((_place(one).id, one.name), one)
    return list(firsts.values())


def _place(candidate: Candidate) -> Place:
    """The grid point whose weather stands for it."""
    time_zone = time_zone_at(candidate.latitude, candidate.longitude)
    return place_at(candidate.latitude, candidate.longitude, name=candidate.name, time_zone=time_zone)


def _which(name: str, candidates: Sequence[Candidate]) -> str:
    lines = [f"{number}. {_spoken(one)}: {_place(one).id}" for number, one in enumerate(candidates, 1)]
    advice = (
        "Say which: with the country's two letters (Paris, FR), in the United States with the state's too (Paris, TX, "
        'US); or write the coordinates into the rule: place: "' + _place(candidates[0]).id + '".'
    )
    return "\n".join([f"{len(candidates)} places are called {name!r}:", *lines, advice])


def _spoken(candidate: Candidate) -> str:
    return ", ".join(part for part in (candidate.name, candidate.state, candidate.country) if part)


def line_of(place: Place) -> str:
    """The place as a line of a rules file, however long: it is there to be copied."""
    # What JSON puts in quotes, YAML reads as the same text, whatever it looks like without.
    pairs = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in _document(place).items()]
    return f"place: {{{', '.join(pairs)}}}"


def _document(place: Place) -> dict[str, object]:
    """The place as a rule names it."""
    more = {"name": place.name, "timezone": place.time_zone}
    return {
        "latitude": place.latitude,
        "longitude": place.longitude,
        **{key: value for key, value in more.items() if value is not None},
    }


def _show(candidate: Candidate, output: str) -> None:
    place = _place(candidate)
    row: Row = {
        "name": place.name,
        "state": candidate.state,
        "country": candidate.country,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "time_zone": place.time_zone,
    }
    if output == "json":
        show_one({**row, "place": _document(place)}, output=output)
        return
    show_one(row, output=output)
    click.echo(f"\n{line_of(place)}")


def _row(one: Listed) -> Row:
    age = None if one.observed_at is None else one.clock - one.observed_at
    return {
        "id": one.id,
        "name": one.name,
        "latitude": one.latitude,
        "longitude": one.longitude,
        "time_zone": one.time_zone,
        "rules": one.rules,
        "enabled": one.enabled,
        "provider": one.provider,
        "age": None if age is None else str(age).split(".", maxsplit=1)[0],
        "age_seconds": None if age is None else round(age.total_seconds(), 1),
        "observed_at": one.observed_at,
        "fetched_at": one.fetched_at,
        "starved": one.starved,
    }
