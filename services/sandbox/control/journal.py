"""`/_sandbox/journal`: what was answered, oldest first."""

import re

from flask import Blueprint, Response, request

from services.sandbox.control.bodies import BadBody
from services.sandbox.world import World


def add_routes(api: Blueprint, world: World) -> None:
    """`GET ?since=N` gives `{"last": M, "entries": [...]}` with the entries N+1 to M."""

    @api.get("/journal")
    def read_journal() -> Response:
        text = request.args.get("since", "0")
        if re.fullmatch("[0-9]{1,18}", text) is None:
            raise BadBody(f"since is the number of an entry, not {text!r}.")
        with world.turn:
            lines, last = world.journal.lines(int(text)), world.journal.last
        body = b'{"last":%d,"entries":[%s]}' % (last, b",".join(lines))
        return Response(body, content_type="application/json; charset=UTF-8")
