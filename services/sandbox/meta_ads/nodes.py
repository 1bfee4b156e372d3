"""What can be read of an ad account, a campaign, an ad set and an ad.

Budgets are text in minor units. A node that carries a budget shows the other kind of budget as "0"; a node without a
budget of its own (under a campaign that has one, or over ad sets that have them) shows neither.
"""

import re
from collections.abc import Mapping

from services.sandbox.ad_accounts import META_ADS, Account, AdAccounts, Entity
from services.sandbox.meta_ads.delivery import Delivery
from services.sandbox.meta_ads.errors import invalid, missing

BUDGETS = frozenset({"daily_budget", "lifetime_budget"})
EDGES = {"campaigns": "campaign", "adsets": "ad_set", "ads": "ad"}
_TYPES = {"campaign": "Campaign", "ad_set": "AdSet", "ad": "Ad"}
_FIELD = re.compile(r"[a-z_]+(\{[a-z_,]*\})?")

Document = dict[str, object]
Node = Account | Entity


def find(accounts: AdAccounts, node_id: str, verb: str) -> tuple[Account, Node]:
    """The account and the node of that id; the node may be the account itself.

    Raises:
        GraphError: there is none.
    """
    account = accounts.get(node_id, META_ADS)
    if account is not None:
        return account, account
    owner = accounts.meta_account_of(node_id)
    if owner is None:
        raise missing(node_id, verb)
    return owner, next(found for kind in _TYPES if (found := owner.entities.get(f"{kind}/{node_id}")))


def fields_asked(text: str) -> list[str]:
    """The comma list of `fields`, in which one level of `{...}` may open a related node.

    Raises:
        GraphError: it is not such a list.
    """
    fields = re.findall(r"[^,{]+(?:\{[^}]*\})?", text)
    if ",".join(fields) != text or not all(map(_FIELD.fullmatch, fields)):
        raise invalid(f"Syntax error in fields: {text}")
    return list(fields)


def show(account: Account, node: Node, fields: list[str], delivery: Delivery) -> Document:
    """The node with exactly the fields that were asked for, and its id.

    Raises:
        GraphError: one of the fields does not exist on such a node.
    """
    known = _account_fields(node) if isinstance(node, Account) else _entity_fields(account, node, delivery)
    related = {} if isinstance(node, Account) else _related(account, node)
    shown: Document = {}
    for field in fields:
        name, _, inner = field.partition("{")
        if name in related:
            parts = [part for part in inner.rstrip("}").split(",") if part]
            shown[name] = show(account, related[name], parts, delivery)
        elif name in known and not inner:
            shown |= {name: known[name]} if known[name] is not None else {}
        else:
            kind = "AdAccount" if isinstance(node, Account) else _TYPES[node.kind]
            raise invalid(f"Tried accessing nonexisting field ({name}) on node type ({kind})")
    if "effective_status" in shown and isinstance(node, Entity):
        delivery.looked_at(node)
    return shown | {"id": node.id}


def _account_fields(account: Account) -> Mapping[str, object]:
    return {
        "id": account.id,
        "account_id": account.id.removeprefix("act_"),
        "name": account.name,
        "currency": account.currency,
        "timezone_name": account.time_zone,
        "account_status": int(account.status or "1"),
    }


def _entity_fields(account: Account, entity: Entity, delivery: Delivery) -> Mapping[str, object]:
    status = entity.values["status"]
    campaign = _related(account, entity).get("campaign")
    return {
        "id": entity.id,
        "account_id": account.id.removeprefix("act_"),
        "name": entity.name,
        "status": status,
        "configured_status": status,
        "effective_status": delivery.effective_status(account, entity),
        **({"campaign_id": campaign.id} if campaign else {}),
        **({"adset_id": (entity.parent or "").partition("/")[2]} if entity.kind == "ad" else {}),
        **(_budgets(entity) if entity.kind != "ad" else {}),
        **({"bid_amount": _whole(entity.values.get("bid_amount"))} if entity.kind != "campaign" else {}),
    }


def _budgets(entity: Entity) -> Mapping[str, str | None]:
    carried = BUDGETS & entity.values.keys()
    return {name: entity.values.get(name, "0" if carried else None) for name in BUDGETS}


def _related(account: Account, entity: Entity) -> dict[str, Entity]:
    parent = account.parent_of(entity)
    if parent is None:
        return {}
    above = _related(account, parent)
    return {"campaign": parent} if parent.kind == "campaign" else {"adset": parent, **above}


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)
