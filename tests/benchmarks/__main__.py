"""`python -m tests.benchmarks`: everything on servers of its own, which are gone afterwards."""

import tempfile
from pathlib import Path

import click
import orjson

from tests.benchmarks.bare_messages import bare_messages_per_second
from tests.benchmarks.fleet import Fleet
from tests.benchmarks.ground import servers, workers
from tests.benchmarks.lateness import measure_lateness
from tests.benchmarks.pipeline import run_all_checks
from tests.benchmarks.report import Report
from tests.benchmarks.run import Run
from tests.benchmarks.table_writes import note_writes, write_alone


@click.command(help=__doc__)
@click.option("--rules", default=50_000, show_default=True, type=click.IntRange(100), help="How many rules.")
@click.option(
    "--places", default=5_000, show_default=True, type=click.IntRange(1), help="How many places they look at."
)
@click.option("--runs", default=3, show_default=True, type=click.IntRange(1, 20), help="Runs to take the median of.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="File for all the numbers.")
def main(*, rules: int, places: int, runs: int, json_file: Path | None) -> None:
    """Measures the engine and both baselines in turn, so that what slows the machine down slows all three."""
    fleet = Fleet(rules, min(places, rules))
    with tempfile.TemporaryDirectory(prefix="weathertrigger-bench-") as directory:
        report = _measure(fleet, runs, Path(directory))
    click.echo(report.page())
    if json_file is not None:
        json_file.write_bytes(orjson.dumps(report.document(), option=orjson.OPT_INDENT_2))


def _measure(fleet: Fleet, runs: int, directory: Path) -> Report:
    with servers(directory) as ground:
        _say(f"filling the tables with {fleet.rules:,} rules")
        fleet.fill(ground.postgres.url)
        measured: list[Run] = []
        messages: list[float] = []
        writes: list[Run] = []
        with workers(ground) as pids:
            _say("first run")
            cold = run_all_checks(ground, fleet, pids)
            batches = note_writes(ground)
            for number in range(runs):
                _say(f"run {number + 1} of {runs}")
                messages.append(bare_messages_per_second(ground))
                writes.append(write_alone(ground, batches, cold.checks))
                measured.append(run_all_checks(ground, fleet, pids))
            _say("lateness")
            claimed, recorded = measure_lateness(ground, fleet)
    return Report(fleet.rules, fleet.places, cold, measured, messages, writes, claimed, recorded)


def _say(what: str) -> None:
    click.echo(f"{what} ...", err=True)


if __name__ == "__main__":
    main()
