"""Who may call: the access token, and the proof of it once the app demands one."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from services.sandbox.meta_ads.errors import GraphError, bad_token


class TokenState(Enum):
    """Why a token is refused, each with Meta's subcode and words."""

    APP_REMOVED = 458, "Error validating access token: The user has not authorized application."
    CHECKPOINT = 459, "Error validating access token: You cannot access the app till you log in to www.facebook.com."
    PASSWORD_CHANGED = 460, "Error validating access token: The session has been invalidated because of a password."
    EXPIRED = 463, "Error validating access token: Session has expired."
    UNCONFIRMED = 464, "Error validating access token: Sessions for the user are not allowed: not confirmed."
    REVOKED = 467, "Error validating access token: The session is invalid because the user logged out."


@dataclass(slots=True)
class Access:
    """Every token is good but those named here, `invalid` and none at all."""

    app_secret: str | None = None
    refused: dict[str, TokenState] = field(default_factory=dict)

    def check(self, token: str, parameters: Mapping[str, str]) -> None:
        """Raises GraphError for a token, or a proof of it, that is not good."""
        if token in {"", "invalid"}:
            raise bad_token()
        if token in self.refused:
            subcode, words = self.refused[token].value
            raise GraphError(190, words, subcode=subcode)
        if self.app_secret is None:
            return
        if "appsecret_proof" not in parameters:
            raise GraphError(100, "API calls from the server require an appsecret_proof argument")
        proof = hmac.new(self.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(proof, parameters["appsecret_proof"]):
            raise GraphError(100, "Invalid appsecret_proof provided in the API argument")
