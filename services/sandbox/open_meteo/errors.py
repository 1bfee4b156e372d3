"""How Open-Meteo says no: `{"error": true, "reason": "..."}`, in the very sentences of the real server."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from flask import Response

from services.sandbox.answers import json_answer

_LIMITS: Mapping[str | None, str] = MappingProxyType(
    {
        None: "Minutely API request limit exceeded. Please try again in one minute.",
        "minutely": "Minutely API request limit exceeded. Please try again in one minute.",
        "hourly": "Hourly API request limit exceeded. Please try again in the next hour.",
        "daily": "Daily API request limit exceeded. Please try again tomorrow.",
        "concurrent": "Too many concurrent requests",
    }
)
LIMITS = tuple(name for name in _LIMITS if name)
"""The limits that a fault may name."""

_REASONS: Mapping[int, str] = MappingProxyType(
    {
        401: "API key required. Please add &apikey= to the URL.",
        403: "This API endpoint requires the API Professional or Enterprise plan",
        500: "Something went wrong.",
        503: "The service is overloaded",
    }
)


class Refused(Exception):
    """A request that Open-Meteo would not answer; the text is the reason, the status is 400."""


def refusal(reason: str, status: int = 400) -> Response:
    """The answer that carries a reason."""
    return json_answer({"error": True, "reason": reason}, status)


def rate_limited(limit: str | None) -> Response:
    """Too many calls; there is no header that says for how long."""
    return refusal(_LIMITS[limit], 429)


def failed(status: int) -> Response:
    """Some other failure."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return rate_limited(None)
    return refusal(_REASONS.get(status, HTTPStatus(status).phrase), status)
