"""What is asked of Meta's nodes, and what their answers mean for a field. Pure."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName, Status
from weathertrigger.errors import Gone, NotFound, Rejected, ServiceError, Transient
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, text, whole
from weathertrigger.platforms.meta_ads.capabilities import PARAMETERS
from weathertrigger.platforms.port import AdAccount, Observed
from weathertrigger.platforms.resource_names import id_of, in_words, kind_of

# `status` is what was set, which is what we own; `effective_status` also tells of parents and reviews.
_BUDGETS = "status,effective_status,daily_budget,lifetime_budget"
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "campaign": f"account_id,{_BUDGETS}",
        "ad_set": f"account_id,campaign_id,{_BUDGETS},bid_amount",
        "ad": "account_id,adset_id,status,effective_status,bid_amount",
    }
)
"""Kind of node -> the fields asked for. A field that a kind does not have fails the call, so kinds are not mixed."""

OBSTACLES: Mapping[str, str] = MappingProxyType(
    {
        "CAMPAIGN_PAUSED": "its campaign is paused",
        "ADSET_PAUSED": "its ad set is paused",
        "DISAPPROVED": "Meta has rejected it in review",
        "PENDING_REVIEW": "Meta has not reviewed it yet",
        "PENDING_BILLING_INFO": "billing information is missing",
        "WITH_ISSUES": "Meta reports issues with it",
    }
)
"""`effective_status` -> why the entity does not run, though its own status says so. Of the others ACTIVE and
PREAPPROVED run, IN_PROCESS is on its way, and PAUSED is its own."""

_STATUSES = MappingProxyType({"ACTIVE": Status.ENABLED, "PAUSED": Status.PAUSED})
_GONE = frozenset({"ARCHIVED", "DELETED"})
_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_OTHER_BUDGET = MappingProxyType(
    {
        FieldName.DAILY_BUDGET: ("lifetime_budget", "a lifetime budget, not a daily one"),
        FieldName.LIFETIME_BUDGET: ("daily_budget", "a daily budget, not a lifetime one"),
    }
)


def can_be_asked(resource: str) -> bool:
    """Whether it is a kind we know and an id that is nothing but a number (`me` or a path must not get through)."""
    return kind_of(resource) in FIELDS and _ID.fullmatch(id_of(resource)) is not None


def query_for(resource: str) -> dict[str, str]:
    """What is asked of a resource of this kind."""
    return {"fields": FIELDS[kind_of(resource)]}


def node_of(body: Json, resource: str, account: AdAccount, origin: Origin) -> Json | ServiceError:
    """One node of an answer that is keyed by id, if it is there, alive and in the account."""
    node = dig(body, id_of(resource))
    name = in_words(resource)
    if node is None:
        return origin.error(NotFound, f"Meta knows no {name}.")
    owner = text(dig(node, "account_id"))
    if owner is not None and owner != account.external_id.removeprefix("act_"):
        return origin.error(Rejected, f"{name} belongs to the ad account act_{owner}, not to {account.external_id}.")
    status = text(dig(node, "status"))
    if status in _GONE:
        return origin.error(Gone, f"{name} is {status.lower()} at Meta.")
    if status not in _STATUSES:
        return origin.error(Transient, f"Meta shows a status of {name} that is not known: {origin.quote(status)}.")
    return node


def observe(node: Json, carrier: Carrier, origin: Origin) -> Observed | ServiceError:
    """The field's value, the campaign as sibling key of an ad set, and what keeps the entity from running."""
    sibling_key = text(dig(node, "campaign_id"))
    obstacle = OBSTACLES.get(text(dig(node, "effective_status")) or "")
    if carrier.field is FieldName.STATUS:
        return Observed(_STATUSES[text(dig(node, "status")) or ""].value, sibling_key, obstacle=obstacle)
    if carrier.field not in PARAMETERS:
        return origin.error(Rejected, f"Meta has no {carrier.field}.")
    amount = whole(dig(node, PARAMETERS[carrier.field]))
    if not amount or amount < 0:
        return origin.error(Rejected, _who_has_it(node, carrier))
    return Observed(str(amount), sibling_key, obstacle=obstacle)


def _who_has_it(node: Json, carrier: Carrier) -> str:
    name, kind = in_words(carrier.resource), kind_of(carrier.resource)
    if carrier.field is FieldName.BID:
        return _who_has_the_bid(node, name, kind)
    other, what_it_has = _OTHER_BUDGET[carrier.field]
    if whole(dig(node, other)):
        return f"{name} has {what_it_has}."
    if kind == "ad_set":
        campaign = text(dig(node, "campaign_id")) or "unknown"
        return f"{name} has no budget of its own: its campaign {campaign} holds it, so name that campaign."
    if kind == "campaign":
        return f"{name} has no budget of its own: its ad sets hold it, so name those ad sets."
    return f"{name} has no budget of its own: its ad set or campaign holds it."


def _who_has_the_bid(node: Json, name: str, kind: str) -> str:
    if kind == "ad":
        ad_set = text(dig(node, "adset_id")) or "unknown"
        return f"{name} has no bid of its own: its ad set {ad_set} may hold it, so name that ad set."
    if kind == "campaign":
        return f"{name} has no bid of its own: its ad sets hold it, so name those ad sets."
    return f"{name} has no bid to change: Meta bids for it without a cap."
