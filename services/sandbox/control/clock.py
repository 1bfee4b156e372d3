"""`/_sandbox/clock`: where the replay is, and setting it."""

from flask import Blueprint, Response
from marshmallow import Schema, fields

from services.sandbox.answers import json_answer
from services.sandbox.control.bodies import BadBody, load
from services.sandbox.replay_clock import ImpossibleClock
from services.sandbox.world import World


class _ClockSchema(Schema):
    at = fields.DateTime(format="iso", load_default=None)
    speed = fields.Float(load_default=None)


def add_routes(api: Blueprint, world: World) -> None:
    """`GET` shows it; `POST {"at", "speed"}` sets either or both and shows it."""
    schema = _ClockSchema()

    def show() -> Response:
        moment = world.clock.moment()
        return json_answer({"real": moment.real, "replay": moment.replay, "speed": world.clock.speed})

    @api.get("/clock")
    def read_clock() -> Response:
        return show()

    @api.post("/clock")
    def set_clock() -> Response:
        wanted = load(schema)
        try:
            with world.turn:
                world.clock.set(at=wanted["at"], speed=wanted["speed"])
                return show()
        except ImpossibleClock as fault:
            raise BadBody(str(fault)) from None
