"""`GET /act_X/campaigns|adsets|ads` and the same edges of campaigns and ad sets, page by page, and `GET /?ids=`."""

import base64
import re
from collections.abc import Mapping
from urllib.parse import urlencode

import orjson
from flask import request

from services.sandbox import exchange
from services.sandbox.ad_accounts import Account, AdAccounts, Entity
from services.sandbox.meta_ads.delivery import Delivery
from services.sandbox.meta_ads.errors import GraphError, invalid
from services.sandbox.meta_ads.nodes import EDGES, fields_asked, find, show

_DEFAULT_PAGE, _LONGEST_PAGE, _MOST_IDS = 25, 5000, 50

Parameters = Mapping[str, str]


def read_node(accounts: AdAccounts, node_id: str, parameters: Parameters, delivery: Delivery) -> tuple[Account, object]:
    """`GET /{id}?fields=`.

    Raises:
        GraphError: no such node or field.
    """
    account, node = find(accounts, node_id, "get")
    return account, show(account, node, fields_asked(parameters.get("fields", "")), delivery)


def read_many(
    accounts: AdAccounts, parameters: Parameters, delivery: Delivery
) -> tuple[Account | None, dict[str, object]]:
    """`GET /?ids=`: an object keyed by id. One id that is not there fails them all, and each counts as a call.

    Raises:
        GraphError: an id or a field is not there, or they are too many.
    """
    ids = parameters["ids"].split(",")
    if len(ids) > _MOST_IDS:
        raise GraphError(100, f"(#100) Too many ids: at most {_MOST_IDS}")
    exchange.current().calls += len(ids) - 1
    read = {node_id: read_node(accounts, node_id, parameters, delivery) for node_id in ids}
    owners = {account.id: account for account, _ in read.values()}
    return next(iter(owners.values())) if len(owners) == 1 else None, {key: node for key, (_, node) in read.items()}


def read_edge(
    accounts: AdAccounts, node_id: str, edge: str, parameters: Parameters, delivery: Delivery
) -> tuple[Account, object]:
    """One page of what is in an account, a campaign or an ad set. Deleted and archived nodes show only when asked for.

    Raises:
        GraphError: no such node or edge, or a cursor of somebody else.
    """
    account, node = find(accounts, node_id, "get")
    if edge not in EDGES or (isinstance(node, Entity) and edge == "campaigns"):
        raise GraphError(2500, f"Unknown path components: /{edge}")
    fields = fields_asked(parameters.get("fields", ""))
    found = [entity for entity in account.of_kind(EDGES[edge]) if _is_under(account, node, entity)]
    asked_for = _statuses(parameters)
    shown = [entity for entity in found if delivery.effective_status(account, entity) in asked_for]
    first, size = _cursor(parameters), _page_size(parameters)
    page = [show(account, entity, fields, delivery) for entity in shown[first : first + size]]
    answer: dict[str, object] = {"data": page}
    if page:
        url = f"{request.url_root}v26.0/{node_id}/{edge}"
        answer["paging"] = _paging(url, parameters, first, first + len(page), has_more=first + size < len(shown))
    if "summary" in parameters:
        answer["summary"] = {"total_count": len(shown)}
    return account, answer


def _is_under(account: Account, node: Account | Entity, entity: Entity) -> bool:
    if isinstance(node, Account):
        return True
    parent = account.parent_of(entity)
    return parent is not None and (parent is node or _is_under(account, node, parent))


def _statuses(parameters: Parameters) -> list[str]:
    every = ["ACTIVE", "PAUSED", "CAMPAIGN_PAUSED", "ADSET_PAUSED", "IN_PROCESS"]
    text = parameters.get("effective_status")
    if text is None:
        return every
    try:
        asked_for = orjson.loads(text)
    except ValueError:
        asked_for = None
    if not isinstance(asked_for, list):
        raise invalid("Param effective_status must be an array", "effective_status")
    return asked_for


def _page_size(parameters: Parameters) -> int:
    text = parameters.get("limit", str(_DEFAULT_PAGE))
    if re.fullmatch("[1-9][0-9]{0,8}", text) is None:
        raise invalid("Param limit must be a number greater than 0", "limit")
    return min(int(text), _LONGEST_PAGE)


def _cursor(parameters: Parameters) -> int:
    try:
        return max(int(base64.urlsafe_b64decode(parameters.get("after", "MA=="))), 0)
    except ValueError:
        raise invalid("Invalid cursor", "after") from None


def _paging(url: str, parameters: Parameters, first: int, end: int, *, has_more: bool) -> dict[str, object]:
    """`after` is the cursor of the next page."""
    before, after = (base64.urlsafe_b64encode(str(place).encode()).decode() for place in (first, end))
    paging: dict[str, object] = {"cursors": {"before": before, "after": after}}
    if has_more:
        paging["next"] = f"{url}?{urlencode({**parameters, 'after': after})}"
    return paging
