"""A rainy day as an oracle sees it: 8 August 2013 (local time) at Newark and JFK, three spells of rain and dry hours.

The rules stand twice in here: as a user writes them, and as a plain loop over the recorded weather that says what the
ad platforms must see. The loop shares no code with the engine or with the sandbox, its conversions of units included.
"""

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

HOURS = [datetime(2013, 8, 8, 4, tzinfo=UTC) + timedelta(hours=hour) for hour in range(24)]
NEWARK = "40.69,-74.17"
META, GOOGLE = "act_1001", "1234567890"
BASELINE, RAISED = "51250000", "61500000"  # 51.25 USD in micros, and 20 % more to the last of them

RULES = """
owner: user-456
rules:
  - id: umbrellas
    name: Umbrellas while it rains in Newark
    place: "40.69,-74.17"
    every: 1 s
    when: {metric: rain, above: 0, unit: mm/h}
    mode: live
    targets:
      - {account: meta-acme, ad_set: "23847", set: {status: enabled}, otherwise: {status: paused}}
  - id: umbrella-budget
    name: 20 % more for umbrellas while it rains in Newark
    place: "40.69,-74.17"
    every: 1 s
    when: {metric: rain, above: 0, unit: mm/h}
    mode: live
    targets:
      - {account: google-acme, campaign: "111", set: {daily_budget: {change: +20 %, max: 80.00 USD}}}
  - id: rain-jackets
    name: Rain jackets in a downpour or a dry wind
    place: "40.69,-74.17"
    every: 1 s
    when:
      any:
        - {metric: rain, above: 2, unit: mm/h}
        - all:
            - {metric: wind_speed, above: 20, unit: km/h}
            - not: {metric: condition, in: [rain, drizzle]}
    mode: live
    targets:
      - {account: meta-acme, ad_set: "23849", set: {status: enabled}, otherwise: baseline}
  - id: snow-shovels
    name: Snow shovels in the frost, of which there is none in August
    place: "40.69,-74.17"
    every: 1 s
    when: {metric: temperature, below: 32, unit: F}
    mode: live
    targets:
      - {account: meta-acme, ad_set: "23868", set: {status: enabled, daily_budget: 55.00 USD}}
  - id: lemonade
    name: Lemonade on warm and dry hours at JFK
    place: "40.64,-73.78"
    every: 1 s
    when:
      all:
        - {metric: temperature, at_least: 75, unit: F}
        - {metric: rain, at_most: 0, unit: mm/h}
    mode: live
    targets:
      - {account: google-acme, campaign: "112", set: {status: enabled}}
"""
NEVER = "snow-shovels"
SHARING_NEWARK = ("umbrellas", "umbrella-budget", "rain-jackets", "snow-shovels")


@dataclass(frozen=True, slots=True, order=True)
class Write:
    """One value that a platform was given in one replayed hour, in the words of its own API."""

    hour: datetime
    account: str
    resource: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Hour:
    rain_mm: float
    fahrenheit: float
    wind_km_h: float


def expected_writes(recorded: Path) -> list[Write]:
    """What the ad platforms must see on that day, and nothing else."""
    newark, jfk = _hours(recorded, "EWR"), _hours(recorded, "JFK")
    raining = [hour.rain_mm > 0 for hour in newark]
    stormy = [hour.rain_mm > 2 or (hour.wind_km_h > 20 and hour.rain_mm == 0) for hour in newark]
    pleasant = [hour.fahrenheit >= 75 and hour.rain_mm == 0 for hour in jfk]
    return sorted(
        [
            *_writes(raining, (META, "ad_set/23847", "status"), "PAUSED", "ACTIVE"),
            *_writes(raining, (GOOGLE, "campaign_budget/444", "daily_budget"), BASELINE, RAISED),
            *_writes(stormy, (META, "ad_set/23849", "status"), "PAUSED", "ACTIVE"),
            *_writes(pleasant, (GOOGLE, "campaign/112", "status"), "PAUSED", "ENABLED"),
        ]
    )


def _writes(active: Sequence[bool], field: tuple[str, str, str], rest: str, acting: str) -> list[Write]:
    writes = []
    now = rest
    for hour, is_active in zip(HOURS, active, strict=True):
        wanted = acting if is_active else rest
        if wanted != now:
            writes.append(Write(hour, *field, now, wanted))
        now = wanted
    return writes


def _hours(recorded: Path, station: str) -> list[_Hour]:
    with gzip.open(recorded, "rt", encoding="ascii") as file:
        rows = {row["time_hour"]: row for row in csv.DictReader(file) if row["origin"] == station}
    day = [rows[f"{hour:%Y-%m-%dT%H:%M:%SZ}"] for hour in HOURS]
    return [_Hour(float(row["precip"]) * 25.4, float(row["temp"]), float(row["wind_speed"]) * 1.609344) for row in day]
