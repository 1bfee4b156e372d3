"""`/_sandbox/entities`: what is in the ad accounts, adding to it, and a person's hand in the platform's own pages."""

from flask import Blueprint, Response

from services.sandbox import exchange
from services.sandbox.ad_accounts import Account, Entity
from services.sandbox.answers import json_answer
from services.sandbox.control.bodies import BadBody, json_body
from services.sandbox.seeds import UnusableSeed, check_value, writable
from services.sandbox.world import World

PERSON = "person"


def add_routes(api: Blueprint, world: World) -> None:
    """`GET` shows all accounts in the seed's form, `POST` takes that form, `POST /{account}/{resource}` edits."""

    @api.get("/entities")
    def show() -> Response:
        with world.turn:
            return json_answer({"accounts": [_document(account) for account in world.accounts]})

    @api.post("/entities")
    def add() -> Response:
        try:
            return json_answer({"added": world.add_accounts(json_body())}, 201)
        except UnusableSeed as fault:
            raise BadBody(str(fault)) from None

    @api.post("/entities/<account_id>/<path:resource>")
    def edit_by_hand(account_id: str, resource: str) -> Response:
        account = world.accounts.get(account_id)
        entity = account.entities.get(resource) if account else None
        if account is None or entity is None:
            return json_answer({"error": f"There is no {resource} in an account {account_id}."}, 404)
        values = _checked(account, entity, json_body())
        with world.turn:
            edit = exchange.begin(PERSON, world.clock.moment())
            edit.account, edit.calls = account.id, 0
            edit.changes = [account.write(entity, name, value) for name, value in values.items()]
            world.journal.append(edit.entry(200))
        return json_answer({"changes": [change.document() for change in edit.changes]})


def _checked(account: Account, entity: Entity, body: object) -> dict[str, str]:
    if not isinstance(body, dict) or not body:
        raise BadBody('The body is an object of fields and values, like {"status": "PAUSED"}.')
    unknown = body.keys() - writable(account.platform, entity.kind) - ({"budget"} if entity.budget else set())
    if unknown:
        raise BadBody(f"{entity.resource} has no {', '.join(sorted(unknown))}.")
    try:
        return {name: _value(account, name, value) for name, value in body.items()}
    except UnusableSeed as fault:
        raise BadBody(str(fault)) from None


def _value(account: Account, name: str, value: object) -> str:
    if name != "budget":
        return check_value(account.platform, name, value)
    if not isinstance(value, str) or not value.startswith("campaign_budget/") or value not in account.entities:
        raise BadBody(f"There is no {value} to spend.")
    return value


def _document(account: Account) -> dict[str, object]:
    return {
        "platform": account.platform,
        "id": account.id,
        "name": account.name,
        "currency": account.currency,
        "time_zone": account.time_zone,
        "entities": [_entity(entity) for entity in account.entities.values()],
    }


def _entity(entity: Entity) -> dict[str, object]:
    about: dict[str, object] = {"resource": entity.resource, "name": entity.name}
    about |= {"parent": entity.parent} if entity.parent else {}
    about |= {"budget": entity.budget} if entity.budget else {}
    about |= {"explicitly_shared": True} if entity.explicitly_shared else {}
    return about | dict(entity.values)
