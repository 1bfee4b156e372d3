"""Every replica plans the day's calls of the weather provider anew, since rules and limits change."""

from weathertrigger.providers.port import WeatherProvider
from weathertrigger.storage.database import Database
from weathertrigger.storage.readings import Ages
from weathertrigger.weather.replan_day import replan_day


class PlanDay:
    """An edit does the same at once; this finds what changed otherwise, a setting for one."""

    def __init__(self, database: Database, provider: WeatherProvider, limit: int, ages: Ages) -> None:
        self._database = database
        self._provider = provider
        self._ages = ages
        self._limit = limit

    def __call__(self) -> None:
        """Keeps the plan; told is who begins to go without."""
        replan_day(self._database, self._provider, self._ages, self._limit)
