"""The mutate calls: all or nothing, or with `partialFailure` each operation for itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.sandbox import exchange
from services.sandbox.ad_accounts import Account, Entity
from services.sandbox.google_ads.errors import AdsError, failure, invalid, unreadable
from services.sandbox.google_ads.operations import KEYS, Operation, judge, read_operation, result, wanted
from services.sandbox.google_ads.orders import AccountOrders, Orders

_MOST = 10_000
_KINDS = {f"{key}Operation": kind for kind, key in KEYS.items()}
_SNAKES = {
    "campaign": "campaign_operation",
    "ad_group": "ad_group_operation",
    "ad": "ad_group_ad_operation",
    "campaign_budget": "campaign_budget_operation",
    "location": "campaign_criterion_operation",
}
_SETTINGS = frozenset({"partialFailure", "validateOnly", "responseContentType"})
_CONTENT = ("UNSPECIFIED", "RESOURCE_NAME_ONLY", "MUTABLE_RESOURCE")
_INVALID_ARGUMENT = 3  # of google.rpc.Code
_MUTATE_OPERATIONS = "mutate_operations"

Body = Mapping[str, Any]  # Any: a JSON object from outside
Document = dict[str, object]


def mutate_kind(account: Account, kind: str, body: Body, orders: Orders) -> Document:
    """`campaigns:mutate` and its like.

    Raises:
        Refused: the request, or without `partialFailure` one of its operations.
    """
    items = _items(body, "operations")
    read = [read_operation(kind, item, f"operations[{index}]") for index, item in enumerate(items)]
    outcomes = _run(account, body, read, "operations", orders.accounts[account.id])
    if body.get("validateOnly"):
        return _failures(outcomes)
    return {"results": [_result(account, body, outcome) for outcome in outcomes], **_failures(outcomes)}


def mutate_any(account: Account, body: Body, orders: Orders) -> Document:
    """`googleAds:mutate`, which takes all kinds at once.

    Raises:
        Refused: the request, or without `partialFailure` one of its operations.
    """
    items = enumerate(_items(body, "mutateOperations"))
    read = [_read_any(item, index) for index, item in items]
    outcomes = _run(account, body, read, _MUTATE_OPERATIONS, orders.accounts[account.id])
    if body.get("validateOnly"):
        return _failures(outcomes)
    answers = [
        {} if isinstance(outcome, AdsError) else {f"{KEYS[outcome.kind]}Result": _result(account, body, outcome)}
        for outcome in outcomes
    ]
    return {"mutateOperationResponses": answers, **_failures(outcomes)}


def _items(body: Body, name: str) -> list[Any]:  # Any: JSON from outside
    unknown = body.keys() - _SETTINGS - {name}
    if unknown:
        raise unreadable(f'Unknown name "{min(unknown)}": Cannot find field.')
    items = body.get(name, [])
    flags = (body.get("partialFailure", False), body.get("validateOnly", False))
    is_readable = isinstance(items, list) and all(isinstance(flag, bool) for flag in flags)
    if not is_readable or body.get("responseContentType", "UNSPECIFIED") not in _CONTENT:
        raise unreadable(f"Invalid value beside '{name}'.")
    if not items:
        raise invalid(AdsError("fieldError", "REQUIRED", f"The required field was not present: {name}."))
    if len(items) > _MOST:
        raise invalid(
            AdsError("requestError", "TOO_MANY_MUTATE_OPERATIONS", f"At most {_MOST} operations are allowed.")
        )
    exchange.current().calls = len(items)
    return list(items)


def _read_any(item: Any, index: int) -> Operation | AdsError:  # Any: JSON from outside
    where = f"mutate_operations[{index}]"
    if not isinstance(item, dict) or len(item) != 1 or not item.keys() <= _KINDS.keys():
        raise unreadable(f"Invalid value at '{where}': exactly one of {', '.join(_KINDS)}.")
    ((name, operation),) = item.items()
    return read_operation(_KINDS[name], operation, f"{where}.{name}")


def _run(
    account: Account, body: Body, read: Sequence[Operation | AdsError], name: str, orders: AccountOrders
) -> list[Entity | AdsError]:
    """Judges every operation, then applies those that may be; gives the entity or the error of each."""
    outcomes: list[Entity | AdsError] = []
    seen: set[str] = set()
    for index, operation in enumerate(read):
        outcome = operation if isinstance(operation, AdsError) else _judge_once(account, operation, seen, orders)
        if isinstance(outcome, AdsError):
            outcome = replace(outcome, path=_path(name, index, operation, outcome))
        outcomes.append(outcome)
    errors = [outcome for outcome in outcomes if isinstance(outcome, AdsError)]
    if errors and not body.get("partialFailure"):
        raise invalid(*errors)
    if not body.get("validateOnly"):
        for operation, outcome in zip(read, outcomes, strict=True):
            _apply(account, operation, outcome)
    return outcomes


def _path(name: str, index: int, operation: Operation | AdsError, error: AdsError) -> tuple[Document, ...]:
    """`mutate_operations[3].ad_group_operation.update.cpc_bid_micros`, as far as the error says where it lies."""
    inner: tuple[Document, ...] = ()
    if name == _MUTATE_OPERATIONS and error.path and isinstance(operation, Operation):
        inner = ({"fieldName": _SNAKES[operation.kind]},)
    return ({"fieldName": name, "index": index}, *inner, *error.path)


def _judge_once(account: Account, operation: Operation, seen: set[str], orders: AccountOrders) -> Entity | AdsError:
    if operation.resource_name in seen:
        message = "More than one operation of the request is about the same resource."
        return AdsError("mutateError", "ID_EXISTS_IN_MULTIPLE_MUTATES", message)
    seen.add(operation.resource_name)
    return judge(account, operation, orders)


def _apply(account: Account, operation: Operation | AdsError, outcome: Entity | AdsError) -> None:
    if isinstance(operation, Operation) and isinstance(outcome, Entity):
        exchange.current().changes.extend(account.write(outcome, name, value) for name, value in wanted(operation))


def _result(account: Account, body: Body, outcome: Entity | AdsError) -> Document:
    """Empty for an operation that failed."""
    if isinstance(outcome, AdsError):
        return {}
    return result(account, outcome, with_resource=body.get("responseContentType") == "MUTABLE_RESOURCE")


def _failures(outcomes: Sequence[Entity | AdsError]) -> Document:
    errors = [outcome for outcome in outcomes if isinstance(outcome, AdsError)]
    if not errors:
        return {}
    message = errors[0].message if len(errors) == 1 else f"Multiple errors. First error: {errors[0].message}"
    return {"partialFailureError": {"code": _INVALID_ARGUMENT, "message": message, "details": [failure(errors)]}}
