"""JSON bodies of the sandbox's own API: an object with known keys, or 400 and a sentence."""

from typing import Any

import orjson
from flask import request
from marshmallow import Schema, ValidationError


class BadBody(Exception):
    """The body cannot be taken; the text says why."""


def json_body() -> Any:  # Any: JSON from outside
    """The request's body.

    Raises:
        BadBody: it is not JSON.
    """
    try:
        return orjson.loads(request.get_data())
    except ValueError as fault:
        raise BadBody(f"The body is not JSON: {fault}.") from None


def load(schema: Schema) -> dict[str, Any]:  # Any: typed by the schema
    """The request's body as the schema reads it.

    Raises:
        BadBody: it does not fit.
    """
    try:
        loaded: dict[str, Any] = schema.load(json_body())
    except ValidationError as fault:
        raise BadBody(f"The body cannot be taken: {fault}.") from None
    return loaded
