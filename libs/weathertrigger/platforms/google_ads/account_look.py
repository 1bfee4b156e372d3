"""`SELECT customer.descriptive_name, customer.currency_code, customer.status FROM customer`.

Statuses: https://developers.google.com/google-ads/api/reference/rpc/v26/CustomerStatusEnum.CustomerStatus. A test
account shows CLOSED.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from weathertrigger.errors import Rejected, Transient
from weathertrigger.http.client import HttpClient, Origin
from weathertrigger.http.strict_json import Json, dig, items, text
from weathertrigger.platforms.account_look import AccountShown
from weathertrigger.platforms.google_ads.access_tokens import AccessTokens
from weathertrigger.platforms.google_ads.client import DEFAULT_OAUTH_URL, DEFAULT_URL, NAME
from weathertrigger.platforms.google_ads.credentials import GoogleCredentials, credentials_from
from weathertrigger.platforms.google_ads.errors import failure
from weathertrigger.platforms.port import AdAccount

_QUERY = "SELECT customer.descriptive_name, customer.currency_code, customer.status FROM customer"
_WELL = "ENABLED"


def own_spelling(external_id: str) -> str:
    """A customer id in the one way in which it is kept.

    Raises:
        ValueError: it is none; the text says what it must be.
    """
    digits = external_id.replace("-", "")
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise ValueError("must be ten digits, such as 123-456-7890")
    return digits


class GoogleAccountLook:
    """Implements `AccountLook`. Its access token is a fresh one, so that it tells what the refresh token is worth."""

    def __init__(self, credentials: GoogleCredentials, base_url: str, oauth_url: str) -> None:
        self._credentials = credentials
        self._http = HttpClient(base_url)
        self._tokens = AccessTokens(credentials, oauth_url)

    def at(self, account: AdAccount) -> AccountShown:
        """See `AccountLook.at`."""
        origin = Origin(NAME, account.id, self._credentials.secrets)
        try:
            customer = own_spelling(account.external_id)
        except ValueError as fault:
            raise origin.error(Rejected, f"The id of the account {fault}.") from None
        token = self._tokens.current(origin)
        headers = {**self._credentials.header, "Authorization": f"Bearer {token}"}
        path = f"/v26/customers/{customer}/googleAds:search"
        answer = self._http.post_json(path, origin, body={"query": _QUERY}, headers=headers)
        if answer.status != HTTPStatus.OK:
            secretive = replace(origin, secrets=(*origin.secrets, token))
            raise failure(answer, answer.json_or_none(), secretive)
        return _shown(answer.json(origin), origin)


def _shown(body: Json, origin: Origin) -> AccountShown:
    rows = items(dig(body, "results"))
    customer = dig(rows[0], "customer") if rows else None
    name, currency = text(dig(customer, "descriptiveName")), text(dig(customer, "currencyCode"))
    status = text(dig(customer, "status"))
    if currency is None or status is None:
        raise origin.error(Transient, "Google Ads answered without the account's currency and status.")
    words = origin.quote(status).lower()
    return AccountShown(origin.quote(name or ""), origin.quote(currency), words, status == _WELL)


def build(settings: Mapping[str, str]) -> GoogleAccountLook:
    """From what `client.build` takes.

    Raises:
        SettingsError: a credential is missing or cannot be one.
    """
    return GoogleAccountLook(
        credentials_from(settings, NAME),
        settings.get("base_url") or DEFAULT_URL,
        settings.get("oauth_url") or DEFAULT_OAUTH_URL,
    )
