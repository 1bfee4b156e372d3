"""The paths of `googleads.googleapis.com/v26`."""

import re
from collections.abc import Callable
from typing import Any

import orjson
from flask import Blueprint, Response, request

from services.sandbox import exchange
from services.sandbox.ad_accounts import GOOGLE_ADS, Account
from services.sandbox.answers import json_answer
from services.sandbox.google_ads import errors
from services.sandbox.google_ads.errors import AdsError, Refused
from services.sandbox.google_ads.mutate import mutate_any, mutate_kind
from services.sandbox.google_ads.orders import Orders
from services.sandbox.google_ads.resources import COLLECTIONS
from services.sandbox.google_ads.search import search, stream
from services.sandbox.world import World

Body = dict[str, Any]  # Any: a JSON object from outside
Call = Callable[[Account, Body, Orders], object]

_DIGITS = re.compile(r"[0-9]{1,10}")


def _mutates_of(kind: str) -> Call:
    return lambda account, body, orders: mutate_kind(account, kind, body, orders)


_CALLS: dict[str, Call] = {
    "googleAds:search": search,
    "googleAds:searchStream": stream,
    "googleAds:mutate": mutate_any,
    **{f"{collection}:mutate": _mutates_of(kind) for kind, collection in COLLECTIONS.items()},
}


def routes(world: World) -> Blueprint:
    """The blueprint over one world."""
    api = Blueprint("google_ads", __name__)

    @api.post("/v26/customers/<customer_id>/<call>")
    def customer_call(customer_id: str, call: str) -> Response:
        exchange.current().account = customer_id
        _check_token(world)
        if call not in _CALLS:
            return errors.failed(404)
        account = _customer(world, customer_id)
        try:
            body = _body()
            _check_orders(world.google_ads, customer_id, body)
            answer = _CALLS[call](account, body, world.google_ads)
        except Refused as refusal:
            if call.endswith("Stream"):  # its errors come in a list, like its chunks
                return errors.with_request_id(json_answer([refusal.document()], refusal.status))
            raise
        return errors.with_request_id(json_answer(answer))

    @api.get("/v26/customers:listAccessibleCustomers")
    def accessible() -> Response:
        _check_token(world)
        names = [f"customers/{account.id}" for account in world.accounts if account.platform == GOOGLE_ADS]
        return errors.with_request_id(json_answer({"resourceNames": names}))

    @api.route("/v<int:_>/<path:__>", methods=["GET", "POST"])
    def elsewhere(_: int, __: str) -> Response:
        return errors.failed(404)

    @api.errorhandler(Refused)
    def refused(refusal: Refused) -> Response:
        return refusal.answer()

    return api


def _check_token(world: World) -> None:
    """Any token is good except `invalid`, `expired` and one of ours whose time is over."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    has_ended = token == "expired" or world.google_ads.has_ended(token, world.clock.moment().real)  # noqa: S105
    if kind.lower() != "bearer" or token in {"", "invalid"} or has_ended:
        raise errors.bad_token(is_expired=has_ended)
    login = request.headers.get("login-customer-id")
    if login is not None and not _DIGITS.fullmatch(login):
        message = f"Login customer ID '{login}' is invalid."
        raise errors.invalid(AdsError("headerError", "INVALID_LOGIN_CUSTOMER_ID", message))


def _customer(world: World, customer_id: str) -> Account:
    if not _DIGITS.fullmatch(customer_id):
        raise errors.invalid(AdsError("requestError", "INVALID_CUSTOMER_ID", f"Invalid customer ID '{customer_id}'."))
    account = world.accounts.get(customer_id, GOOGLE_ADS)
    if account is None:
        raise errors.not_yours()
    return account


def _check_orders(orders: Orders, customer_id: str, body: Body) -> None:
    """What a test ordered: an account behind a manager, an error of the whole request, the end of the day's quota."""
    of_account = orders.accounts[customer_id]
    if of_account.manager not in {None, request.headers.get("login-customer-id")}:
        raise errors.not_yours()
    if error := of_account.next_error():
        raise errors.ordered(error)
    items = body.get("mutateOperations", body.get("operations"))
    if not orders.spend(len(items) if isinstance(items, list) else 1):
        raise errors.day_is_used_up()


def _body() -> Body:
    try:
        body = orjson.loads(request.get_data() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise errors.unreadable("Expected an object.")
    return body
