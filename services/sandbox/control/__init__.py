"""The sandbox's own API under `/_sandbox/`: health, clock, journal, faults, entities, what holds at the platforms."""

from flask import Blueprint, Response

from services.sandbox.answers import json_answer
from services.sandbox.control import accounts, clock, entities, faults, journal, late, meta_ads
from services.sandbox.control.bodies import BadBody
from services.sandbox.google_ads import control as google_ads
from services.sandbox.world import World

NAME = "sandbox"


def routes(world: World) -> Blueprint:
    """The blueprint over one world."""
    api = Blueprint(NAME, __name__, url_prefix="/_sandbox")

    @api.get("/health")
    def health() -> Response:
        return json_answer({"status": "ok"})

    @api.errorhandler(BadBody)
    def bad_body(fault: BadBody) -> Response:
        return json_answer({"error": str(fault)}, 400)

    for part in (accounts, clock, entities, faults, late, journal, meta_ads, google_ads):
        part.add_routes(api, world)
    return api
