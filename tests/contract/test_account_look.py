"""A look at whole ad accounts: the bytes of the request, the sandbox's answers, every shape of another's."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.sandbox_server import GOOGLE as CUSTOMER
from tests.contract.sandbox_server import META as ACT
from tests.contract.sandbox_server import SandboxClient, sandbox_thread
from tests.contract.secrecy import everything_said_by
from tests.contract.wire import Wire, says
from weathertrigger.errors import RateLimited, Rejected, ServiceError, Transient, Unauthorised
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json
from weathertrigger.platforms.account_look import AccountLook, AccountShown
from weathertrigger.platforms.google_ads import account_look as google
from weathertrigger.platforms.meta_ads import account_look as meta
from weathertrigger.platforms.port import AdAccount
from weathertrigger.platforms.registry import ACCOUNT_LOOKS, EXTERNAL_IDS

TOKEN, APP_SECRET, REFRESH = "EAAB0123456789abcdef", "app-secret-0123456789", "1//refresh-0123456789"
CLIENT_SECRET, ACCESS = "client-secret-0123456789", "ya29.access-0123456789"
META, GOOGLE = AdAccount("meta-acme", ACT, "USD"), AdAccount("google-acme", "123-456-7890", "USD")
CREDENTIALS = {
    "meta_ads": {"access_token": TOKEN, "app_secret": APP_SECRET},
    "google_ads": {
        "client_id": "client",
        "client_secret": CLIENT_SECRET,
        "refresh_token": REFRESH,
        "login_customer_id": "999-999-9999",
    },
}
GRANT = {"access_token": ACCESS, "expires_in": 3599, "token_type": "Bearer"}


SECRETS = {"meta_ads": (TOKEN, APP_SECRET), "google_ads": (REFRESH, CLIENT_SECRET, ACCESS)}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxClient]:
    """A sandbox of the test's own."""
    with sandbox_thread(tmp_path) as client:
        yield client


def look(name: str, url: str, **changed: str) -> AccountLook:
    return ACCOUNT_LOOKS[name]({**CREDENTIALS[name], "base_url": url, "oauth_url": url, **changed})


