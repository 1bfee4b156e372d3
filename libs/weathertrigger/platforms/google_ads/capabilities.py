"""What can be set at Google Ads, under which names, and how much goes into one call."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from weathertrigger.domain.rule import FieldName, Level

MOST_OPERATIONS = 10_000
"""In one mutate; with more Google refuses it (TOO_MANY_MUTATE_OPERATIONS)."""

IDS_PER_SEARCH = 1000
"""Far below the 10,000 rows of one page, so that one search is one answer."""

FIELDS_AT_ONCE = 500
"""One search and one mutate for so many, which a lease is long enough for."""

LEVELS: Mapping[Level, frozenset[FieldName]] = MappingProxyType(
    {
        Level.CAMPAIGN: frozenset({FieldName.STATUS, FieldName.DAILY_BUDGET}),
        Level.AD_GROUP: frozenset({FieldName.STATUS, FieldName.BID}),
        Level.AD: frozenset({FieldName.STATUS}),
        Level.LOCATION: frozenset({FieldName.BID_MODIFIER}),
    }
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of resource on Google's wire: its key in a row of a search, its collection in resource names, its fields
    that can be written, and what is asked of it ({0} takes the ids)."""

    key: str
    collection: str
    fields: Mapping[FieldName, str]
    query: str
    is_named_by_two_ids: bool = False

    @property
    def operation(self) -> str:
        """Its key in a mutate: `campaignOperation`."""
        return f"{self.key}Operation"

    def has_id(self, text: str) -> bool:
        """Whether the text is an id of this kind, `111` or `222~333`."""
        return (_TWO_IDS if self.is_named_by_two_ids else _ONE_ID).fullmatch(text) is not None


_ONE_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_TWO_IDS = re.compile(r"[0-9]{1,19}~[0-9]{1,19}", re.ASCII)
_BUDGET = "campaign_budget.id, campaign_budget.amount_micros, campaign_budget.explicitly_shared, "
_BUDGET += "campaign_budget.reference_count, campaign_budget.status"

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "campaign": Kind(
            "campaign",
            "campaigns",
            {FieldName.STATUS: "status"},
            f"SELECT campaign.id, campaign.status, {_BUDGET} FROM campaign WHERE campaign.id IN ({{0}})",
        ),
        "campaign_budget": Kind(
            "campaignBudget",
            "campaignBudgets",
            {FieldName.DAILY_BUDGET: "amountMicros"},
            f"SELECT {_BUDGET} FROM campaign_budget WHERE campaign_budget.id IN ({{0}})",
        ),
        "ad_group": Kind(
            "adGroup",
            "adGroups",
            {FieldName.STATUS: "status", FieldName.BID: "cpcBidMicros"},
            "SELECT ad_group.id, ad_group.status, ad_group.cpc_bid_micros, campaign.id, campaign.status FROM ad_group "
            "WHERE ad_group.id IN ({0})",
        ),
        "ad": Kind(
            "adGroupAd",
            "adGroupAds",
            {FieldName.STATUS: "status"},
            "SELECT ad_group_ad.resource_name, ad_group_ad.status, ad_group.status, campaign.id, campaign.status "
            "FROM ad_group_ad "
            "WHERE ad_group_ad.resource_name IN ({0})",
            is_named_by_two_ids=True,
        ),
        "location": Kind(
            "campaignCriterion",
            "campaignCriteria",
            {FieldName.BID_MODIFIER: "bidModifier"},
            "SELECT campaign_criterion.resource_name, campaign_criterion.type, campaign_criterion.negative, "
            "campaign_criterion.status, campaign_criterion.bid_modifier, campaign.id, campaign.status "
            "FROM campaign_criterion "
            "WHERE campaign_criterion.resource_name IN ({0})",
            is_named_by_two_ids=True,
        ),
    }
)
"""By the word for it in our names of resources."""


def resource_name(customer: str, kind: Kind, own_id: str) -> str:
    """`customers/1234567890/adGroupAds/222~333`."""
    return f"customers/{customer}/{kind.collection}/{own_id}"
