"""`/data/3.0/onecall`: the flat bodies of One Call 3.0, with 61 minutes, 48 hours and 8 days."""

from collections.abc import Callable, Collection
from datetime import datetime, time, timedelta

from services.sandbox.openweather.question import Question
from services.sandbox.openweather.scene import Document, Scene, fallen
from services.sandbox.replay_clock import Moment
from services.sandbox.weather import derived
from services.sandbox.weather.scene import HOUR, NEW_YORK, timestamp

_MINUTES, _HOURS, _DAYS = 61, 48, 8
_DAY_HOURS = 24
_NIGHT, _MORNING, _NOON, _EVENING = 0, 6, 12, 18


def one_call(scene: Scene, question: Question, excluded: Collection[str]) -> Document:
    """The whole answer; parts that were excluded have no key. There are never alerts, so there is never that key."""
    parts: dict[str, Callable[[], object]] = {
        "current": lambda: _current(scene),
        "minutely": lambda: [_minute(scene.later(timedelta(minutes=minute))) for minute in range(_MINUTES)],
        "hourly": lambda: [_hour(scene.later(HOUR * hour)) for hour in range(_HOURS)],
        "daily": lambda: [_day(scene, day) for day in range(_DAYS)],
    }
    return {
        "lat": round(question.latitude, 4),
        "lon": round(question.longitude, 4),
        "timezone": NEW_YORK.key,
        "timezone_offset": scene.utc_offset(),
        **{name: part() for name, part in parts.items() if name not in excluded},
    }


def _current(scene: Scene) -> Document:
    sunrise, sunset = scene.sun()
    amounts = fallen([scene.observation])
    times: Document = {"sunrise": timestamp(sunrise), "sunset": timestamp(sunset)}
    return {**_flat(scene), **times, **{name: {"1h": amount} for name, amount in amounts.items()}}


def _hour(scene: Scene) -> Document:
    amounts = fallen([scene.observation])
    return {
        **_flat(scene),
        "pop": 1 if amounts else 0,
        **{name: {"1h": amount} for name, amount in amounts.items()},
    }


def _minute(scene: Scene) -> Document:
    return {"dt": timestamp(scene.moment.real), "precipitation": round(scene.observation.precipitation, 2)}


def _flat(scene: Scene) -> Document:
    observation = scene.observation
    temperature, feels_like = scene.temperatures()
    document: Document = {
        "dt": timestamp(scene.moment.real),
        "temp": temperature,
        "feels_like": feels_like,
        "pressure": round(observation.pressure),
        "humidity": round(observation.humidity),
        "dew_point": scene.units.temperature(observation.dew_point),
        "uvi": scene.uv_index(),
        "clouds": derived.clouds(observation),
        "visibility": scene.visibility(),
        "wind_speed": scene.units.speed(observation.wind_speed),
        "wind_deg": round(observation.wind_direction),
        "weather": scene.weather(),
    }
    if observation.wind_gust is not None:
        document["wind_gust"] = scene.units.speed(observation.wind_gust)
    return document


def _day(now: Scene, ahead: int) -> Document:
    """The replayed local day that many days ahead; `dt` is its noon on the real clock."""
    midnight = _local_midnight(now, ahead)
    noon = midnight.later(HOUR * _NOON)
    hours = list(midnight.hours(0, _DAY_HOURS))
    sunrise, sunset = noon.sun()
    amounts = fallen(hours)
    windiest = max(hours, key=lambda hour: hour.wind_speed)
    gusts = [hour.wind_gust for hour in hours if hour.wind_gust is not None]
    return {
        "dt": timestamp(noon.moment.real),
        "sunrise": timestamp(sunrise),
        "sunset": timestamp(sunset),
        **_day_temperatures(midnight),
        "pressure": round(noon.observation.pressure),
        "humidity": round(noon.observation.humidity),
        "dew_point": now.units.temperature(noon.observation.dew_point),
        "wind_speed": now.units.speed(windiest.wind_speed),
        "wind_deg": round(windiest.wind_direction),
        **({"wind_gust": now.units.speed(max(gusts))} if gusts else {}),
        "weather": noon.weather(),
        "clouds": derived.clouds(noon.observation),
        "pop": 1 if amounts else 0,
        **amounts,
        "uvi": noon.uv_index(),
    }


def _day_temperatures(midnight: Scene) -> Document:
    named = {"day": _NOON, "night": _NIGHT, "eve": _EVENING, "morn": _MORNING}
    at = {name: midnight.later(HOUR * hour).temperatures() for name, hour in named.items()}
    all_day = [midnight.units.temperature(hour.temperature) for hour in midnight.hours(0, _DAY_HOURS)]
    return {
        "temp": {"min": min(all_day), "max": max(all_day), **{name: pair[0] for name, pair in at.items()}},
        "feels_like": {name: pair[1] for name, pair in at.items()},
    }


def _local_midnight(now: Scene, ahead: int) -> Scene:
    day = now.moment.replay.astimezone(NEW_YORK).date() + timedelta(days=ahead)
    replay = datetime.combine(day, time(), NEW_YORK).astimezone(now.moment.replay.tzinfo)
    return Scene(now.station, Moment(now.moment.real + (replay - now.moment.replay), replay), now.units)