def test_what_is_asked_of_meta(wire: Wire) -> None:
    """The account's own address, three fields, the token in the header and never in an address."""
    wire.script(says({"id": ACT, "name": "Umbrella House", "currency": "USD", "account_status": 1}))
    assert look("meta_ads", wire.url).at(META) == AccountShown("Umbrella House", "USD", "active", is_well=True)
    (seen,) = wire.seen
    proof = hmac.new(APP_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
    assert (seen.method, seen.path, seen.body) == ("GET", "/v26.0/act_1001", "")
    assert seen.query == {"fields": "name,currency,account_status", "appsecret_proof": proof}
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"


def test_what_is_asked_of_google(wire: Wire) -> None:
    """A token, then one search of the customer through the manager."""
    customer = {"descriptiveName": "Umbrella House", "currencyCode": "USD", "status": "ENABLED"}
    wire.script(says(GRANT), says({"results": [{"customer": customer}]}))
    assert look("google_ads", wire.url).at(GOOGLE) == AccountShown("Umbrella House", "USD", "enabled", is_well=True)
    token, search = wire.seen
    assert parse_qs(token.body)["refresh_token"] == [REFRESH]
    assert (search.method, search.path) == ("POST", f"/v26/customers/{CUSTOMER}/googleAds:search")
    assert json.loads(search.body) == {
        "query": "SELECT customer.descriptive_name, customer.currency_code, customer.status FROM customer"
    }
    assert search.headers["authorization"] == f"Bearer {ACCESS}"
    assert search.headers["login-customer-id"] == "9999999999"


@pytest.mark.parametrize(
    ("name", "account", "status", "shown"),
    [
        ("meta_ads", META, "2", AccountShown("Umbrella House", "USD", "disabled", is_well=False)),
        ("meta_ads", META, "9", AccountShown("Umbrella House", "USD", "in grace period", is_well=True)),
        ("meta_ads", META, "101", AccountShown("Umbrella House", "USD", "closed", is_well=False)),
        ("meta_ads", META, "77", AccountShown("Umbrella House", "USD", "status 77", is_well=False)),
        ("google_ads", GOOGLE, "SUSPENDED", AccountShown("Umbrella House", "USD", "suspended", is_well=False)),
        ("google_ads", GOOGLE, "ENABLED", AccountShown("Umbrella House", "USD", "enabled", is_well=True)),
    ],
)
def test_statuses_at_the_sandbox(
    sandbox: SandboxClient, name: str, account: AdAccount, status: str, shown: AccountShown
) -> None:
    """One call, as the platform counts them; a word that nobody knows yet is not a good one."""
    assert sandbox.json(f"/_sandbox/accounts/{account.external_id.replace('-', '')}", {"status": status}).ok
    before = len(sandbox.journal())
    assert look(name, sandbox.url).at(account) == shown
    made = [entry for entry in sandbox.journal()[before:] if entry["service"] == name]
    assert [(entry["calls"], entry["changes"]) for entry in made] == [(1, [])]


@pytest.mark.parametrize(
    ("name", "account", "changed", "kind", "words"),
    [
        ("meta_ads", META, {"access_token": "invalid"}, Unauthorised, "Meta refused the access token"),
        ("meta_ads", AdAccount("x", "act_4", "USD"), {}, ServiceError, "act_4"),
        ("meta_ads", AdAccount("x", "mine", "USD"), {}, Rejected, "must be act_ and a number"),
        ("google_ads", GOOGLE, {"refresh_token": "invalid"}, Unauthorised, "grant it again"),
        ("google_ads", AdAccount("x", "4000000000", "USD"), {}, Unauthorised, "USER_PERMISSION_DENIED"),
        ("google_ads", AdAccount("x", "1/2", "USD"), {}, Rejected, "must be ten digits"),
    ],
)
def test_refusals_at_the_sandbox(  # noqa: PLR0917 - a table
    sandbox: SandboxClient, name: str, account: AdAccount, changed: dict[str, str], kind: type[ServiceError], words: str
) -> None:
    """An error of the closed set, with our name of the account."""
    with pytest.raises(kind, match=words) as caught:
        look(name, sandbox.url, **changed).at(account)
    assert (caught.value.service, caught.value.account) == (name, account.id)


@pytest.mark.parametrize("name", ACCOUNT_LOOKS)
def test_an_error_tells_no_secret(wire: Wire, name: str) -> None:
    """Though the platform repeats everything it was sent."""
    refused = says({"error": {"message": " ".join(SECRETS[name]), "code": 17, "status": "X"}}, 400)
    wire.script(*([says(GRANT), refused] if name == "google_ads" else [refused]))
    with pytest.raises(ServiceError) as caught:
        look(name, wire.url).at(META if name == "meta_ads" else GOOGLE)
    told = everything_said_by(caught.value)
    assert "***" in told
    assert not any(secret in told for secret in SECRETS[name])
    assert isinstance(caught.value, RateLimited | Rejected)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["results", "customer", "status", "currency", "account_status", "currencyCode", "name"]),
            inside,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("read", [meta._shown, google._shown])
@given(body=json_values)
def test_any_json_is_an_account_or_an_error(read: Callable[[Json, Origin], AccountShown], body: Json) -> None:
    """No shape of an answer gets further than the adapter."""
    try:
        shown = read(body, Origin("a-platform"))
    except Transient:
        return
    assert shown.currency is not None


@pytest.mark.parametrize(
    ("name", "external_id", "kept"),
    [
        ("meta_ads", "act_123", "act_123"),
        ("meta_ads", "123", "act_123"),
        ("google_ads", "123-456-7890", "1234567890"),
        ("google_ads", "1234567890", "1234567890"),
    ],
)
def test_one_spelling_of_an_id(name: str, external_id: str, kept: str) -> None:
    """However a person writes it, so that no account is known under two."""
    assert EXTERNAL_IDS[name](external_id) == kept


@pytest.mark.parametrize(
    ("name", "external_id"),
    [
        ("meta_ads", ""),
        ("meta_ads", "act_"),
        ("meta_ads", "act_x"),
        ("meta_ads", "act_\u0661"),
        ("google_ads", "123"),
        ("google_ads", ""),
    ],
)
def test_what_is_no_id(name: str, external_id: str) -> None:
    """The error says what one looks like."""
    with pytest.raises(ValueError, match="must be"):
        EXTERNAL_IDS[name](external_id)
