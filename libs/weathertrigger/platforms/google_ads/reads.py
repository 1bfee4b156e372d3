"""What is asked of Google Ads (GAQL), and what its rows mean for a field. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from weathertrigger.domain.change import Carrier, Wanted
from weathertrigger.domain.rule import FieldName, Status
from weathertrigger.errors import NotFound, Rejected, ServiceError, Transient
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, text, whole
from weathertrigger.platforms.port import Observed
from weathertrigger.platforms.resource_names import id_of, in_words, kind_of

# Far below the 10,000 rows of one page, so that one search is one answer.
IDS_PER_SEARCH = 1000

_BUDGET = "campaign_budget.amount_micros, campaign_budget.explicitly_shared, campaign_budget.reference_count"
QUERIES: Mapping[str, str] = MappingProxyType(
    {
        "campaign": f"SELECT campaign.id, campaign.status, campaign_budget.id, {_BUDGET} FROM campaign "
        "WHERE campaign.id IN ({0})",
        "campaign_budget": f"SELECT campaign_budget.id, {_BUDGET} FROM campaign_budget "
        "WHERE campaign_budget.id IN ({0})",
        "ad_group": "SELECT ad_group.id, ad_group.status, campaign.id FROM ad_group WHERE ad_group.id IN ({0})",
        "ad": "SELECT ad_group_ad.resource_name, ad_group_ad.status, campaign.id FROM ad_group_ad "
        "WHERE ad_group_ad.resource_name IN ({0})",
    }
)
"""Kind of resource -> its query; {0} takes the ids, of ads their resource names."""

_FORMS = MappingProxyType(
    {kind: re.compile(r"[0-9]{1,19}~[0-9]{1,19}" if kind == "ad" else r"[0-9]{1,19}", re.ASCII) for kind in QUERIES}
)
_STATUS_OF = MappingProxyType({"campaign": "campaign", "ad_group": "adGroup", "ad": "adGroupAd"})
_STATUSES = MappingProxyType({"ENABLED": Status.ENABLED, "PAUSED": Status.PAUSED})


def can_be_asked(resource: str) -> bool:
    """Whether it is a kind we know with an id of its form; nothing else may get into a query."""
    kind = kind_of(resource)
    return kind in _FORMS and _FORMS[kind].fullmatch(id_of(resource)) is not None


def query_for(customer: str, resources: Sequence[str]) -> str:
    """The GAQL of one search, for resources of one kind."""
    kind = kind_of(resources[0])
    ids: Iterable[str] = map(id_of, resources)
    if kind == "ad":
        ids = (f"'customers/{customer}/adGroupAds/{each}'" for each in ids)
    return QUERIES[kind].format(", ".join(ids))


def rows_by_resource(body: Json, kind: str, origin: Origin) -> Mapping[str, Json]:
    """The rows of an answer, by our names of the resources.

    Raises:
        Transient: it is not the whole answer to a search.
    """
    rows = dig(body, "results") if isinstance(body, dict) and "results" in body else []
    if not isinstance(body, dict) or not isinstance(rows, list) or dig(body, "nextPageToken"):
        raise origin.error(Transient, "Google Ads' answer is not the whole result of a search.")
    return {f"{kind}/{_id_of(row, kind)}": row for row in rows}


def observe(row: Json, carrier: Carrier, origin: Origin) -> Observed | ServiceError:
    """The field's value in the row of the resource that carries it."""
    if carrier.field is FieldName.STATUS:
        return _status(row, carrier.resource, origin)
    return _budget(row, carrier.resource, origin)


def resolve(row: Json, wanted: Wanted, origin: Origin) -> Carrier | ServiceError:
    """Which resource carries the field, from the row of the entity that a user named."""
    entity = f"{wanted.level}/{wanted.entity_id}"
    status = _status(row, entity, origin)
    if isinstance(status, ServiceError):
        return status
    if wanted.field is FieldName.STATUS:
        return Carrier(entity, wanted.field)
    campaign = whole(dig(row, "campaign", "id"))
    if wanted.level != "campaign":
        message = (
            f"{in_words(entity)} has no budget of its own: its campaign {campaign} holds it, so name that campaign."
        )
        return origin.error(Rejected, message)
    carrier = Carrier(f"campaign_budget/{whole(dig(row, 'campaignBudget', 'id'))}", wanted.field)
    budget = _budget(row, carrier.resource, origin)
    return budget if isinstance(budget, ServiceError) else carrier


def _id_of(row: Json, kind: str) -> str:
    if kind == "ad":
        return (text(dig(row, "adGroupAd", "resourceName")) or "").rpartition("/")[2]
    return str(whole(dig(row, {"ad_group": "adGroup", "campaign_budget": "campaignBudget"}.get(kind, kind), "id")))


def _status(row: Json, resource: str, origin: Origin) -> Observed | ServiceError:
    status = text(dig(row, _STATUS_OF.get(kind_of(resource), ""), "status"))
    if status == "REMOVED":
        return origin.error(NotFound, f"{in_words(resource)} is removed at Google Ads.")
    if status is None or status not in _STATUSES:
        message = f"Google Ads shows a status of {in_words(resource)} that is not known: {origin.quote(status)}."
        return origin.error(Transient, message)
    return Observed(_STATUSES[status].value)


def _budget(row: Json, resource: str, origin: Origin) -> Observed | ServiceError:
    budget = dig(row, "campaignBudget")
    used_by, micros = whole(dig(budget, "referenceCount")), whole(dig(budget, "amountMicros"))
    if used_by is None:
        return origin.error(Transient, f"Google Ads does not say how many campaigns share {in_words(resource)}.")
    if used_by > 1 or dig(budget, "explicitlyShared") is True:
        message = (
            f"{in_words(resource)} is shared ({used_by} campaigns): a change would reach all of them, so it is refused."
        )
        return origin.error(Rejected, message)
    if not micros or micros < 0:
        return origin.error(Rejected, f"{in_words(resource)} has no daily amount.")
    return Observed(str(micros))
