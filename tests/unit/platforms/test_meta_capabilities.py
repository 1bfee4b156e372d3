"""What the Meta adapter says it can do."""

from datetime import timedelta

import pytest

from weathertrigger.domain.change import Carrier, ChangeLimit
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.platforms.meta_ads.capabilities import LEVELS, PARAMETERS, change_limit
from weathertrigger.platforms.meta_ads.reads import FIELDS

FOUR_AN_HOUR = ChangeLimit(4, timedelta(hours=1))


@pytest.mark.parametrize(
    ("resource", "field", "limit"),
    [
        ("ad_set/5", FieldName.DAILY_BUDGET, FOUR_AN_HOUR),
        ("ad_set/5", FieldName.LIFETIME_BUDGET, FOUR_AN_HOUR),
        ("ad_set/5", FieldName.STATUS, None),
        ("ad_set/5", FieldName.BID, None),
        ("campaign/9", FieldName.DAILY_BUDGET, None),
        ("ad/3", FieldName.STATUS, None),
    ],
)
def test_only_the_budget_of_an_ad_set_is_bounded(resource: str, field: FieldName, limit: ChangeLimit | None) -> None:
    """Semantics 24: four changes in an hour."""
    assert change_limit(Carrier(resource, field), FOUR_AN_HOUR.changes) == limit


def test_what_can_be_set_can_be_read_and_has_a_name() -> None:
    """Every field of every level is among what is asked of its kind, under Meta's name for it."""
    assert set(FIELDS) == {level.value for level in LEVELS} == {Level.CAMPAIGN, Level.AD_SET, Level.AD}
    for level, fields in LEVELS.items():
        assert {PARAMETERS[field] for field in fields} <= set(FIELDS[level].split(","))
