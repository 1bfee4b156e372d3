"""`/data/2.5/weather` and `/data/2.5/forecast`: the nested bodies of version 2.5."""

from datetime import timedelta

from services.sandbox.openweather.question import Question
from services.sandbox.openweather.scene import Document, Scene, fallen
from services.sandbox.weather import derived
from services.sandbox.weather.scene import timestamp

_STEP = timedelta(hours=3)
_HOURS_OF_STEP = 3
FORECAST_STEPS = 40


def current(scene: Scene, question: Question) -> Document:
    """The weather now."""
    sunrise, sunset = scene.sun()
    return {
        "coord": {"lon": question.longitude, "lat": question.latitude},
        "weather": scene.weather(),
        "base": "stations",
        "main": _main(scene),
        "visibility": scene.visibility(),
        "wind": _wind(scene),
        **{name: {"1h": amount} for name, amount in fallen([scene.observation]).items()},
        "clouds": {"all": derived.clouds(scene.observation)},
        "dt": timestamp(scene.moment.real),
        "sys": {"type": 2, "country": "US", "sunrise": timestamp(sunrise), "sunset": timestamp(sunset)},
        "timezone": scene.utc_offset(),
        "id": scene.station.city_id,
        "name": scene.station.name,
        "cod": 200,
    }


def forecast(scene: Scene, question: Question, count: int) -> Document:
    """The next steps of three hours, the first of them three hours ahead."""
    sunrise, sunset = scene.sun()
    return {
        "cod": "200",
        "message": 0,
        "cnt": count,
        "list": [_step(scene.later(_STEP * step)) for step in range(1, count + 1)],
        "city": {
            "id": scene.station.city_id,
            "name": scene.station.name,
            "coord": {"lat": question.latitude, "lon": question.longitude},
            "country": "US",
            "population": 0,
            "timezone": scene.utc_offset(),
            "sunrise": timestamp(sunrise),
            "sunset": timestamp(sunset),
        },
    }


def _step(scene: Scene) -> Document:
    """`rain` and `snow` are of the three hours that end with this one."""
    amounts = fallen(list(scene.hours(1 - _HOURS_OF_STEP, 1)))
    return {
        "dt": timestamp(scene.moment.real),
        "main": {**_main(scene), "temp_kf": 0},
        "weather": scene.weather(),
        "clouds": {"all": derived.clouds(scene.observation)},
        "wind": _wind(scene),
        "visibility": scene.visibility(),
        "pop": 1 if amounts else 0,
        **{name: {"3h": amount} for name, amount in amounts.items()},
        "sys": {"pod": "d" if scene.is_day() else "n"},
        "dt_txt": f"{scene.moment.real:%Y-%m-%d %H:%M:%S}",
    }


def _main(scene: Scene) -> Document:
    temperature, feels_like = scene.temperatures()
    pressure = round(scene.observation.pressure)
    return {
        "temp": temperature,
        "feels_like": feels_like,
        "temp_min": temperature,
        "temp_max": temperature,
        "pressure": pressure,
        "humidity": round(scene.observation.humidity),
        "sea_level": pressure,
        "grnd_level": pressure,
    }


def _wind(scene: Scene) -> Document:
    observation = scene.observation
    wind: Document = {
        "speed": scene.units.speed(observation.wind_speed),
        "deg": round(observation.wind_direction),
    }
    if observation.wind_gust is not None:
        wind["gust"] = scene.units.speed(observation.wind_gust)
    return wind
