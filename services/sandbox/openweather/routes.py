"""The paths of `api.openweathermap.org`."""

from flask import Blueprint, Response, request

from services.sandbox import exchange
from services.sandbox.answers import json_answer
from services.sandbox.openweather import current, geocode
from services.sandbox.openweather.errors import Refused
from services.sandbox.openweather.one_call import one_call
from services.sandbox.openweather.question import Question, ask, check_key, count_of
from services.sandbox.openweather.scene import Scene
from services.sandbox.weather.recorded import nearest
from services.sandbox.world import World


def routes(world: World) -> Blueprint:
    """The blueprint over one world."""
    api = Blueprint("openweather", __name__)

    def scene_for(question: Question) -> Scene:
        station = nearest(world.stations, question.latitude, question.longitude)
        return Scene(station, exchange.current().moment, question.units)

    @api.get("/data/2.5/weather")
    def weather() -> Response:
        question = ask(request.args, is_one_call=False)
        return json_answer(current.current(scene_for(question), question))

    @api.get("/data/2.5/forecast")
    def forecast() -> Response:
        question = ask(request.args, is_one_call=False)
        count = count_of(request.args, current.FORECAST_STEPS)
        return json_answer(current.forecast(scene_for(question), question, count))

    @api.get("/data/3.0/onecall")
    def everything() -> Response:
        question = ask(request.args, is_one_call=True)
        excluded = request.args.get("exclude", "").split(",")
        return json_answer(one_call(scene_for(question), question, excluded))

    @api.get("/geo/1.0/direct")
    def places() -> Response:
        check_key(request.args)
        return json_answer(geocode.direct(request.args))

    @api.route("/geo/<path:_>")
    @api.route("/data/<path:_>")
    def elsewhere(_: str) -> Response:
        return json_answer({"cod": "404", "message": "Internal error"}, 404)

    @api.errorhandler(Refused)
    def refused(refusal: Refused) -> Response:
        return refusal.answer

    return api
