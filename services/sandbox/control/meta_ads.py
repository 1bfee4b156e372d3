"""`/_sandbox/meta_ads/...`: Meta's limits, tokens, delays and nodes in trouble, as a test wants them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response
from marshmallow import Schema, fields, validate

from services.sandbox.ad_accounts import META_ADS
from services.sandbox.answers import json_answer
from services.sandbox.control.bodies import BadBody, load
from services.sandbox.meta_ads.access import TokenState
from services.sandbox.meta_ads.limits import LimitName, Size
from services.sandbox.meta_ads.troubles import Trouble, TroubleKind
from services.sandbox.world import World

_GOOD = "good"
_STATES = {state.name.lower(): state for state in TokenState}

Wanted = dict[str, Any]  # Any: typed by the schema


_NONE = timedelta()
_A_DAY = timedelta(days=1)


def _length(default: timedelta | None = None) -> fields.TimeDelta:
    """Seconds as a length of time, up to a day."""
    between = validate.Range(_NONE, _A_DAY)
    return fields.TimeDelta(load_default=default, allow_none=default is None, validate=between)


class _LimitSchema(Schema):
    limit = fields.Enum(LimitName, by_value=True, required=True)
    most = fields.Integer(load_default=None, validate=validate.Range(1))
    seconds = _length(timedelta(seconds=300))
    block = _length()
    account = fields.String(load_default=None)
    blocked = _length()


class _BudgetChangesSchema(Schema):
    most = fields.Integer(load_default=4, validate=validate.Range(0))
    seconds = _length(timedelta(hours=1))


class _DeliverySchema(Schema):
    looks = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0))
    seconds = _length()


class _TokenSchema(Schema):
    token = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf([_GOOD, *_STATES]))


class _AppSchema(Schema):
    secret = fields.String(required=True, allow_none=True)


class _TroubleSchema(Schema):
    node = fields.String(required=True)
    kind = fields.Enum(TroubleKind, by_value=True, required=True)
    method = fields.String(validate=validate.OneOf(["GET", "POST"]))
    times = fields.Integer(data_key="count", validate=validate.Range(1))
    applied = fields.Boolean()
    code = fields.Integer()
    subcode = fields.Integer()
    status = fields.Integer(validate=validate.Range(200, 599))
    message = fields.String()
    is_transient = fields.Boolean()


def add_routes(api: Blueprint, world: World) -> None:
    """Each `POST` sets one thing and answers `{}`; `DELETE /meta_ads/troubles` ends all of those."""
    for name, (schema, settle) in _SETTINGS.items():
        api.add_url_rule(f"/meta_ads/{name}", f"meta_ads_{name}", _setting(world, schema, settle), methods=["POST"])

    @api.delete("/meta_ads/troubles")
    def end_troubles() -> Response:
        with world.turn:
            world.meta.troubles.end()
        return json_answer({})


def _setting(world: World, schema: Schema, settle: Callable[[World, Wanted], None]) -> Callable[[], Response]:
    def post() -> Response:
        wanted = load(schema)
        with world.turn:
            settle(world, wanted)
        return json_answer({})

    return post


def _limit(world: World, wanted: Wanted) -> None:
    """`most` in `seconds`, then a block of `block` seconds (null: until there is room); or blocked right now."""
    name, limits = wanted["limit"], world.meta.limits
    if wanted["most"] is not None:
        limits.resize(name, Size(wanted["most"], wanted["seconds"], wanted["block"]))
    if wanted["blocked"] is not None:
        account = world.accounts.get(wanted["account"] or "", META_ADS)
        if account is None and name is not LimitName.APP:
            raise BadBody(f"There is no Meta account {wanted['account']}.")
        limits.of(name, account).block(world.clock.moment().real, wanted["blocked"])


def _budget_changes(world: World, wanted: Wanted) -> None:
    world.meta.budget_changes.reset(wanted["most"], wanted["seconds"])


def _delivery(world: World, wanted: Wanted) -> None:
    delivery = world.meta.delivery
    delivery.looks, delivery.time = wanted["looks"], wanted["seconds"]


def _token(world: World, wanted: Wanted) -> None:
    refused = world.meta.access.refused
    refused.pop(wanted["token"], None)
    if wanted["state"] != _GOOD:
        refused[wanted["token"]] = _STATES[wanted["state"]]


def _app(world: World, wanted: Wanted) -> None:
    world.meta.access.app_secret = wanted["secret"]


def _trouble(world: World, wanted: Wanted) -> None:
    world.meta.troubles.order(Trouble(**wanted))


_SETTINGS: dict[str, tuple[Schema, Callable[[World, Wanted], None]]] = {
    "limits": (_LimitSchema(), _limit),
    "budget_changes": (_BudgetChangesSchema(), _budget_changes),
    "delivery": (_DeliverySchema(), _delivery),
    "tokens": (_TokenSchema(), _token),
    "app": (_AppSchema(), _app),
    "troubles": (_TroubleSchema(), _trouble),
}
