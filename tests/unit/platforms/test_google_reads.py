"""What a row of Google Ads means for a bid or a bid modifier."""

from typing import Any

import pytest

from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName
from weathertrigger.errors import Gone, Rejected, ServiceError, Transient
from weathertrigger.http.client import Origin
from weathertrigger.platforms.google_ads.reads import observe
from weathertrigger.platforms.port import Observed

ORIGIN = Origin("google_ads", "google-acme")


def location(**more: object) -> Any:  # Any: JSON
    criterion = {"resourceName": "x", "type": "LOCATION", "negative": False, "status": "ENABLED", **more}
    return {"campaignCriterion": {key: value for key, value in criterion.items() if value is not None}}


def seen(row: Any, resource: str, field: FieldName) -> Observed | ServiceError:  # Any: JSON
    return observe(row, Carrier(resource, field), ORIGIN)


@pytest.mark.parametrize(
    ("told", "value"),
    [
        (1.25, "1.25"),
        (1, "1"),
        (10.0, "10"),
        (0.1, "0.1"),
        (1.2000000476837158, "1.2"),  # what four bytes make of 1.2
        (0.30000001192092896, "0.3"),
        (1.255, "1.255"),  # set by other software: put back as it was
        (None, "1"),
    ],
)
def test_a_bid_modifier_is_the_number_that_was_meant(told: object, value: str) -> None:
    """Semantics 20: equal modifiers are equal texts, or our own would look like a person's; none is 1."""
    assert seen(location(bidModifier=told), "location/1~2", FieldName.BID_MODIFIER) == Observed(value)


@pytest.mark.parametrize(
    ("row", "kind", "words"),
    [
        (location(status="REMOVED"), Gone, "removed"),
        (location(negative=True), Rejected, "an excluded location"),
        (location(type="KEYWORD"), Rejected, "of the type KEYWORD"),
        (location(type=None), Rejected, "of the type None"),
        (location(bidModifier=0), Transient, "cannot be"),
        (location(bidModifier="1.25"), Transient, "cannot be"),
        (location(bidModifier=-1.5), Transient, "cannot be"),
    ],
)
def test_what_has_no_bid_modifier_says_so(row: Any, kind: type[ServiceError], words: str) -> None:  # Any: JSON
    """Only a location that is targeted has one."""
    error = seen(row, "location/111~1006886", FieldName.BID_MODIFIER)
    assert type(error) is kind
    assert str(error).startswith(
        ("location 111~1006886 is ", "Google Ads shows a bid modifier of location 111~1006886")
    )
    assert words in str(error)


@pytest.mark.parametrize("told", [None, "0", 0, "-1", "many"])
def test_an_ad_group_may_have_no_bid(told: object) -> None:
    """Semantics 15: then the bidding strategy of its campaign sets it."""
    error = seen({"adGroup": {"id": "222", "cpcBidMicros": told}}, "ad_group/222", FieldName.BID)
    assert isinstance(error, Rejected)
    assert "its campaign's bidding strategy sets the bids" in str(error)


def test_a_bid_is_micros() -> None:
    """As budgets are."""
    row: Any = {"adGroup": {"id": "222", "cpcBidMicros": "1500000"}}  # Any: JSON
    assert seen(row, "ad_group/222", FieldName.BID) == Observed("1500000")
