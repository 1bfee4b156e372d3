"""What a rule is spared by its release and by its hold."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings

from services.automation_cli.backtest.given_weather import GivenWeather
from services.automation_cli.backtest.trying import Saved, try_rule
from tests import strategies
from tests.unit.rules.recorded import HOUR, START, WET, hourly
from weathertrigger.domain.active_hours import ActiveHours, Dates
from weathertrigger.domain.hold import Hold
from weathertrigger.domain.rule import Rule
from weathertrigger.domain.weather import place_at
from weathertrigger.rules.backtest import Span
from weathertrigger.rules.evaluation import MAX_AGE
from weathertrigger.rules.hysteresis import with_release
from weathertrigger.rules.judge import THE_PLACE
from weathertrigger.rules.unreleased import without_release

_RULE = Rule("wet", "user-456", "Wet", place_at(40.69, -74.17), WET, HOUR, ())
_RAIN = [0, 1, 0.3, 1, 0, 1, 0, 0, 0, 0]
_WEATHER = GivenWeather({THE_PLACE: hourly(_RAIN)}, Span(START, START + 10 * HOUR), "made")
_RELEASE, _HOLD = replace(WET, release=0.1), Hold(keep=2 * HOUR)


def saved(rule: Rule) -> tuple[int, Saved]:
    tried = try_rule(rule, _WEATHER, MAX_AGE)
    return tried.trial.flips, tried.saved


def test_what_is_saved() -> None:
    """Semantics 34: flips more without each and without both; None where the rule has no such thing."""
    assert saved(_RULE) == (6, Saved(None, None, None))
    assert saved(replace(_RULE, condition=_RELEASE)) == (4, Saved(by_release=2, by_hold=None, together=2))
    assert saved(replace(_RULE, hold=_HOLD)) == (2, Saved(by_release=None, by_hold=4, together=4))
    both = replace(_RULE, condition=_RELEASE, hold=_HOLD)
    assert saved(both) == (2, Saved(by_release=0, by_hold=2, together=4))


@settings(max_examples=50)
@given(strategies.rules())
def test_a_rule_without_release(rule: Rule) -> None:
    """No leaf has one, and nothing else is another."""
    plain = without_release(rule)
    assert with_release(plain.condition) == ()
    assert replace(plain, condition=rule.condition) == rule
    assert without_release(plain) == plain


def test_a_rule_that_is_never_active() -> None:
    """Its dates are over: a verdict at every check, and never a flip."""
    over = ActiveHours(dates=Dates(last=START.date() - timedelta(days=2)))
    tried = try_rule(replace(_RULE, active=over), _WEATHER, MAX_AGE)
    assert (tried.trial.active, tried.trial.without_verdict, tried.trial.checks) == ((), (), 10)
