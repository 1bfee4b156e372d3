"""Plans the day's calls anew from the rules as they are, and tells of places that begin to go without, once."""

from weathertrigger.providers.port import WeatherProvider
from weathertrigger.storage import day_plan
from weathertrigger.storage.database import Database, Transaction
from weathertrigger.storage.notifications import notify
from weathertrigger.storage.readings import Ages
from weathertrigger.weather.day_plan import DayPlan, PlaceNeed, plan_day, starving


def replan_day(database: Database, provider: WeatherProvider, ages: Ages, limit: int) -> DayPlan:
    """The plan, as it is kept from now on."""

    def replan(tx: Transaction) -> DayPlan:
        needs = [PlaceNeed(*row) for row in day_plan.needs(tx)]
        plan = plan_day(needs, provider=provider, ages=ages, limit=limit)
        if newly := day_plan.mark(tx, plan.starved):
            message = starving(plan.service, newly)
            notify(tx, kind="places_starved", subject=plan.service, message=message)
        return plan

    return database.run(replan)
