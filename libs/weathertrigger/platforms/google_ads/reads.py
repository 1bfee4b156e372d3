"""What is asked of Google Ads (GAQL), and what its rows mean for a field. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from weathertrigger.domain import bid_modifier
from weathertrigger.domain.change import Carrier, Wanted
from weathertrigger.domain.rule import FieldName, Level, Status
from weathertrigger.errors import Gone, Rejected, ServiceError, Transient
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, number, text, whole
from weathertrigger.platforms.google_ads.capabilities import KINDS, Kind, resource_name
from weathertrigger.platforms.port import Observed
from weathertrigger.platforms.resource_names import id_of, in_words, kind_of

_STATUSES = MappingProxyType({"ENABLED": Status.ENABLED, "PAUSED": Status.PAUSED})
_REMOVED = "REMOVED"
_ABOVE = MappingProxyType({"campaign": "campaign", "adGroup": "ad group"})


def can_be_asked(resource: str) -> bool:
    """Whether it is a kind we know with an id of its form; nothing else may get into a query."""
    kind = KINDS.get(kind_of(resource))
    return kind is not None and kind.has_id(id_of(resource))


def query_for(customer: str, resources: Sequence[str]) -> str:
    """The GAQL of one search, for resources of one kind."""
    kind, ids = KINDS[kind_of(resources[0])], [id_of(each) for each in resources]
    if kind.is_named_by_two_ids:
        ids = [f"'{resource_name(customer, kind, each)}'" for each in ids]
    return kind.query.format(", ".join(ids))


def rows_by_resource(body: Json, kind_name: str, origin: Origin) -> dict[str, Json]:
    """The rows of an answer, by our names of the resources; the row of a campaign is also that of its budget.

    Raises:
        Transient: it is not the whole answer to a search.
    """
    rows = dig(body, "results") if isinstance(body, dict) and "results" in body else []
    if not isinstance(body, dict) or not isinstance(rows, list) or dig(body, "nextPageToken"):
        raise origin.error(Transient, "Google Ads' answer is not the whole result of a search.")
    found = {f"{kind_name}/{_id_in(row, KINDS[kind_name])}": row for row in rows}
    return found | {_budget_of(row): row for row in rows} if kind_name == Level.CAMPAIGN else found


def observe(row: Json, carrier: Carrier, origin: Origin) -> Observed | ServiceError:
    """The field's value in the row of the resource that carries it, and what keeps the entity from running."""
    observed = _observe(row, carrier, origin)
    return observed if isinstance(observed, ServiceError) else replace(observed, obstacle=_obstacle(row, carrier))


def _obstacle(row: Json, carrier: Carrier) -> str | None:
    """What stands above it and is paused: of a campaign and its budget nothing does."""
    above = {"ad_group": ("campaign",), "ad": ("campaign", "adGroup"), "location": ("campaign",)}
    paused = (one for one in above.get(kind_of(carrier.resource), ()) if dig(row, one, "status") == "PAUSED")
    return next((f"its {_ABOVE[one]} is paused" for one in paused), None)


def _observe(row: Json, carrier: Carrier, origin: Origin) -> Observed | ServiceError:
    match carrier.field:
        case FieldName.STATUS:
            return _status(row, carrier.resource, origin)
        case FieldName.DAILY_BUDGET:
            return _budget(row, carrier.resource, origin)
        case FieldName.BID:
            return _bid(row, carrier.resource, origin)
        case FieldName.BID_MODIFIER:
            return _modifier(row, carrier.resource, origin)
        case _:
            return origin.error(Rejected, f"Google Ads has no {carrier.field}.")


def resolve(row: Json, wanted: Wanted, origin: Origin) -> tuple[Carrier, Observed] | ServiceError:
    """Which resource carries the field, and what it shows, from the row of the entity that a user named."""
    entity = f"{wanted.level}/{wanted.entity_id}"
    if FieldName.STATUS in KINDS[wanted.level].fields:
        status = _status(row, entity, origin)
        if isinstance(status, ServiceError):
            return status
    carrier = Carrier(entity, wanted.field)
    if wanted.field is FieldName.DAILY_BUDGET:
        if wanted.level is not Level.CAMPAIGN:
            return origin.error(Rejected, _who_holds_the_budget(row, entity))
        carrier = Carrier(_budget_of(row), wanted.field)
    observed = observe(row, carrier, origin)
    return observed if isinstance(observed, ServiceError) else (carrier, observed)


