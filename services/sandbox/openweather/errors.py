"""How OpenWeather says no. `cod` is a number or text just as at the real API."""

from http import HTTPStatus

from flask import Response

from services.sandbox.answers import json_answer

_BAD_KEY = "Invalid API key. Please see https://openweathermap.org/faq#error401 for more info."
_TOO_MANY = (
    "Your account is temporary blocked due to exceeding of requests limitation of your subscription type. "
    "Please choose the proper subscription https://openweathermap.org/price"
)


class Refused(Exception):
    """A request that OpenWeather would not answer; carries the answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


def bad_key() -> Refused:
    """No key, or not a good one."""
    return Refused(json_answer({"cod": 401, "message": _BAD_KEY}, 401))


def bad_parameter(name: str, message: str, *, is_one_call: bool) -> Refused:
    """A parameter is missing or wrong. One Call's `cod` is a number and comes with the parameter's name."""
    if is_one_call:
        return Refused(json_answer({"cod": 400, "message": message, "parameters": [name]}, 400))
    return Refused(json_answer({"cod": "400", "message": message}, 400))


def rate_limited() -> Response:
    """Too many calls; there is no header that says for how long."""
    return json_answer({"cod": 429, "message": _TOO_MANY}, 429)


def failed(status: int) -> Response:
    """Some other failure."""
    if status == HTTPStatus.UNAUTHORIZED:
        return bad_key().answer
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return rate_limited()
    return json_answer({"cod": status, "message": HTTPStatus(status).phrase}, status)
