"""Who we are to Google Ads."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from weathertrigger.http.credential_text import credential, optional_credential


@dataclass(frozen=True, slots=True)
class GoogleCredentials:
    """An OAuth client, the refresh token that a user granted it, and the manager account to act through, if any.

    The developer token is optional: Google stopped using it on 2026-09-09 and ignores the header since.
    """

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    login_customer_id: str | None = None
    developer_token: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must not be seen."""
        return tuple(filter(None, (self.client_secret, self.refresh_token, self.developer_token)))

    @property
    def header(self) -> dict[str, str]:
        """What goes with every call beside the access token."""
        header = {}
        if self.login_customer_id is not None:
            header["login-customer-id"] = self.login_customer_id.replace("-", "")
        if self.developer_token is not None:
            header["developer-token"] = self.developer_token
        return header


def credentials_from(settings: Mapping[str, str], service: str) -> GoogleCredentials:
    """From `client_id`, `client_secret`, `refresh_token` and, optionally, `login_customer_id`, `developer_token`.

    Raises:
        SettingsError: one is missing, or a value cannot be a credential.
    """
    return GoogleCredentials(
        credential(settings, "client_id", service),
        credential(settings, "client_secret", service),
        credential(settings, "refresh_token", service),
        optional_credential(settings, "login_customer_id", service),
        optional_credential(settings, "developer_token", service),
    )
