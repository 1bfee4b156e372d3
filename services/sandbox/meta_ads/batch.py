"""`POST /` with `batch`: up to 50 requests in one, each with an answer of its own.

The whole is 200 even if all of them failed.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from services.sandbox import exchange
from services.sandbox.ad_accounts import AdAccounts, Entity
from services.sandbox.meta_ads.errors import GraphError, invalid
from services.sandbox.meta_ads.graph import Graph, Outcome, Parameters

_MOST = 50


def answer_batch(text: str, accounts: AdAccounts, graph: Graph) -> Outcome:
    """Every request of the batch, in order. A batch that writes to two ad sets of one campaign is refused whole.

    Raises:
        GraphError: the batch as a whole is not one.
    """
    requests = [_read(item) for item in _items(text)]
    exchange.current().calls = len(requests)
    _refuse_siblings(requests, accounts)
    outcomes = [graph.handle(*item) for item in requests]
    concerned = tuple(account for outcome in outcomes for account in outcome.accounts)
    return Outcome(200, [_entry(outcome, graph) for outcome in outcomes], concerned)


def _items(text: str) -> Sequence[Any]:  # Any: JSON from outside, checked in _read
    try:
        items = orjson.loads(text)
    except ValueError:
        items = None
    if not isinstance(items, list) or not items:
        raise invalid("Param batch must be an array", "batch")
    if len(items) > _MOST:
        raise GraphError(100, f"Too many requests in batch message. Maximum batch size is {_MOST}")
    return items


def _read(item: Any) -> tuple[str, str, Parameters]:  # Any: JSON from outside
    texts = isinstance(item, dict) and all(isinstance(item.get(name, ""), str) for name in ("relative_url", "body"))
    if not texts or item.get("method") not in {"GET", "POST"} or "relative_url" not in item:
        raise invalid("Each request of a batch has a method (GET or POST) and a relative_url", "batch")
    url = urlsplit(item["relative_url"])
    parameters = dict(parse_qsl(url.query, keep_blank_values=True))
    parameters |= dict(parse_qsl(item.get("body", ""), keep_blank_values=True))
    return item["method"], url.path.strip("/").removeprefix("v26.0/"), parameters


def _refuse_siblings(requests: Sequence[tuple[str, str, Parameters]], accounts: AdAccounts) -> None:
    """Meta: a batch must not contain several ad sets of one campaign."""
    seen: dict[str, str] = {}
    for method, path, _ in requests:
        account = accounts.meta_account_of(path) if method == "POST" else None
        ad_set: Entity | None = account.entities.get(f"ad_set/{path}") if account else None
        if ad_set is not None and seen.setdefault(ad_set.parent or "", path) != path:
            raise invalid("A batch cannot contain several ad sets of the same campaign", "batch")


def _entry(outcome: Outcome, graph: Graph) -> dict[str, object] | None:
    if not outcome.completed:
        return None
    headers = {"Content-Type": "application/json; charset=UTF-8", **graph.headers(outcome.accounts)}
    return {
        "code": outcome.status,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "body": orjson.dumps(outcome.document).decode(),
    }