def moved(rows: Mapping[str, Json | ServiceError], carriers: Sequence[Carrier]) -> dict[Wanted, Carrier]:
    """The budgets of campaigns that a budget is named by and that spend another one by now. A campaign that is removed
    keeps the one that it had."""
    found: dict[Wanted, Carrier] = {}
    for carrier in carriers:
        for name in carrier.named if carrier.field is FieldName.DAILY_BUDGET else ():
            row = rows.get(name)
            if row is None or isinstance(row, ServiceError) or _part(row, name, "status") == _REMOVED:
                continue
            present = _budget_of(row)
            if present != carrier.resource and can_be_asked(present):
                found[Wanted(Level.CAMPAIGN, id_of(name), carrier.field)] = Carrier(present, carrier.field)
    return found


def _id_in(row: Json, kind: Kind) -> str:
    if kind.is_named_by_two_ids:
        return (text(dig(row, kind.key, "resourceName")) or "").rpartition("/")[2]
    return str(whole(dig(row, kind.key, "id")))


def _budget_of(row: Json) -> str:
    return f"campaign_budget/{_id_in(row, KINDS['campaign_budget'])}"


def _part(row: Json, resource: str, name: str) -> Json:
    """What the row says of the resource itself under that name."""
    kind = KINDS.get(kind_of(resource))
    return dig(row, kind.key, name) if kind else None


def _status(row: Json, resource: str, origin: Origin) -> Observed | ServiceError:
    status = text(_part(row, resource, "status"))
    if status == _REMOVED:
        return _gone(resource, origin)
    if status is None or status not in _STATUSES:
        message = f"Google Ads shows a status of {in_words(resource)} that is not known: {origin.quote(status)}."
        return origin.error(Transient, message)
    return Observed(_STATUSES[status].value)


def _gone(resource: str, origin: Origin) -> Gone:
    return origin.error(Gone, f"{in_words(resource)} is removed at Google Ads.")


def _budget(row: Json, resource: str, origin: Origin) -> Observed | ServiceError:
    budget = dig(row, "campaignBudget")
    if dig(budget, "status") == _REMOVED:
        return _gone(resource, origin)
    used_by, micros = whole(dig(budget, "referenceCount")), whole(dig(budget, "amountMicros"))
    if used_by is None:
        return origin.error(Transient, f"Google Ads does not say how many campaigns share {in_words(resource)}.")
    if not micros or micros < 0:
        return origin.error(Rejected, f"{in_words(resource)} has no daily amount.")
    is_shared = used_by > 1 or dig(budget, "explicitlyShared") is True
    return Observed(str(micros), shared_by=used_by if is_shared else None)


def _who_holds_the_budget(row: Json, entity: str) -> str:
    campaign = whole(dig(row, "campaign", "id"))
    return f"{in_words(entity)} has no budget of its own: its campaign {campaign} holds it, so name that campaign."


def _bid(row: Json, resource: str, origin: Origin) -> Observed | ServiceError:
    micros = whole(_part(row, resource, "cpcBidMicros"))
    if not micros or micros < 0:
        message = f"{in_words(resource)} has no bid of its own: its campaign's bidding strategy sets the bids."
        return origin.error(Rejected, message)
    return Observed(str(micros))


def _modifier(row: Json, resource: str, origin: Origin) -> Observed | ServiceError:
    kind, negative = text(_part(row, resource, "type")), _part(row, resource, "negative")
    if _part(row, resource, "status") == _REMOVED:
        return _gone(resource, origin)
    if kind != "LOCATION" or negative is True:
        said = "an excluded location" if kind == "LOCATION" else f"of the type {origin.quote(kind)}"
        return origin.error(Rejected, f"{in_words(resource)} is {said} at Google Ads: it has no bid modifier to set.")
    told = _part(row, resource, "bidModifier")
    if told is None:
        return Observed("1")  # none is set: the bids are as they are
    value = number(told)
    if value is None or value <= 0:
        message = f"Google Ads shows a bid modifier of {in_words(resource)} that cannot be: {origin.quote(told)}."
        return origin.error(Transient, message)
    # A 4-byte number on Google's side: what lies beyond its six sure digits is noise.
    return Observed(bid_modifier.as_text(Decimal(f"{value:.6g}")))
