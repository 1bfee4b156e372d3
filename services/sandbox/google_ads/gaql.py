"""A small, honest reader of the Google Ads Query Language: what it does not understand is an error, never a guess.

SELECT field, ... FROM resource [WHERE field =|!=|IN|NOT IN ... AND ...] [ORDER BY field [ASC|DESC], ...] [LIMIT n]
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from services.sandbox.google_ads.errors import AdsError, Refused, invalid
from services.sandbox.google_ads.resources import RESOURCES, SELECTABLE, Row

_NAME = r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*"
_LITERAL = r"""(?:'[^']*'|"[^"]*"|[A-Za-z0-9_./~-]+)"""
_QUERY = re.compile(
    rf"\s*SELECT\s+(?P<select>{_NAME}(?:\s*,\s*{_NAME})*)\s+FROM\s+(?P<resource>[a-z_]+)"
    rf"(?:\s+WHERE\s+(?P<where>.+?))?(?:\s+ORDER\s+BY\s+(?P<order>.+?))?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_ONE = re.compile(rf"(?P<field>{_NAME})\s*(?P<operator>!?=)\s*(?P<value>{_LITERAL})", re.IGNORECASE)
_SEVERAL = re.compile(
    rf"(?P<field>{_NAME})\s+(?P<operator>(?:NOT\s+)?IN)\s*\(\s*(?P<values>{_LITERAL}(?:\s*,\s*{_LITERAL})*)\s*\)",
    re.IGNORECASE,
)
_ORDER = re.compile(rf"(?P<field>{_NAME})(?:\s+(?P<direction>ASC|DESC))?", re.IGNORECASE)
_AND = re.compile(r"\s+AND\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """A query whose fields all exist. `order` is (field, descending)."""

    fields: tuple[str, ...]
    resource: str
    keeps: tuple[Callable[[Row], bool], ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None

    def run(self, rows: Iterable[Row]) -> list[Row]:
        """The rows that it selects, with all their fields."""
        found = [row for row in rows if all(keep(row) for keep in self.keeps)]
        for field, is_descending in reversed(self.order):
            found.sort(key=partial(_sort_key, field), reverse=is_descending)
        return found[: self.limit]


def read_query(text: str) -> Query:
    """Reads one query.

    Raises:
        Refused: a queryError that names what was not understood.
    """
    match = _QUERY.fullmatch(text)
    if match is None:
        raise _query_error("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE" if " from " in text.lower() else "EXPECTED_FROM", text)
    resource = match["resource"].lower()
    if resource not in RESOURCES:
        raise _query_error("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", resource)
    fields = tuple(re.split(r"\s*,\s*", match["select"]))
    order = tuple(_order(part.strip(), resource) for part in match["order"].split(",")) if match["order"] else ()
    keeps = tuple(_condition(part, resource) for part in _AND.split(match["where"])) if match["where"] else ()
    for field in fields:
        _known(field, resource, "SELECT")
    return Query(fields, resource, keeps, order, int(match["limit"]) if match["limit"] else None)


def _condition(text: str, resource: str) -> Callable[[Row], bool]:
    match = _ONE.fullmatch(text.strip()) or _SEVERAL.fullmatch(text.strip())
    if match is None:
        raise _query_error("UNEXPECTED_INPUT", text)
    field = _known(match["field"], resource, "WHERE")
    literals = re.findall(_LITERAL, match.groupdict().get("values") or match.groupdict().get("value") or "")
    wanted = {literal.strip("'\"").lower() for literal in literals}
    is_negated = match["operator"].upper().startswith(("!", "NOT"))
    return lambda row: (_text(row[field]) in wanted) != is_negated


def _order(text: str, resource: str) -> tuple[str, bool]:
    match = _ORDER.fullmatch(text)
    if match is None:
        raise _query_error("UNEXPECTED_INPUT", text)
    return _known(match["field"], resource, "SELECT"), (match["direction"] or "").upper() == "DESC"


def _known(field: str, resource: str, clause: str) -> str:
    if field not in SELECTABLE[resource]:
        is_elsewhere = any(field in fields for fields in SELECTABLE.values())
        prohibited = f"PROHIBITED_RESOURCE_TYPE_IN_{clause}_CLAUSE"
        raise _query_error(prohibited if is_elsewhere else "UNRECOGNIZED_FIELD", field)
    return field


def _text(value: object) -> str:
    return str(value).lower()


def _sort_key(field: str, row: Row) -> tuple[int, str]:
    """Numbers by size, everything else by its text."""
    text = _text(row[field])
    return (len(text), text) if text.isdigit() else (0, text)


def _query_error(code: str, what: str) -> Refused:
    return invalid(AdsError("queryError", code, f"Error in query: unexpected input {what.strip()}."))
