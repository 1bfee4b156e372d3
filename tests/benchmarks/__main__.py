"""`python -m tests.benchmarks`: everything on servers of its own, which are gone afterwards."""

import tempfile
from collections.abc import Collection, Iterator
from enum import StrEnum
from pathlib import Path

import click
import orjson

from tests.benchmarks.backtest import measure_backtest
from tests.benchmarks.bell_costs import measure_bell_costs
from tests.benchmarks.dispatch import measure_dispatch
from tests.benchmarks.evaluation import measure_evaluation
from tests.benchmarks.fleet import Fleet
from tests.benchmarks.ground import servers, workers
from tests.benchmarks.lateness import measure_lateness
from tests.benchmarks.reading_size import measure_reading_size
from tests.benchmarks.report import Report
from tests.benchmarks.section import Section
from tests.benchmarks.throughput import measure_throughput


class Part(StrEnum):
    """What can be measured alone."""

    SCHEDULE = "schedule"
    THROUGHPUT = "throughput"
    LATENESS = "lateness"
    WEATHER = "weather"
    EVALUATION = "evaluation"


@click.command(help=__doc__)
@click.option("--rules", default=50_000, show_default=True, type=click.IntRange(100), help="How many rules.")
@click.option(
    "--places", default=5_000, show_default=True, type=click.IntRange(1), help="How many places they look at."
)
@click.option("--runs", default=3, show_default=True, type=click.IntRange(1, 20), help="Runs to take the median of.")
@click.option(
    "--only",
    type=click.Choice([part.value for part in Part]),
    multiple=True,
    help="Only this part; may be given more than once.",
)
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="File for all the numbers.")
def main(*, rules: int, places: int, runs: int, only: tuple[str, ...], json_file: Path | None) -> None:
    """Measures on one ground, the parts that need a quiet one first."""
    fleet = Fleet(rules, min(places, rules))
    with tempfile.TemporaryDirectory(prefix="weathertrigger-bench-") as directory:
        report = Report(fleet, list(_measure(fleet, runs, {Part(one) for one in only or Part}, Path(directory))))
    click.echo(report.page())
    if json_file is not None:
        json_file.write_bytes(orjson.dumps(report.document(), option=orjson.OPT_INDENT_2))


def _measure(fleet: Fleet, runs: int, parts: Collection[Part], directory: Path) -> Iterator[Section]:
    if Part.EVALUATION in parts:
        _say("evaluation")
        yield measure_evaluation()
        yield measure_backtest()
    if not set(parts) - {Part.EVALUATION}:
        return
    with servers(directory) as ground:
        _say(f"filling the tables with {fleet.rules:,} rules")
        fleet.fill(ground.postgres.url)
        if Part.SCHEDULE in parts:
            _say("schedule")
            yield measure_dispatch(ground, fleet, runs)
            yield measure_bell_costs(ground)
        if Part.WEATHER in parts:
            _say("weather")
            yield measure_reading_size(ground)
        if not set(parts) - {Part.EVALUATION, Part.SCHEDULE, Part.WEATHER}:
            return
        with workers(ground) as pids:
            if Part.THROUGHPUT in parts:
                _say("throughput")
                yield measure_throughput(ground, fleet, pids, runs)
            if Part.LATENESS in parts:
                _say("lateness")
                yield measure_lateness(ground, fleet)


def _say(what: str) -> None:
    click.echo(f"{what} ...", err=True)


if __name__ == "__main__":
    main()
