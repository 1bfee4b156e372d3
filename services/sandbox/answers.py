"""JSON over HTTP, both ways."""

from collections.abc import Mapping

import orjson
from flask import Response


def json_answer(document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response. `Decimal`s and other surprises are refused rather than guessed at."""
    body = orjson.dumps(document, option=orjson.OPT_UTC_Z)
    return Response(body, status, dict(headers or {}), content_type="application/json; charset=UTF-8")
