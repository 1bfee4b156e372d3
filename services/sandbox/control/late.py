"""`/_sandbox/late`: requests that were lost on their way, and letting one of them arrive."""

from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app

from services.sandbox.answers import json_answer
from services.sandbox.world import World

if TYPE_CHECKING:
    from services.sandbox.app import Sandbox


def add_routes(api: Blueprint, world: World) -> None:
    """`GET` shows them, oldest first, `POST /late/<n>` lets the n-th (from 0) arrive and gives what it has changed,
    `DELETE` loses all of them for good."""

    @api.get("/late")
    def under_way() -> Response:
        with world.turn:
            return json_answer({"late": [one.document() for one in world.late]})

    @api.post("/late/<int:number>")
    def arrive(number: int) -> Response:
        with world.turn:
            if number >= len(world.late):
                return json_answer({"error": f"Of {len(world.late)} requests under way none is number {number}."}, 404)
            changes = cast("Sandbox", current_app).arrive(world.late.pop(number))
            return json_answer({"changes": [change.document() for change in changes]})

    @api.delete("/late")
    def lose() -> Response:
        with world.turn:
            lost = len(world.late)
            world.late.clear()
        return json_answer({"lost": lost})
