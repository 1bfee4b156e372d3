"""What `places search` makes of the places that it is told, and the line that it prints."""

from datetime import timedelta

from hypothesis import example, given

from services.automation_cli.places import distinct, line_of
from tests.strategies import places
from weathertrigger.domain.weather import Place, place_at
from weathertrigger.providers.openweather.geocode import Candidate
from weathertrigger.rule_files.load import load_rules

RULE = """
owner: user-456
rules:
  - id: wet
    {}
    every: 30 min
    when: {{metric: rain, above: 0, unit: mm/h}}
    targets: [{{account: meta-acme, ad_set: "1", set: {{status: enabled}}}}]
"""


@given(places())
@example(place_at(0, 0, name="No", time_zone="UTC"))
@example(place_at(-90, 180, name="1e3"))
@example(place_at(1, 2, name="Saint-Louis: 'Sénégal', {Île} [#1] \\ \"x\" & *y"))
@example(place_at(1, 2, name="x" * 200, time_zone="America/Argentina/ComodRivadavia"))
def test_a_rule_takes_the_line_as_it_is(place: Place) -> None:
    """Whatever the place is called: the very place comes out, in one line."""
    line = line_of(place)
    assert "\n" not in line
    (rule,) = load_rules(RULE.format(line), name="rules.yaml", minimum_interval=timedelta(seconds=1)).rules
    assert rule.place == place


def test_places_of_one_name_at_one_point_are_one() -> None:
    """Less than a kilometre apart they share their weather; the first speaks for them, in its place in the list."""
    first = Candidate("Newark", "New Jersey", "US", 40.735657, -74.1723667)
    near = Candidate("Newark", None, "US", 40.7399, -74.1701)
    other_name = Candidate("Newark Penn Station", "New Jersey", "US", 40.735657, -74.1723667)
    elsewhere = Candidate("Newark", "New Jersey", "US", 40.7460, -74.1723)
    assert distinct([first, near, other_name, elsewhere, near]) == [first, other_name, elsewhere]
    assert distinct([]) == []
