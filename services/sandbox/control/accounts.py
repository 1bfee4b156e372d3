"""`/_sandbox/accounts/{account}`: what an ad account shows of itself, as a test wants it, until the sandbox ends."""

from flask import Blueprint, Response
from marshmallow import Schema, fields, validate

from services.sandbox.answers import json_answer
from services.sandbox.control.bodies import load
from services.sandbox.world import World


class _AccountSchema(Schema):
    status = fields.String(validate=validate.Regexp(r"[A-Z0-9_]{1,30}\Z"))  # at Meta a number
    currency = fields.String(validate=validate.Regexp(r"[A-Z]{3}\Z"))


def add_routes(api: Blueprint, world: World) -> None:
    """`POST` sets `status` (Meta's number, Google's word) and `currency`."""

    @api.post("/accounts/<account_id>")
    def set_account(account_id: str) -> Response:
        wanted = load(_AccountSchema())
        with world.turn:
            account = world.accounts.get(account_id)
            if account is None:
                return json_answer({"error": f"There is no account {account_id}."}, 404)
            account.status = wanted.get("status", account.status)
            account.currency = wanted.get("currency", account.currency)
            return json_answer({"id": account.id, "status": account.status, "currency": account.currency})
