"""`/_sandbox/faults`: ordering faults, looking at them, taking them back."""

import re
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response
from marshmallow import Schema, fields, validate

from services.sandbox.answers import json_answer
from services.sandbox.control.bodies import BadBody, load
from services.sandbox.faults import Fault, FaultKind
from services.sandbox.imitations import IMITATIONS
from services.sandbox.world import World

_ERRORS = [int(status) for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST]


class _FaultSchema(Schema):
    service = fields.String(required=True, validate=validate.OneOf(list(IMITATIONS)))
    kind = fields.Enum(FaultKind, by_value=True, required=True)
    path = fields.String(load_default=None, allow_none=True)
    method = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(["GET", "POST"]))
    status = fields.Integer(load_default=503, validate=validate.OneOf(_ERRORS))
    retry_after = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 86_400))
    limit = fields.String(load_default=None, allow_none=True)
    seconds = fields.Float(load_default=None, allow_none=True, validate=validate.Range(0, 86_400))
    probability = fields.Float(load_default=1.0, validate=validate.Range(0, 1))
    remaining = fields.Integer(data_key="count", load_default=None, allow_none=True, validate=validate.Range(1))
    seed = fields.Integer(load_default=None, allow_none=True)


def add_routes(api: Blueprint, world: World) -> None:
    """`POST` orders one and shows it, `GET` shows all, `DELETE` ends all, `DELETE /faults/<id>` ends one."""
    schema = _FaultSchema()

    @api.post("/faults")
    def order() -> Response:
        return json_answer(world.faults.order(_fault(load(schema))).document(), 201)

    @api.get("/faults")
    def in_force() -> Response:
        return json_answer({"faults": [fault.document() for fault in world.faults.in_force()]})

    @api.delete("/faults", defaults={"fault_id": None})
    @api.delete("/faults/<int:fault_id>")
    def take_back(fault_id: int | None) -> Response:
        return json_answer({"ended": world.faults.take_back(fault_id)})


def _fault(wanted: dict[str, Any]) -> Fault:  # Any: typed by the schema
    limits = IMITATIONS[wanted["service"]].limits
    if wanted["limit"] not in {None, *limits}:
        raise BadBody(f"{wanted['service']} tells these limits apart: {', '.join(limits) or 'none'}.")
    try:
        pattern = None if wanted["path"] is None else re.compile(wanted["path"])
    except re.error as fault:
        raise BadBody(f"path is not a regular expression: {fault}.") from None
    return Fault(**wanted | {"path": pattern})
