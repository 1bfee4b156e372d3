"""One request through the sandbox: a fault may strike, the imitated API answers, the journal takes it down.

The sandbox's own API (`/_sandbox/`) takes no part in this: no fault strikes it, and only edits made as a person are
journalled.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask import Flask, Response, request

from services.sandbox import control, exchange, late
from services.sandbox.answers import json_answer
from services.sandbox.exchange import Change, Exchange
from services.sandbox.faults import Fault, FaultKind
from services.sandbox.imitations import IMITATIONS
from services.sandbox.late import Late
from services.sandbox.server import ConnectionBroken
from services.sandbox.spoiled import INSTEAD, SPOILED
from services.sandbox.world import World

_LONGEST_HANG = 3600.0
_DEFAULT_LATENCY = 1.0
_UNANSWERED = frozenset({FaultKind.RESET_AFTER_APPLYING, FaultKind.LATE})


class Sandbox(Flask):
    """The WSGI application over one world."""

    def __init__(self, world: World) -> None:
        super().__init__("services.sandbox", static_folder=None)
        self.world = world
        self.config["PROPAGATE_EXCEPTIONS"] = True  # a broken connection, and errors of our own, end at the server
        self.url_map.strict_slashes = False

    def full_dispatch_request(self) -> Response:
        """Plays a fault if one strikes; otherwise answers."""
        taken_down = exchange.begin(request.blueprint or "unknown", self.world.clock.moment())
        if taken_down.service == control.NAME:
            return super().full_dispatch_request()
        fault = self.world.faults.draw(taken_down.service, request.method, request.path)
        return self._answer(taken_down) if fault is None else self._play(taken_down, fault)

    def arrive(self, request_kept: Late) -> Sequence[Change]:
        """Does what a late request asks for. Nobody waits for its answer."""
        with self.request_context(request_kept.environ):
            taken_down = exchange.begin(request_kept.fault.service, self.world.clock.moment())
            self._answer(taken_down, request_kept.fault)
        return taken_down.changes

    def _answer(self, taken_down: Exchange, fault: Fault | None = None) -> Response:
        """Does what is asked and journals it, before anybody else's turn."""
        is_lost = fault is not None and fault.kind in _UNANSWERED
        with self._turn(taken_down):
            response = super().full_dispatch_request()
            self._journal(taken_down, None if is_lost else response.status_code, fault)
        return response

    def _play(self, taken_down: Exchange, fault: Fault) -> Response:
        imitation = IMITATIONS[fault.service]
        match fault.kind:
            case FaultKind.STATUS:
                return self._refuse(taken_down, fault, imitation.failed(fault.status))
            case FaultKind.RATE_LIMIT:
                return self._refuse(taken_down, fault, _asking_to_wait(imitation.rate_limited(fault.limit), fault))
            case kind if kind in INSTEAD:
                return self._refuse(taken_down, fault, INSTEAD[kind](fault))
            case kind if kind in SPOILED:
                response = self._answer(taken_down, fault)
                response.set_data(SPOILED[kind](response.get_data()))
                return response
            case FaultKind.LATENCY:
                self._wait(_DEFAULT_LATENCY if fault.seconds is None else fault.seconds)
                return self._answer(taken_down, fault)
            case FaultKind.RESET_AFTER_APPLYING:
                self._answer(taken_down, fault)
            case FaultKind.RESET:
                self._note_unanswered(taken_down, fault)
            case FaultKind.LATE:
                self._note_unanswered(taken_down, fault)
                self.world.late.append(late.keep(fault, taken_down.moment.real))
            case FaultKind.HANG:
                self._note_unanswered(taken_down, fault)
                self._wait(_LONGEST_HANG if fault.seconds is None else fault.seconds)
        raise ConnectionBroken

    def _refuse(self, taken_down: Exchange, fault: Fault, answer: Response) -> Response:
        with self._turn(taken_down):
            self._journal(taken_down, answer.status_code, fault)
        return answer

    def _note_unanswered(self, taken_down: Exchange, fault: Fault) -> None:
        with self._turn(taken_down):
            self._journal(taken_down, None, fault)

    def _wait(self, seconds: float) -> None:
        if self.world.closing.wait(seconds):
            raise ConnectionBroken

    @contextmanager
    def _turn(self, taken_down: Exchange) -> Iterator[None]:
        with self.world.turn:
            if self.world.closing.is_set():
                raise ConnectionBroken
            taken_down.moment = self.world.clock.moment()
            yield

    def _journal(self, taken_down: Exchange, status: int | None, fault: Fault | None) -> None:
        self.world.journal.append(taken_down.entry(status, fault.kind if fault else None))


def _asking_to_wait(answer: Response, fault: Fault) -> Response:
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


def create_app(world: World) -> Sandbox:
    """The WSGI application that imitates the outside world."""
    app = Sandbox(world)
    for imitation in IMITATIONS.values():
        app.register_blueprint(imitation.routes(world))
    app.register_blueprint(control.routes(world))
    app.register_error_handler(404, lambda _: json_answer({"error": "The sandbox imitates nothing at this path."}, 404))
    return app
