"""Recorded weather as a CSV file: what it may say, and one clear sentence for what it may not."""

import contextlib
import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.automation_cli.backtest.weather_file import WeatherFile, read_weather_file
from weathertrigger.domain.weather import Metric, WeatherKind
from weathertrigger.errors import UsageError

_HEADER = "time,temperature,rain"
_ROW = "2026-03-01T14:00Z,12.5,0.4"


def read(tmp_path: Path, text: str | bytes) -> WeatherFile:
    path = tmp_path / "weather.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_weather_file(path)


def test_what_a_file_says(tmp_path: Path) -> None:
    """Metrics in any unit, yes and no, kinds of weather; columns of other names are left out."""
    text = (
        "\ufeffstation,time,temperature (F),wind_gust (km/h),humidity (%),is_day,condition\r\n"
        "EWR,2026-03-01T14:00:00-05:00,77,36,40,true,rain+mist\r\n"
        "\r\n"
        "EWR,2026-03-01 20:00Z,NA,,1e1,False, snow \r\n"
    )
    file = read(tmp_path, text)
    first, second = file.readings
    assert first.observed_at == datetime(2026, 3, 1, 19, tzinfo=UTC)
    assert first.values == {
        Metric.TEMPERATURE: pytest.approx(25),
        Metric.WIND_GUST: pytest.approx(10),
        Metric.HUMIDITY: 40,
        Metric.IS_DAY: True,
        Metric.CONDITION: (WeatherKind.RAIN, WeatherKind.MIST),
    }
    assert second.values == {Metric.HUMIDITY: 10, Metric.IS_DAY: False, Metric.CONDITION: (WeatherKind.SNOW,)}
    assert file.metrics == set(first.values)


def test_precipitation_is_rain_and_snow(tmp_path: Path) -> None:
    """Semantics 5: where both are recorded and their sum is not."""
    file = read(tmp_path, "time,rain,snow\n2026-03-01T14:00Z,0.5,0.25\n2026-03-01T15:00Z,0.5,\n")
    assert [one.values.get(Metric.PRECIPITATION) for one in file.readings] == [0.75, None]
    assert Metric.PRECIPITATION in file.metrics
    given_too = read(tmp_path, "time,rain,snow,precipitation\n2026-03-01T14:00Z,0.5,0.25,2\n")
    assert given_too.readings[0].values[Metric.PRECIPITATION] == 2


def test_what_cannot_be_is_unknown(tmp_path: Path) -> None:
    """Semantics 3: a wind of 1,048 mph is discarded, and the rest of its line stands."""
    file = read(tmp_path, "time,wind_speed (mph),rain\n2026-03-01T14:00Z,1048.36,0\n")
    assert file.readings[0].values == {Metric.RAIN: 0}
    assert file.readings[0].discarded == {Metric.WIND_SPEED: pytest.approx(468.66, abs=0.01)}


def test_a_packed_file(tmp_path: Path) -> None:
    """gzip is known by its first bytes."""
    assert (
        read(tmp_path, gzip.compress(f"{_HEADER}\n{_ROW}\n".encode())).readings
        == read(tmp_path, f"{_HEADER}\n{_ROW}\n").readings
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: one column must be called time"),
        (f"{_HEADER}\n", "line 1: there is no observation"),
        ("temperature,rain\n1,2\n", "line 1: one column must be called time; there is 'temperature', 'rain'"),
        ("time;rain\n", "line 1: one column must be called time (columns are separated by commas)"),
        ("time,time\n", "line 1: one column must be called time"),
        ("time,rain,rain (in/h)\n", "line 1: two columns are rain"),
        ("time,rain (mph)\n", "line 1: 'mph' is no unit of rain; use mm/h or in/h"),
        ("time,is_day (C)\n", "line 1: 'C' is no unit of is_day; it is not a number"),
        (f"{_HEADER}\n2026-03-01T14:00Z,12.5\n", "line 2: there are 2 cells and 3 columns"),
        (f"{_HEADER}\n2026-03-01T14:00Z,12,5,0.4\n", "line 2: there are 4 cells and 3 columns"),
        (f"{_HEADER}\n{_ROW}\n{_ROW}\n", "line 3: 2026-03-01T14:00Z is not later than the line before"),
        (f"{_HEADER}\n{_ROW}\n2026-03-01T15:00+02:00,1,1\n", "line 3: 2026-03-01T15:00+02:00 is not later"),
        (f"{_HEADER}\nyesterday,1,1\n", "line 2: 'yesterday' is no time; write it as 2026-03-01T14:00Z"),
        (f"{_HEADER}\n2026-02-30T14:00Z,1,1\n", "line 2: '2026-02-30T14:00Z' is no time"),
        (f"{_HEADER}\n0001-01-01T00:00+14:00,1,1\n", "is no time"),
        (f"{_HEADER}\n2026-03-01T14:00,1,1\n", "line 2: '2026-03-01T14:00' does not say in which zone"),
        (f"{_HEADER}\n2026-03-01T14:00Z,warm,1\n", "line 2: temperature: 'warm' is no number"),
        (f"{_HEADER}\n2026-03-01T14:00Z,nan,1\n", "line 2: temperature: 'nan' is no number"),
        (f"{_HEADER}\n2026-03-01T14:00Z,1e400,1\n", "line 2: temperature: '1e400' is no number"),
        (f"{_HEADER}\n2026-03-01T14:00Z,1_0,1\n", "line 2: temperature: '1_0' is no number"),
        ("time,is_day\n2026-03-01T14:00Z,1\n", "line 2: is_day: '1' is neither true nor false"),
        (
            "time,condition\n2026-03-01T14:00Z,rein\n",
            "line 2: condition: 'rein' is no kind of weather; did you mean rain?",
        ),
        (f'{_HEADER}\n"2026,1\n', "this is not CSV"),
        (b"time,rain\n2026-03-01T14:00Z,\xff\n", "line 2: this is not UTF-8 text"),
        (b"\x1f\x8b" + b"broken" * 9, "cannot be unpacked"),
        (gzip.compress(b"time,rain\n", mtime=0)[:-9], "cannot be unpacked"),
    ],
)
def test_a_fault(tmp_path: Path, text: str | bytes, said: str) -> None:
    """One sentence with the line."""
    with pytest.raises(UsageError) as refusal:
        read(tmp_path, text)
    assert said in str(refusal.value)
    assert str(refusal.value).startswith("weather.csv")
    assert str(refusal.value).endswith(".")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Nor a directory is one."""
    with pytest.raises(UsageError, match=r"^There is no file '.*nowhere.csv'\.$"):
        read_weather_file(tmp_path / "nowhere.csv")
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_weather_file(tmp_path)


_cells = st.sampled_from(["", "NA", "1", "-2.5", "x", "true", "rain", "2026-03-01T14:00Z", "2026-03-01T15:00Z", "time"])
_tables = st.lists(st.lists(_cells, min_size=1, max_size=4).map(",".join), max_size=5).map("\n".join)


@settings(max_examples=200)
@given(
    st.binary(max_size=80) | _tables.map(lambda rows: f"time,rain,is_day\n{rows}".encode()) | _tables.map(str.encode)
)
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Readings in the order of time, or one sentence: never another error."""
    with contextlib.suppress(UsageError):
        times = [one.observed_at for one in read(tmp_path_factory.getbasetemp(), content).readings]
        assert times == sorted(set(times)) != []
