"""Secrets are taken out of everything that is logged."""

import json
import string
from decimal import Decimal
from urllib.parse import quote

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from weathertrigger.redaction import HIDDEN, Redactor

# As tokens and keys look: what Meta, Google, OpenWeather and Sentry hand out.
tokens = st.text(string.ascii_letters + string.digits + "-_.~+/=|", min_size=6, max_size=80).map(
    lambda text: f"Zq{text}"
)
_FORMS = [
    "GET https://graph.facebook.com/v26.0/act_1?access_token={} failed",
    "GET https://h/data/2.5/weather?lat=1&appid={}&units=metric",
    "https://h/x?appsecret_proof={}",
    "{{'access_token': '{}', 'page': 1}}",
    '{{"refresh_token": "{}", "client_id": 5}}',
    "client_secret={}",
    "Authorization: Bearer {}",
    "headers={{'Authorization': 'Bearer {}'}}",
    "developer-token: {}",
    "could not connect to postgresql://user:{}@db.internal:5432/weathertrigger",
    "redis://:{}@127.0.0.1:6379/0",
    "sentry: https://{}@o1.ingest.sentry.io/5",
    "API_KEY={}",
    "password = '{}'",
    "cookie: {}",
]


@pytest.mark.parametrize("form", _FORMS)
@given(token=tokens)
@example(token="Zq/a@b|c")
def test_forms(form: str, token: str) -> None:
    """Whatever a token looks like, it is not readable in any of the forms in which libraries write one."""
    if token.endswith("/") and form.startswith("sentry"):
        token = token.rstrip("/")
    if "/" in token and form.startswith("sentry"):
        token = token.replace("/", "")  # a key has none; a slash ends the host
    assert token not in Redactor().text(form.format(token))


@given(token=tokens, before=st.text(), after=st.text())
def test_known_values(token: str, before: str, after: str) -> None:
    """A known secret is hidden wherever it stands, plain or quoted for a URL, also across exception texts."""
    redactor = Redactor([token])
    assert token not in redactor.text(before + token + after).replace(HIDDEN, "")
    assert quote(token, safe="") not in redactor.text(before + quote(token, safe="") + after)


@pytest.mark.parametrize(
    "name", ["access_token", "clientSecret", "password", "appid", "Authorization", "sentry_dsn", "x-api-key"]
)
def test_names(name: str) -> None:
    """A value under a secret's name is hidden, whatever it is made of, and at any depth."""
    redactor = Redactor()
    for value in ("abcdefgh", ["abcdefgh"], {"a": "abcdefgh"}, b"abcdefgh"):
        line = redactor.value("outer", {"inner": [{name: value}]})
        assert "abcdefgh" not in json.dumps(line)


@pytest.mark.parametrize(
    "text",
    [
        "rule rule-123 did not fire: precipitation 0.4 mm/h is not above 0.5 mm/h (OpenWeather, observed 14:00)",
        "GET http://127.0.0.1:8080/data/2.5/weather?lat=40.69&lon=-74.17 answered 200",
        "connected to postgresql://postgres@127.0.0.1:5432/weathertrigger",
        "no token is left for meta_ads",
        "daily budget 50.00 -> 60.00 EUR = baseline 50.00 + 20 %",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Ordinary lines come through unchanged."""
    assert Redactor(["", "abc"]).text(text) == text


class _Broken:
    def __str__(self) -> str:
        raise ValueError("no text")


_anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.binary()
    | st.datetimes()
    | st.decimals()
    | st.timedeltas()
    | st.builds(_Broken)
    | st.uuids(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()) | st.integers(), inner) | st.tuples(inner),
)


@given(value=_anything)
def test_any_value_becomes_json(value: object) -> None:
    """Nothing that a line may hold can break the line: lone surrogates, huge numbers, broken objects."""
    assert orjson.loads(orjson.dumps({"value": Redactor().value("key", value)})).keys() == {"value"}


def test_endless_values() -> None:
    """A value that contains itself ends."""
    endless: list[object] = []
    endless.append(endless)
    assert "..." in json.dumps(Redactor().value("key", endless))


def test_money_and_numbers() -> None:
    """Money stays exact, a number stays a number, also where its name sounds secret (a limit's tokens)."""
    redactor = Redactor()
    assert redactor.value("amount", Decimal("50.10")) == "50.10"
    assert redactor.value("tokens", 12) == 12
    assert redactor.value("execution_time", 1.5) == 1.5
