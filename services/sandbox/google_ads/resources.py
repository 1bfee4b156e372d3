"""What can be read of a customer, a campaign, its budget and locations, an ad group and an ad: one flat table of GAQL
fields for each.

Values are as protobuf's JSON writes them: int64 as text, enums by name. A value of None is not in the answer.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from services.sandbox.ad_accounts import Account, Entity

COLLECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "campaign": "campaigns",
        "ad_group": "adGroups",
        "ad": "adGroupAds",
        "campaign_budget": "campaignBudgets",
        "location": "campaignCriteria",
    }
)
"""Kind of entity -> the collection in its resource name."""

Row = dict[str, object]
"""GAQL field (`campaign.id`) -> value."""


def resource_name(account: Account, resource: str) -> str:
    """`customers/1234567890/adGroupAds/222~333` for `ad/222~333`."""
    kind, _, entity_id = resource.partition("/")
    return f"customers/{account.id}/{COLLECTIONS[kind]}/{entity_id}"


def _customer(account: Account) -> Row:
    return {
        "customer.resource_name": f"customers/{account.id}",
        "customer.id": account.id,
        "customer.descriptive_name": account.name,
        "customer.currency_code": account.currency,
        "customer.time_zone": account.time_zone,
        "customer.status": account.status or "ENABLED",
    }


def _campaign(account: Account, campaign: Entity) -> Row:
    return {
        "campaign.resource_name": resource_name(account, campaign.resource),
        "campaign.id": campaign.id,
        "campaign.name": campaign.name,
        "campaign.status": campaign.values["status"],
        "campaign.primary_status": _primary(campaign),
        "campaign.primary_status_reasons": _reasons("CAMPAIGN", campaign),
        "campaign.serving_status": "SERVING" if campaign.values["status"] == "ENABLED" else "NONE",
        "campaign.campaign_budget": resource_name(account, campaign.budget or ""),
    }


def _budget(account: Account, budget: Entity) -> Row:
    spenders = [spender for spender in account.inside(budget.resource) if spender.values["status"] != "REMOVED"]
    return {
        "campaign_budget.resource_name": resource_name(account, budget.resource),
        "campaign_budget.id": budget.id,
        "campaign_budget.name": budget.name,
        "campaign_budget.amount_micros": budget.values["daily_budget"],
        "campaign_budget.explicitly_shared": budget.explicitly_shared,
        "campaign_budget.reference_count": str(len(spenders)),
        "campaign_budget.period": "DAILY",
        "campaign_budget.status": budget.values.get("status", "ENABLED"),
        "campaign_budget.delivery_method": "STANDARD",
    }


def _ad_group(account: Account, ad_group: Entity) -> Row:
    return {
        "ad_group.resource_name": resource_name(account, ad_group.resource),
        "ad_group.id": ad_group.id,
        "ad_group.name": ad_group.name,
        "ad_group.status": ad_group.values["status"],
        "ad_group.primary_status": _primary(ad_group),
        "ad_group.primary_status_reasons": _reasons("AD_GROUP", ad_group),
        "ad_group.campaign": resource_name(account, ad_group.parent or ""),
        "ad_group.cpc_bid_micros": ad_group.values.get("cpc_bid_micros"),
    }


def _ad(account: Account, ad: Entity) -> Row:
    ad_id = ad.id.partition("~")[2]
    return {
        "ad_group_ad.resource_name": resource_name(account, ad.resource),
        "ad_group_ad.status": ad.values["status"],
        "ad_group_ad.primary_status": _primary(ad),
        "ad_group_ad.primary_status_reasons": _reasons("AD_GROUP_AD", ad),
        "ad_group_ad.ad_group": resource_name(account, ad.parent or ""),
        "ad_group_ad.ad.resource_name": f"customers/{account.id}/ads/{ad_id}",
        "ad_group_ad.ad.id": ad_id,
        "ad_group_ad.ad.name": ad.name,
    }


def _location(account: Account, location: Entity) -> Row:
    criterion_id = location.id.partition("~")[2]
    modifier = location.values.get("bid_modifier")
    return {
        "campaign_criterion.resource_name": resource_name(account, location.resource),
        "campaign_criterion.campaign": resource_name(account, location.parent or ""),
        "campaign_criterion.criterion_id": criterion_id,
        "campaign_criterion.display_name": location.name,
        "campaign_criterion.type": "LOCATION",
        "campaign_criterion.negative": False,
        "campaign_criterion.status": location.values["status"],
        "campaign_criterion.bid_modifier": None if modifier is None else float(modifier),
        "campaign_criterion.location.geo_target_constant": f"geoTargetConstants/{criterion_id}",
    }


def _primary(entity: Entity) -> str:
    return {"ENABLED": "ELIGIBLE"}.get(entity.values["status"], entity.values["status"])


def _reasons(prefix: str, entity: Entity) -> list[str]:
    status = entity.values["status"]
    return [] if status == "ENABLED" else [f"{prefix}_{status}"]


def _row_of(account: Account, entity: Entity) -> Row:
    """The entity with everything above it that a query FROM it may select."""
    tables: Mapping[str, Callable[[Account, Entity], Row]] = {
        "campaign": _campaign,
        "campaign_budget": _budget,
        "ad_group": _ad_group,
        "ad": _ad,
        "location": _location,
    }
    row = tables[entity.kind](account, entity)
    if entity.kind == "campaign" and entity.budget:
        row |= _budget(account, account.entities[entity.budget])
    parent = account.parent_of(entity)
    return row | (_row_of(account, parent) if parent else _customer(account))


_KINDS = {
    "campaign": "campaign",
    "campaign_budget": "campaign_budget",
    "ad_group": "ad_group",
    "ad_group_ad": "ad",
    "campaign_criterion": "location",
}
RESOURCES = frozenset({"customer", *_KINDS})
"""What a query can select FROM."""


def rows(account: Account, resource: str) -> list[Row]:
    """Every row of a resource of `RESOURCES`, removed entities too, as in Google's own answers."""
    if resource == "customer":
        return [_customer(account)]
    return [_row_of(account, entity) for entity in account.of_kind(_KINDS[resource])]


_SAMPLE = Account("google_ads", "0", "", "USD", "UTC")
_SAMPLE.add(Entity("0", "campaign_budget/0", {"daily_budget": "0"}))
_SAMPLE.add(Entity("0", "campaign/0", {"status": "ENABLED"}, budget="campaign_budget/0"))
_SAMPLE.add(Entity("0", "ad_group/0", {"status": "ENABLED"}, parent="campaign/0"))
_SAMPLE.add(Entity("0", "ad/0~0", {"status": "ENABLED"}, parent="ad_group/0"))
_SAMPLE.add(Entity("0", "location/0~0", {"status": "ENABLED"}, parent="campaign/0"))
SELECTABLE: Mapping[str, frozenset[str]] = MappingProxyType(
    {resource: frozenset(rows(_SAMPLE, resource)[0]) for resource in RESOURCES}
)
"""Resource -> the fields that a query FROM it can name."""
