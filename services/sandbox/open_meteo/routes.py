"""The path of `api.open-meteo.com`."""

import math

from flask import Blueprint, Response, request

from services.sandbox import exchange
from services.sandbox.answers import json_answer
from services.sandbox.open_meteo.errors import Refused, refusal
from services.sandbox.open_meteo.forecast import documents
from services.sandbox.open_meteo.question import Question, ask
from services.sandbox.world import World

_VARIABLES_OF_ONE_CALL, _DAYS_OF_ONE_CALL = 10, 14


def routes(world: World) -> Blueprint:
    """The blueprint over one world."""
    api = Blueprint("open_meteo", __name__)

    @api.get("/v1/forecast")
    def forecast() -> Response:
        question = ask(request.args, request.headers.get("X-Api-Key"))
        asked = exchange.current()
        asked.calls = weight(question)
        answers = documents(question, world.stations, asked.moment)
        return json_answer(answers[0] if len(answers) == 1 else answers)

    @api.errorhandler(Refused)
    def refused(fault: Refused) -> Response:
        return refusal(str(fault))

    return api


def weight(question: Question) -> int:
    """The calls that Open-Meteo counts: it weighs variables and days of each place. A refusal counts as one."""
    variables = (len(question.current) + len(question.hourly)) / _VARIABLES_OF_ONE_CALL
    days = question.days / _DAYS_OF_ONE_CALL
    return math.ceil(round(len(question.spots) * max(1.0, variables, variables * days), 6))
