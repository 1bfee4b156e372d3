"""The paths of `graph.facebook.com/v26.0`, with and without a slash at the end."""

from flask import Blueprint, Response, request

from services.sandbox import exchange
from services.sandbox.ad_accounts import Account
from services.sandbox.answers import json_answer
from services.sandbox.meta_ads.batch import answer_batch
from services.sandbox.meta_ads.errors import GraphError, bad_token, invalid, trace_id
from services.sandbox.meta_ads.lists import read_edge, read_many, read_node
from services.sandbox.meta_ads.writes import write
from services.sandbox.world import World

_OUTDATED = "(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: v26.0."

Parameters = dict[str, str]


def routes(world: World) -> Blueprint:
    """The blueprint over one world."""
    api = Blueprint("meta_ads", __name__)

    def handle(method: str, path: str, parameters: Parameters) -> object:
        """One request, whether it came alone or in a batch."""
        if method == "POST":
            account, changes = write(world.accounts, path, parameters)
            exchange.current().changes.extend(changes)
            document: object = {"success": True}
        elif not path and "ids" in parameters:
            several, document = read_many(world.accounts, parameters)
            _note(several)
            return document
        else:
            node_id, _, edge = path.partition("/")
            read = read_edge(world.accounts, node_id, edge, parameters) if edge else None
            account, document = read or read_node(world.accounts, node_id, parameters)
        _note(account)
        return document

    @api.route("/v26.0/", defaults={"path": ""}, methods=["GET", "POST"])
    @api.route("/v26.0/<path:path>", methods=["GET", "POST"])
    def graph(path: str) -> Response:
        parameters = request.args.to_dict() | request.form.to_dict()
        _check_token(parameters)
        if request.method == "POST" and not path.strip("/") and "batch" in parameters:
            answer = answer_batch(parameters["batch"], world.accounts, handle)
        else:
            answer = json_answer(handle(request.method, path.strip("/"), parameters))
        answer.headers["x-fb-trace-id"] = trace_id()
        return answer

    @api.route("/v<int:_>.0/<path:__>", methods=["GET", "POST"])
    def outdated(_: int, __: str) -> Response:
        return GraphError(2635, _OUTDATED).answer()

    @api.errorhandler(GraphError)
    def refused(error: GraphError) -> Response:
        answer = error.answer()
        answer.headers["x-fb-trace-id"] = trace_id()
        return answer

    return api


def _note(account: Account | None) -> None:
    """The journal's account: the one that everything in this request belongs to, None when there are several."""
    taken_down = exchange.current()
    if account is not None:
        taken_down.account = account.id if taken_down.account in {None, account.id} else None


def _check_token(parameters: Parameters) -> None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    sent = token if kind.lower() == "bearer" else parameters.get("access_token", "")
    if sent in {"", "invalid"}:
        raise bad_token()
    if parameters.get("method", request.method).upper() != request.method:
        raise invalid("The sandbox does not take a method as a parameter", "method")
