"""`googleAds:search` and `googleAds:searchStream`."""

import base64
from collections.abc import Mapping
from typing import Any

from services.sandbox.ad_accounts import Account
from services.sandbox.google_ads.errors import AdsError, invalid, request_id, unreadable
from services.sandbox.google_ads.gaql import Query, read_query
from services.sandbox.google_ads.orders import Orders
from services.sandbox.google_ads.resources import Row, rows

_KNOWN = frozenset({"query", "pageToken", "pageSize", "validateOnly", "searchSettings"})

Body = Mapping[str, Any]  # Any: a JSON object from outside


def search(account: Account, body: Body, orders: Orders) -> dict[str, object]:
    """One page of at most 10,000 rows, unless a test ordered smaller ones.

    Raises:
        Refused: the query or the page is not one.
    """
    query = _query(body)
    if "pageSize" in body:
        message = "Setting the page size is not supported."
        raise invalid(AdsError("requestError", "PAGE_SIZE_NOT_SUPPORTED", message))
    found = query.run(rows(account, query.resource))
    first = _place(body.get("pageToken", ""))
    end = first + orders.page_rows
    answer = _chunk(query, found[first:end])
    if end < len(found):
        answer["nextPageToken"] = base64.urlsafe_b64encode(str(end).encode()).decode()
    if body.get("searchSettings") == {"returnTotalResultsCount": True}:
        answer["totalResultsCount"] = str(len(found))
    return answer


def stream(account: Account, body: Body, _: Orders) -> list[dict[str, object]]:
    """All rows in one chunk; an answer of the stream is a list of them.

    Raises:
        Refused: the query is not one.
    """
    query = _query(body)
    return [_chunk(query, query.run(rows(account, query.resource))) | {"requestId": request_id()}]


def _query(body: Body) -> Query:
    unknown = body.keys() - _KNOWN
    if unknown:
        raise unreadable(f'Unknown name "{min(unknown)}": Cannot find field.')
    text = body.get("query")
    if not isinstance(text, str) or not text.strip():
        raise invalid(AdsError("queryError", "UNEXPECTED_END_OF_QUERY", "Error in query: unexpected end of query."))
    return read_query(text)


def _place(token: Any) -> int:  # Any: JSON from outside
    try:
        return max(int(base64.urlsafe_b64decode(token)), 0) if token else 0
    except (ValueError, TypeError):
        message = "Page token is invalid."
        raise invalid(AdsError("requestError", "INVALID_PAGE_TOKEN", message)) from None


def _chunk(query: Query, found: list[Row]) -> dict[str, object]:
    chunk: dict[str, object] = {"results": [_result(query, row) for row in found]} if found else {}
    return chunk | {"fieldMask": ",".join(_camel(field) for field in query.fields)}


def _result(query: Query, row: Row) -> dict[str, object]:
    """Nested, in camel case, with the resource name of every resource that a field was selected of."""
    names = {f"{field.rpartition('.')[0]}.resource_name" for field in query.fields}
    result: dict[str, Any] = {}  # Any: nested objects
    for field in [*sorted(name for name in names if name in row), *query.fields]:
        *path, last = _camel(field).split(".")
        place = result
        for part in path:
            place = place.setdefault(part, {})
        if row[field] is not None:
            place[last] = row[field]
    return result


def _camel(field: str) -> str:
    head, *tail = field.split("_")
    return head + "".join(part.capitalize() for part in tail)
