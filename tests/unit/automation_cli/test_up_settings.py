"""What `up` reads of the environment before it starts anything."""

import pytest

from services.ad_action.settings import Settings as AdAction
from services.automation_cli.up.settings import UpSettings
from services.rule_evaluator.settings import Settings as RuleEvaluator
from services.scheduler.settings import Settings as Scheduler
from services.weather_fetcher.settings import Settings as WeatherFetcher
from weathertrigger.environment import declarations

_SERVICES = (Scheduler, WeatherFetcher, RuleEvaluator, AdAction)


@pytest.mark.parametrize("settings", _SERVICES, ids=lambda settings: settings.__module__)
def test_whatever_a_service_reads(settings: type[object]) -> None:
    """Is read before: a service whose settings are wrong would end as often as it is started, and say why in a log."""
    read = {setting.name for setting in declarations(UpSettings)}
    assert {setting.name for setting in declarations(settings)} - read == set()
