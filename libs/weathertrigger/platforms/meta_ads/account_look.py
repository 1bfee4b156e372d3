"""`GET /act_X?fields=name,currency,account_status`.

Statuses: https://developers.facebook.com/docs/marketing-api/reference/ad-account.
"""

from collections.abc import Mapping
from types import MappingProxyType

from weathertrigger.errors import Rejected, Transient
from weathertrigger.http.client import HttpClient, Origin
from weathertrigger.http.strict_json import Json, dig, text, whole
from weathertrigger.platforms.account_look import AccountShown
from weathertrigger.platforms.meta_ads.client import DEFAULT_URL, NAME
from weathertrigger.platforms.meta_ads.credentials import MetaCredentials, credentials_from
from weathertrigger.platforms.meta_ads.graph import Graph
from weathertrigger.platforms.port import AdAccount

STATUSES: Mapping[int, str] = MappingProxyType(
    {
        1: "active",
        2: "disabled",
        3: "unsettled",
        7: "pending risk review",
        8: "pending settlement",
        9: "in grace period",
        100: "pending closure",
        101: "closed",
    }
)
"""`account_status` in words."""
_WELL = frozenset({1, 9})
_FIELDS = "name,currency,account_status"


def own_spelling(external_id: str) -> str:
    """The id of an ad account in the one way in which it is kept.

    Raises:
        ValueError: it is none; the text says what it must be.
    """
    number = external_id.removeprefix("act_")
    if not (number.isascii() and number.isdigit()):
        raise ValueError("must be act_ and a number, such as act_123")
    return f"act_{number}"


class MetaAccountLook:
    """Implements `AccountLook`."""

    def __init__(self, credentials: MetaCredentials, base_url: str) -> None:
        self._secrets = credentials.secrets
        self._graph = Graph(credentials, HttpClient(base_url))

    def at(self, account: AdAccount) -> AccountShown:
        """See `AccountLook.at`."""
        origin = Origin(NAME, account.id, self._secrets)
        try:
            node = own_spelling(account.external_id)
        except ValueError as fault:
            raise origin.error(Rejected, f"The id of the account {fault}.") from None
        return _shown(self._graph.read({"fields": _FIELDS}, origin, node=node).body, origin)


def _shown(body: Json, origin: Origin) -> AccountShown:
    name, currency, status = text(dig(body, "name")), text(dig(body, "currency")), whole(dig(body, "account_status"))
    if currency is None or status is None:
        raise origin.error(Transient, "Meta answered without the account's currency and status.")
    words = STATUSES.get(status, f"status {status}")
    return AccountShown(origin.quote(name or ""), origin.quote(currency), words, status in _WELL)


def build(settings: Mapping[str, str]) -> MetaAccountLook:
    """From what `client.build` takes.

    Raises:
        SettingsError: a credential is missing or cannot be one.
    """
    return MetaAccountLook(credentials_from(settings, NAME), settings.get("base_url") or DEFAULT_URL)
