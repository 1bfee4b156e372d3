"""The paths of `graph.facebook.com/v26.0`, with and without a slash at the end."""

from flask import Blueprint, Response, request

from services.sandbox import exchange
from services.sandbox.answers import json_answer
from services.sandbox.meta_ads.batch import answer_batch
from services.sandbox.meta_ads.errors import GraphError, incomplete, invalid, trace_id
from services.sandbox.meta_ads.graph import Graph, Outcome, Parameters, troubled
from services.sandbox.meta_ads.troubles import ROOT
from services.sandbox.world import World

_OUTDATED = "(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: v26.0."


def routes(world: World) -> Blueprint:
    """The blueprint over one world."""
    api = Blueprint("meta_ads", __name__)

    @api.route("/v26.0/", defaults={"path": ""}, methods=["GET", "POST"])
    @api.route("/v26.0/<path:path>", methods=["GET", "POST"])
    def graph(path: str) -> Response:
        parameters = request.args.to_dict() | request.form.to_dict()
        _check_method(parameters)
        world.meta.access.check(_token(parameters), parameters)
        graph = Graph(world, exchange.current().moment.real)
        outcome = _outcome(graph, world, path.strip("/"), parameters)
        document, status = (outcome.document, outcome.status) if outcome.completed else (incomplete().document(), 503)
        return json_answer(document, status, {**graph.headers(outcome.accounts), "x-fb-trace-id": trace_id()})

    @api.route("/v<int:_>.0/<path:__>", methods=["GET", "POST"])
    def outdated(_: int, __: str) -> Response:
        return GraphError(2635, _OUTDATED).answer()

    @api.errorhandler(GraphError)
    def refused(error: GraphError) -> Response:
        answer = error.answer()
        answer.headers["x-fb-trace-id"] = trace_id()
        return answer

    return api


def _outcome(graph: Graph, world: World, path: str, parameters: Parameters) -> Outcome:
    if request.method == "POST" and path == ROOT and "batch" in parameters:
        trouble = graph.trouble(request.method, ROOT)
        return troubled(trouble) if trouble else answer_batch(parameters["batch"], world.accounts, graph)
    return graph.handle(request.method, path, parameters)


def _token(parameters: Parameters) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else parameters.get("access_token", "")


def _check_method(parameters: Parameters) -> None:
    if parameters.get("method", request.method).upper() != request.method:
        raise invalid("The sandbox does not take a method as a parameter", "method")
