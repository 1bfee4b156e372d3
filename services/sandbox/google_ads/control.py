"""`/_sandbox/google_ads`: ordering what the imitated Google Ads is to do (`orders.py`)."""

import re
from typing import Any

from flask import Blueprint, Response
from marshmallow import Schema, fields, validate

from services.sandbox.ad_accounts import GOOGLE_ADS
from services.sandbox.answers import json_answer
from services.sandbox.control.bodies import BadBody, load
from services.sandbox.google_ads.errors import quota_details
from services.sandbox.google_ads.orders import AccountOrders, OrderedError, Orders
from services.sandbox.world import World

_CODE = re.compile(r"([a-z][A-Za-z]+Error)\.([A-Z_]+)")
_DURATION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,9})?s")


class _OrdersSchema(Schema):
    page_rows = fields.Integer(validate=validate.Range(1))
    token_lifetime_s = fields.Integer(validate=validate.Range(1, 10**6))
    end_tokens = fields.Boolean()
    revoke = fields.String()
    operations_left = fields.Integer(allow_none=True, validate=validate.Range(0))


class _AccountSchema(Schema):
    manager = fields.String(allow_none=True, validate=validate.Regexp(r"[0-9]{1,10}\Z"))
    smallest_budget = fields.Integer(allow_none=True, validate=validate.Range(1))


class _ErrorSchema(Schema):
    error = fields.String(required=True, validate=validate.Regexp(_CODE.pattern + r"\Z"))
    message = fields.String(load_default="Ordered of the sandbox.")
    status = fields.Integer(load_default=400, validate=validate.Range(400, 599))
    resource = fields.String(load_default=None, allow_none=True)
    retry_delay = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(_DURATION.pattern + r"\Z"))
    rate_scope = fields.String(load_default=None, validate=validate.OneOf(["ACCOUNT", "DEVELOPER"]))
    count = fields.Integer(load_default=1, validate=validate.Range(1))


def add_routes(api: Blueprint, world: World) -> None:
    """`POST /google_ads` for all, `POST /google_ads/{account}` and `/errors` beneath it for one; `GET` shows, `DELETE`
    ends everything that was ordered."""

    @api.get("/google_ads")
    def show_google_ads() -> Response:
        with world.turn:
            return json_answer(_document(world.google_ads))

    @api.delete("/google_ads")
    def end_google_ads() -> Response:
        with world.turn:
            world.google_ads = Orders()
            return json_answer(_document(world.google_ads))

    @api.post("/google_ads")
    def order_of_google_ads() -> Response:
        wanted = load(_OrdersSchema())
        with world.turn:
            orders = world.google_ads
            if wanted.pop("end_tokens", False):
                orders.tokens_ended_at = world.clock.moment().real
            orders.revoked |= {wanted.pop("revoke")} if "revoke" in wanted else set()
            for name, value in wanted.items():
                setattr(orders, name, value)
            return json_answer(_document(orders))

    @api.post("/google_ads/<account_id>")
    def order_of_google_account(account_id: str) -> Response:
        wanted = load(_AccountSchema())
        with world.turn:
            orders = _of_account(world, account_id)
            for name, value in wanted.items():
                setattr(orders, name, value)
            return json_answer(_document(world.google_ads))

    @api.post("/google_ads/<account_id>/errors")
    def order_google_error(account_id: str) -> Response:
        error = _error(load(_ErrorSchema()))
        with world.turn:
            _of_account(world, account_id).errors.append(error)
            return json_answer(error.document(), 201)


def _of_account(world: World, account_id: str) -> AccountOrders:
    if world.accounts.get(account_id, GOOGLE_ADS) is None:
        raise BadBody(f"There is no Google Ads account {account_id}.")
    return world.google_ads.accounts[account_id]


def _error(wanted: dict[str, Any]) -> OrderedError:  # Any: typed by the schema
    category, _, code = wanted["error"].partition(".")
    details = quota_details(wanted["rate_scope"], wanted["retry_delay"]) if category == "quotaError" else {}
    return OrderedError(
        category, code, wanted["message"], wanted["status"], wanted["resource"], details, wanted["count"]
    )


def _document(orders: Orders) -> dict[str, object]:
    return {
        "page_rows": orders.page_rows,
        "token_lifetime_s": orders.token_lifetime_s,
        "tokens_ended_at": orders.tokens_ended_at,
        "operations_left": orders.operations_left,
        "accounts": {
            account_id: {
                "manager": account.manager,
                "smallest_budget": account.smallest_budget,
                "errors": [error.document() for error in account.errors],
            }
            for account_id, account in orders.accounts.items()
        },
    }
