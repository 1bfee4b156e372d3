"""One operation of a mutate: reading it as protobuf would, and judging it as Google Ads would."""

import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.sandbox.ad_accounts import Account, Entity
from services.sandbox.google_ads.amounts import judge_bid, judge_budget, judge_modifier
from services.sandbox.google_ads.errors import AdsError, unreadable
from services.sandbox.google_ads.orders import AccountOrders
from services.sandbox.google_ads.resources import COLLECTIONS, resource_name

_STATUSES = frozenset({"UNSPECIFIED", "UNKNOWN", "ENABLED", "PAUSED", "REMOVED"})
_INT64 = 2**63
_WHOLE = re.compile(r"-?[0-9]{1,19}")
_LARGEST_FLOAT = 3.4e38  # of four bytes
_FLOAT = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_CAPITAL = re.compile(r"[A-Z]")

FIELDS: Mapping[str, Mapping[str, str]] = {
    "campaign": {"status": "status"},
    "ad_group": {"status": "status", "cpcBidMicros": "cpc_bid_micros"},
    "ad": {"status": "status"},
    "campaign_budget": {"amountMicros": "daily_budget"},
    "location": {"status": "status", "bidModifier": "bid_modifier"},
}
"""Kind of entity -> the JSON names that can be updated -> the name of the field in the journal."""

KEYS: Mapping[str, str] = {
    "campaign": "campaign",
    "ad_group": "adGroup",
    "ad": "adGroupAd",
    "campaign_budget": "campaignBudget",
    "location": "campaignCriterion",
}
"""Kind of entity -> its key in an operation, a result and a row."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One `update`, readable but not yet judged. `mask` is None when there was none."""

    kind: str
    resource_name: str
    values: Mapping[str, str]
    mask: tuple[str, ...] | None


def read_operation(kind: str, item: Any, where: str) -> Operation | AdsError:  # Any: JSON from outside
    """Reads an operation; `create` and `remove` are real, but not imitated.

    Raises:
        Refused: it does not fit the protobuf, which fails the whole request.
    """
    operation = _object(item, where, {"update", "updateMask", "create", "remove"})
    if "update" not in operation:
        return AdsError("operatorError", "OPERATOR_NOT_SUPPORTED", "The sandbox imitates only updates.")
    update = _object(operation["update"], f"{where}.update", {"resourceName", *FIELDS[kind]})
    mask = operation.get("updateMask")
    if not isinstance(mask, str | None) or not isinstance(update.get("resourceName", ""), str):
        raise unreadable(f"Invalid value at '{where}'.")
    values = {name: _value(name, update[name], where) for name in FIELDS[kind] if name in update}
    return Operation(kind, update.get("resourceName", ""), values, tuple(mask.split(",")) if mask else None)


def judge(account: Account, operation: Operation, orders: AccountOrders) -> Entity | AdsError:
    """The entity that would be updated, or why not."""
    if operation.mask is None:
        return AdsError(
            "fieldMaskError", "FIELD_MASK_MISSING", "The field mask must be provided for update operations."
        )
    unknown = [name for name in operation.mask if name not in {"resourceName", *FIELDS[operation.kind]}]
    if unknown:
        return AdsError(
            "fieldMaskError", "FIELD_NOT_FOUND", f"The field mask contained an invalid field: '{unknown[0]}'."
        )
    collection = f"customers/{account.id}/{COLLECTIONS[operation.kind]}/"
    if not operation.resource_name.startswith(collection):
        message = f"Resource name '{operation.resource_name}' is malformed: expected '{collection}{{id}}'."
        return AdsError("requestError", "RESOURCE_NAME_MALFORMED", message)
    entity = account.entities.get(f"{operation.kind}/{operation.resource_name.removeprefix(collection)}")
    if entity is None:
        return AdsError("mutateError", "RESOURCE_NOT_FOUND", "Resource was not found.")
    if ordered := orders.next_error(entity.resource):
        return AdsError(ordered.category, ordered.code, ordered.message, details=ordered.details)
    return _judge_values(account, entity, operation, orders) or entity


