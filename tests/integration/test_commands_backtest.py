"""`automation-cli backtest`: a rule over recorded weather, with and without an installation."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.integration.commands import ROOT, Run, assert_refused
from tests.integration.engine import Engine
from tests.integration.rule_documents import GOOGLE, OWNER, budget, rule
from weathertrigger.domain.weather import Metric

_ALONE = {"DATABASE_URL": "", "REDIS_URL": ""}
_RAINY = (False, True, True, False, True)


def file_of(path: Path, *documents: object) -> str:
    path.write_text(json.dumps({"owner": OWNER, "rules": list(documents)}))
    return str(path)


def weather(path: Path, heading: str = "time,rain") -> str:
    rows = [f"2026-03-01T{hour:02}:00Z,{2 if wet else 0}" for hour, wet in enumerate(_RAINY)]
    path.write_text("\n".join([heading, *rows]))
    return str(path)


def test_a_file_that_is_not_applied(run: Run, tmp_path: Path) -> None:
    """Semantics 34: without any installation, rules that exist only in a file; nothing is changed anywhere."""
    rules = file_of(tmp_path / "rules.json", rule("wet", budget("23848"), every="1 h"), rule("dry"))
    given = ("--weather", weather(tmp_path / "weather.csv"))
    done = run("backtest", rules, *given, "--rule", "wet", "--output", "json", **_ALONE)
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)["rules"]
    assert (told["rule"], told["activations"], told["flips"], told["hours_active"]) == ("wet", 2, 3, _active(told))
    assert (told["checks"], told["hours"], told["weather"]["forecast"]) == (5, 5, None)
    assert told["first_activation"] == told["active"][0]["from"]
    (target,) = told["budget"]
    assert target["budget_hours"] == round(told["hours_active"] * 0.2, 4)
    page = run("backtest", rules, *given, "--rule", "wet", **_ALONE)
    assert [line.split()[:2] for line in page.stdout.splitlines()][:1] == [["rule", "wet"]]
    table = run("backtest", "-", *given, text=Path(rules).read_text(), **_ALONE)
    assert {line.split()[0] for line in table.stdout.splitlines()[3:5]} == {"wet", "dry"}


def test_some_days_of_a_recording(run: Run, tmp_path: Path) -> None:
    """Semantics 34: days of the place, both included; windows still see what was before."""
    wet_yesterday = {"metric": "rain", "at_least": 20, "unit": "mm", "over": {"from": "-24h", "to": 0, "take": "sum"}}
    rules = file_of(tmp_path / "rules.json", rule("wet", every="1 h", when=wet_yesterday))
    rows = [f"2026-03-{hour // 24 + 1:02}T{hour % 24:02}:00Z,{hour // 24 % 2}" for hour in range(24 * 9)]
    csv = tmp_path / "weather.csv"
    csv.write_text("\n".join(["time,rain", *rows]))
    given = ("backtest", rules, "--weather", str(csv), "--output", "json", "--from")
    done = run(*given, "2026-03-07", "--until", "2026-03-08", **_ALONE)
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)["rules"]
    assert (told["from"], told["until"]) == ("2026-03-07T05:00:00+00:00", "2026-03-09T04:00:00+00:00")
    assert (told["hours"], told["hours_without_verdict"]) == (47, 0)  # clocks are put on that Sunday
    assert_refused(run(*given, "2026-04-01", **_ALONE), 2, "weather.csv has 2026-02-28 to 2026-03-09")
    assert_refused(run(*given, "soon", **_ALONE), 2, "'soon'", "%Y-%m-%d")


def test_the_guide(run: Run, tmp_path: Path) -> None:
    """The commands of docs/backtest.md work as they stand there, and the page that it shows is what they print."""
    guide = (ROOT / "docs" / "backtest.md").read_text()
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    lines = re.findall(r"^automation-cli (backtest examples/.*)$", guide, re.MULTILINE)
    assert len(lines) == 2
    table, page = [run(*line.split(), **_ALONE) for line in lines]
    assert {(done.returncode, done.stderr) for done in (table, page)} == {(0, "")}
    assert "".join(f"{row.rstrip()}\n" for row in page.stdout.splitlines()) in guide
    assert (tmp_path / "picture.png").exists()


def _active(told: Any) -> float:  # Any: JSON
    """The slots of a rule lie anywhere in the hour: two hours, and what is left of the last one."""
    minutes = int(told["active"][-1]["from"][14:16]) + float(told["active"][-1]["from"][17:26].split("+")[0]) / 60
    return round(2 + (60 - minutes) / 60, 4)


def test_a_stored_rule_over_stored_readings(engine: Engine, run: Run) -> None:
    """Semantics 34: the readings of the last days, from the first of them on."""
    engine.apply(rule("wet", budget("23848"), every="5 min"))
    for hours, rain in ((4, 0.0), (3, 2.0), (2, 2.0), (1, 0.0)):
        engine.reading({Metric.RAIN: rain}, age=timedelta(hours=hours))
    done = run("backtest", "wet", "--days", "2", "--output", "json")
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)["rules"]
    assert (told["activations"], told["flips"], told["weather"]["observations"]) == (1, 2, 4)
    assert abs(told["hours"] - 4) < 0.2
    assert told["hours_active"] in {2, 2.0833}  # the readings are some milliseconds apart, and a slot may lie between
    assert (engine.executions(), engine.writes()) == ([], [])


def test_what_cannot_be_tried(run: Run, tmp_path: Path) -> None:
    """2 or 3, and one sentence each: no weather or two kinds, no such file or rule, a metric that was not recorded."""
    rules, csv = file_of(tmp_path / "rules.json", rule("wet")), weather(tmp_path / "weather.csv")
    other = weather(tmp_path / "other.csv", "time,temperature")
    often = file_of(tmp_path / "often.json", rule("often", every="1 s"))
    assert_refused(run("backtest", rules, **_ALONE), 2, "Say which weather")
    assert_refused(run("backtest", rules, "--days", "3", "--weather", csv, **_ALONE), 2, "Say which weather")
    assert_refused(run("backtest", rules, "--days", "3", **_ALONE), 2, "Readings are stored in an installation")
    assert_refused(run("backtest", rules, "--weather", csv, "--rule", "no", **_ALONE), 3, "no rule 'no'", "wet")
    assert_refused(run("backtest", "wet", "--weather", csv, **_ALONE), 2, "There is no file 'wet'", "DATABASE_URL")
    assert_refused(run("backtest", "wet", "--weather", csv), 3, "neither a file nor a rule 'wet'")
    assert_refused(run("backtest", "wet", "--rule", "wet", "--weather", csv), 2, "--rule chooses one")
    assert_refused(run("backtest", rules, "--weather", f"north={csv}", **_ALONE), 2, "wet has one place")
    assert_refused(run("backtest", rules, "--weather", csv, "--weather", csv, **_ALONE), 2, "two files")
    assert_refused(
        run("backtest", rules, "--weather", other, **_ALONE), 2, "has no column rain, which wet looks at", "temperature"
    )
    assert_refused(run("backtest", rules, "--weather", rules, **_ALONE), 2, "rules.json, line 1")
    assert_refused(run("backtest", csv, "--weather", csv, **_ALONE), 2, "fault")
    month = tmp_path / "month.csv"
    month.write_text("time,rain\n2026-03-01T00:00Z,0\n2026-03-31T00:00Z,1\n")
    tries = run("backtest", often, "--weather", str(month), MINIMUM_INTERVAL="1", **_ALONE)
    assert_refused(tries, 2, "often is checked every 1 s", "2,597,400 checks; at most 2,000,000")


def test_cases_and_several_places(run: Run, tmp_path: Path) -> None:
    """Semantics 34: a file of weather for each place, by its name; what each case comes to; and a picture of it."""
    document = rule(
        "wet",
        {"account": GOOGLE, "campaign": "111"},
        every="1 h",
        quorum=2,
        places={"north": "40.75,-74.17", "south": "40.60,-74.17"},
        cases=[
            {"when": {"metric": "rain", "above": 5, "unit": "mm/h"}, "set": {"daily_budget": {"change": "+50 %"}}},
            {"when": {"metric": "rain", "above": 1, "unit": "mm/h"}, "set": {"daily_budget": {"change": "+20 %"}}},
        ],
    )
    rules = file_of(tmp_path / "rules.json", {key: document[key] for key in document if key not in ("place", "when")})
    both = [f"{name}={weather(tmp_path / name)}" for name in ("north", "south")]
    done = run(
        "backtest", rules, "--weather", both[0], "--weather", both[1], "--output", "json", "--plot", "a.svg", **_ALONE
    )
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)["rules"]
    assert [(one["case"], one["budget_hours"]) for one in told["budget"]] == [
        (1, 0),
        (2, round(told["hours_active"] * 0.2, 4)),
    ]
    assert told["weather"] == {"source": "north, south", "observations": 10, "implausible_values": 0, "forecast": None}
    assert "case 2: google-acme campaign 111" in (tmp_path / "a.svg").read_text()
    named = "--weather north=FILE.csv --weather south=FILE.csv"
    assert_refused(
        run("backtest", rules, "--weather", both[0].partition("=")[2], **_ALONE), 2, "wet looks at several", named
    )


def test_a_picture(run: Run, tmp_path: Path) -> None:
    """A PNG, or an SVG with the metric, its thresholds, every change and the zone of the place; the same twice."""
    rules = file_of(tmp_path / "rules.json", rule("wet", budget("23848"), every="1 h"))
    given = ("backtest", rules, "--weather", weather(tmp_path / "weather.csv"), "--plot")
    drawn = [tmp_path / name for name in ("picture.PNG", "one.svg", "two.svg")]
    for path in drawn:
        done = run(*given, str(path), **_ALONE)
        assert (done.returncode, done.stderr) == (0, ""), done
    png, one, two = [path.read_bytes() for path in drawn]
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert one == two
    said = re.findall(r"<!-- (.*?) -->", one.decode(), re.DOTALL)
    for words in ("rain", "above 0.5 mm/h", "meta-acme ad_set 23848 daily_budget", "+20 %", "active", "no verdict"):
        assert words in said
    assert "America/New_York; weather.csv" in said


def test_a_picture_that_cannot_be_drawn(run: Run, tmp_path: Path) -> None:
    """2, before anything is tried where that can be known."""
    rules = file_of(tmp_path / "rules.json", rule("wet"), rule("dry"))
    given = ("backtest", rules, "--weather", weather(tmp_path / "weather.csv"), "--plot")
    assert_refused(run(*given, "picture.jpg", **_ALONE), 2, "a name that ends in .png or .svg")
    assert_refused(run(*given, "picture.svg", **_ALONE), 2, "--plot draws one rule")
    nowhere = run(*given, str(tmp_path / "no" / "picture.svg"), "--rule", "wet", **_ALONE)
    assert nowhere.returncode == 2
    assert "picture.svg cannot be written: No such file or directory." in nowhere.stderr


def test_a_place_of_which_nothing_was_stored(engine: Engine, run: Run) -> None:
    """2, and how far back it was looked."""
    engine.apply(rule("wet"))
    assert_refused(run("backtest", "wet", "--days", "3"), 2, "nothing was stored in the last 3 days")
