"""Graph's error envelope. Codes and texts after Meta's error reference and bodies that its users have published.

Refusals of budgets that do not fit the account's structure carry code 100 without a subcode: Meta's subcodes for them
are not published.
"""

import secrets
from http import HTTPStatus

import orjson
from flask import Response

from services.sandbox import exchange
from services.sandbox.answers import json_answer

_TOO_MANY = (
    "(#80004) There have been too many calls to this ad-account. Wait a bit and try again. For more info, please refer "
    "to https://developers.facebook.com/docs/graph-api/overview/rate-limiting."
)
MISSING_OBJECT = 33


class GraphError(Exception):
    """A refusal, before it is put into the envelope."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        subcode: int | None = None,
        status: int = 400,
        blame: str | None = None,
        is_transient: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.subcode = subcode
        self.status = status
        self.blame = blame
        self.is_transient = is_transient or code == _TEMPORARY

    def document(self) -> dict[str, object]:
        """The body."""
        error: dict[str, object] = {"message": str(self), "type": "OAuthException", "code": self.code}
        if self.blame:
            # As text, as Meta often writes it: clients have to read it both ways.
            error |= {"error_data": orjson.dumps({"blame_field_specs": [[self.blame]]}).decode()}
        if self.subcode is not None:
            error |= {"error_subcode": self.subcode}
        error |= {"is_transient": self.is_transient, "fbtrace_id": trace_id()}
        return {"error": error}

    def answer(self) -> Response:
        """The response."""
        return json_answer(self.document(), self.status)


_TEMPORARY = 2


def trace_id() -> str:
    """The id of this request at Meta, the same everywhere in one answer."""
    taken_down = exchange.current()
    taken_down.request_id = taken_down.request_id or f"A{secrets.token_urlsafe(16)}"
    return taken_down.request_id


def invalid(message: str, blame: str | None = None) -> GraphError:
    """Code 100: a parameter that cannot be taken."""
    return GraphError(100, f"(#100) {message}", blame=blame)


def missing(node_id: str, verb: str) -> GraphError:
    """Code 100, subcode 33: no such object, or not for this token. `verb` is `get` or `post`."""
    return GraphError(
        100,
        f"Unsupported {verb} request. Object with ID '{node_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api",
        subcode=MISSING_OBJECT,
    )


def bad_token() -> GraphError:
    """Code 190: no token, or not a good one."""
    return GraphError(190, "Invalid OAuth access token - Cannot parse access token")


def too_many_calls() -> GraphError:
    """Code 80004: the ad account's own limit of ads management."""
    return GraphError(80004, _TOO_MANY, subcode=2446079)


def incomplete() -> GraphError:
    """Code 2: it did not complete."""
    return GraphError(_TEMPORARY, "Service temporarily unavailable", status=503)


def rate_limited() -> Response:
    """The ad account's own limit; there is no Retry-After."""
    return too_many_calls().answer()


def failed(status: int) -> Response:
    """Some other failure: code 2 for a server's, 190 for 401, 10 for 403, 4 for 429, otherwise 1."""
    if status == HTTPStatus.UNAUTHORIZED:
        return bad_token().answer()
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return GraphError(_TEMPORARY, "Service temporarily unavailable", status=status).answer()
    code, message = {
        HTTPStatus.FORBIDDEN: (10, "(#10) Application does not have permission for this action"),
        HTTPStatus.TOO_MANY_REQUESTS: (4, "(#4) Application request limit reached"),
    }.get(HTTPStatus(status), (1, "An unknown error occurred"))
    return GraphError(code, message, status=status).answer()