def wanted(operation: Operation) -> Iterable[tuple[str, str]]:
    """Field of the journal and new value, for every field of the mask."""
    names = FIELDS[operation.kind]
    return [(names[name], operation.values[name]) for name in operation.mask or () if name in names]


def result(account: Account, entity: Entity, *, with_resource: bool) -> dict[str, object]:
    """What a mutate says of an entity that it updated."""
    name = resource_name(account, entity.resource)
    if not with_resource:
        return {"resourceName": name}
    shown: dict[str, object] = {
        wire: entity.values[field] for wire, field in FIELDS[entity.kind].items() if field in entity.values
    }
    if "bidModifier" in shown:
        shown["bidModifier"] = float(entity.values["bid_modifier"])
    return {"resourceName": name, KEYS[entity.kind]: {"resourceName": name, **shown}}


def _judge_values(account: Account, entity: Entity, operation: Operation, orders: AccountOrders) -> AdsError | None:
    if entity.values.get("status") == "REMOVED":
        code = "OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE"
        return AdsError("contextError", code, "The operation is not allowed for removed resources.")
    for name in operation.mask or ():
        if name != "resourceName" and name not in operation.values:
            return _at(name, AdsError("fieldError", "REQUIRED", f"The required field was not present: {name}."))
        if name in operation.values and (error := _judge_value(account, name, operation.values[name], orders)):
            return _at(name, error)
    return None


def _judge_value(account: Account, name: str, value: str, orders: AccountOrders) -> AdsError | None:
    match name:
        case "status" if value in {"UNSPECIFIED", "UNKNOWN", "REMOVED"}:
            return AdsError("enumError", "ENUM_VALUE_NOT_PERMITTED", "The enum value is not permitted.")
        case "amountMicros":
            return judge_budget(int(value), account.currency, orders.smallest_budget)
        case "cpcBidMicros":
            return judge_bid(int(value), account.currency)
        case "bidModifier":
            return judge_modifier(float(value))
        case _:
            return None


def _at(name: str, error: AdsError) -> AdsError:
    """The error with its place in the operation: `update.cpc_bid_micros`."""
    snake = _CAPITAL.sub(lambda letter: f"_{letter[0].lower()}", name)
    return replace(error, path=({"fieldName": "update"}, {"fieldName": snake}))


def _object(item: Any, where: str, known: set[str]) -> Mapping[str, Any]:  # Any: JSON from outside
    if not isinstance(item, dict):
        raise unreadable(f"Invalid value at '{where}'.")
    unknown = item.keys() - known
    if unknown:
        raise unreadable(f"Unknown name \"{min(unknown)}\" at '{where}': Cannot find field.")
    return item


def _value(name: str, value: object, where: str) -> str:
    """An enum by name, a float as text or number, or an int64 as text or number."""
    if name == "status":
        if not isinstance(value, str) or value not in _STATUSES:
            raise unreadable(f"Invalid value at '{where}.update.status' (TYPE_ENUM), \"{value}\"")
        return value
    text = str(value)
    if name == "bidModifier":
        if isinstance(value, bool) or not _FLOAT.fullmatch(text) or not abs(float(text)) <= _LARGEST_FLOAT:
            raise unreadable(f"Invalid value at '{where}.update.{name}' (TYPE_FLOAT), \"{value}\"")
        return _four_bytes(float(text))
    is_number = isinstance(value, str | int) and _WHOLE.fullmatch(text) is not None
    if not is_number or not -_INT64 <= int(text) < _INT64:
        raise unreadable(f"Invalid value at '{where}.update.{name}' (TYPE_INT64), \"{value}\"")
    return str(int(text))


def _four_bytes(value: float) -> str:
    """The shortest text that means the same 4-byte number, as protobuf writes a float."""
    stored = struct.pack("<f", value)
    texts = (f"{value:.{digits}g}" for digits in range(1, 10))
    return next(text for text in texts if struct.pack("<f", float(text)) == stored)
