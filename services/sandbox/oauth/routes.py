"""Refresh tokens for access tokens. Any refresh token is good except `invalid` and those whose end was ordered, any
client secret except `invalid`."""

from http import HTTPStatus

from flask import Blueprint, Response, request

from services.sandbox.answers import json_answer
from services.sandbox.world import World

_REVOKED = "invalid"
_SCOPE = "https://www.googleapis.com/auth/adwords"


def routes(world: World) -> Blueprint:
    """The blueprint; tokens are not remembered, so a restart of the sandbox logs nobody out."""
    api = Blueprint("oauth", __name__)

    @api.post("/token")
    def token() -> Response:
        form = request.form
        if form.get("grant_type") != "refresh_token":
            return _refused("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        if form.get("client_secret", "") in {"", "invalid"} or not form.get("client_id"):
            return _refused("invalid_client", "The OAuth client was not found.", 401)
        if not form.get("refresh_token"):
            return _refused("invalid_request", "Missing required parameter: refresh_token")
        orders = world.google_ads
        if form["refresh_token"] in {_REVOKED, *orders.revoked}:
            return _refused("invalid_grant", "Token has been expired or revoked.")
        issued, lifetime = orders.issue_token(world.clock.moment().real), orders.token_lifetime_s
        return json_answer(
            {"access_token": issued, "expires_in": lifetime, "scope": _SCOPE, "token_type": "Bearer"},
            headers={"Cache-Control": "no-store"},
        )

    return api


def failed(status: int) -> Response:
    """Some other failure."""
    return _refused(
        "internal_failure" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "rate_limit_exceeded", "", status
    )


def _refused(error: str, description: str, status: int = 400) -> Response:
    return json_answer({"error": error, "error_description": description}, status)
