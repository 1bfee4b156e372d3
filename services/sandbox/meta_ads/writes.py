"""`POST /{id}`: what Meta lets one set, and what it refuses. Every parameter is checked before any is applied."""

from collections.abc import Mapping

import orjson

from services.sandbox import exchange
from services.sandbox.ad_accounts import META_ADS, Account, AdAccounts, Entity
from services.sandbox.exchange import Change
from services.sandbox.meta_ads.circumstances import Circumstances
from services.sandbox.meta_ads.delivery import ACTIVE
from services.sandbox.meta_ads.errors import GraphError, invalid, missing
from services.sandbox.meta_ads.nodes import BUDGETS, find
from services.sandbox.seeds import UnusableSeed, check_value, writable

_OF_THE_CALL = frozenset({"access_token", "appsecret_proof", "execution_options", "batch", "include_headers", "fields"})
_GONE = frozenset({"DELETED", "ARCHIVED"})
# What Meta asks for at least depends on currency and objective; this is the order of magnitude, in minor units.
_SMALLEST_BUDGET = 100
_SMALLEST_BID = 1


def write(
    accounts: AdAccounts, node_id: str, parameters: Mapping[str, str], circumstances: Circumstances
) -> tuple[Account, list[Change]]:
    """Sets what the parameters say, or nothing with `execution_options=["validate_only"]`.

    Raises:
        GraphError: refused; nothing was applied.
    """
    account, node = find(accounts, node_id, "post")
    if not isinstance(node, Entity):
        raise missing(node_id, "post")
    wanted = {name: value for name, value in parameters.items() if name not in _OF_THE_CALL}
    for name, value in wanted.items():
        _check(account, node, name, value)
    if wanted.keys() >= BUDGETS:
        raise invalid("Set either a daily budget or a lifetime budget, not both", "daily_budget")
    if _is_rehearsal(parameters):
        return account, []
    if node.kind == "ad_set" and BUDGETS & wanted.keys():
        circumstances.budget_changes.note(node, exchange.current().moment)
    if wanted.get("status") == ACTIVE != node.values["status"]:
        circumstances.delivery.activated(node)
    return account, [account.write(node, name, value) for name, value in wanted.items()]


def _check(account: Account, entity: Entity, name: str, value: str) -> None:
    if name not in writable(META_ADS, entity.kind):
        raise invalid(f"The parameter {name} cannot be set on this object", name)
    if entity.values["status"] in _GONE and not (name == "status" and value in _GONE):
        raise invalid("The object was deleted or archived and cannot be edited", name)
    try:
        check_value(META_ADS, name, value)
    except UnusableSeed:
        raise invalid(f"Param {name} is not valid: {value}", name) from None
    if name == "bid_amount":
        _check_bid(entity, int(value))
    if name in BUDGETS:
        _check_budget(account, entity, name, int(value))


def _check_budget(account: Account, entity: Entity, name: str, amount: int) -> None:
    """A budget lives on the campaign or on its ad sets, for the day or for good; a write never changes which."""
    carried = BUDGETS & entity.values.keys()
    if not carried:
        raise _refuse_elsewhere(account, entity, name)
    if name not in carried:
        raise invalid(f"This object has a {''.join(carried)}; its kind of budget cannot be changed", name)
    if amount < _SMALLEST_BUDGET:
        raise invalid(f"The budget is too low: at least {_SMALLEST_BUDGET} in minor units", name)


def _check_bid(entity: Entity, amount: int) -> None:
    """A bid can be set where there is one: nothing else in the sandbox has a bid strategy with a cap."""
    if "bid_amount" not in entity.values:
        raise invalid("The bid strategy of this object takes no bid amount", "bid_amount")
    if amount < _SMALLEST_BID:
        raise invalid(f"The bid is too low: at least {_SMALLEST_BID} in minor units", "bid_amount")


def _refuse_elsewhere(account: Account, entity: Entity, name: str) -> GraphError:
    if entity.kind == "ad_set":
        campaign = account.parent_of(entity)
        where = f"its campaign {campaign.id if campaign else ''} has the budget and shares it out"
    else:
        where = "its ad sets have budgets of their own"
    return invalid(f"The budget cannot be set here: {where}", name)


def _is_rehearsal(parameters: Mapping[str, str]) -> bool:
    text = parameters.get("execution_options")
    if text is None:
        return False
    try:
        options = orjson.loads(text)
    except ValueError:
        options = None
    if not isinstance(options, list):
        raise invalid("Param execution_options must be an array", "execution_options")
    return "validate_only" in options
