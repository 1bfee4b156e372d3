"""Credentials as people write them into a file: two forms, and faults that repeat nothing of it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.automation_cli.accounts.given_credentials import parse_credentials, read_credentials
from tests.contract.secrecy import everything_said_by
from weathertrigger.errors import UsageError
from weathertrigger.platforms.registry import CREDENTIALS

META, GOOGLE = CREDENTIALS["meta_ads"], CREDENTIALS["google_ads"]
SECRET = "EAABsecret0123456789"


def fault(content: str | bytes) -> str:
    """The sentence, in which nothing of the content is."""
    with pytest.raises(UsageError) as caught:
        parse_credentials(content if isinstance(content, bytes) else content.encode(), META)
    assert SECRET not in everything_said_by(caught.value)
    return str(caught.value)


def test_the_names_are_those_of_the_adapters() -> None:
    """Which the help lists; what has a default may be left out."""
    assert (META.required, META.optional) == (("access_token",), ("app_secret",))
    assert GOOGLE.required == ("client_id", "client_secret", "refresh_token")
    assert set(GOOGLE.optional) == {"login_customer_id", "developer_token"}


def test_json() -> None:
    """An object of texts, with a byte order mark or without."""
    document = json.dumps({"access_token": f" {SECRET}\n", "app_secret": ""})
    assert parse_credentials(document.encode("utf-8-sig"), META) == {"access_token": SECRET, "app_secret": ""}


def test_lines() -> None:
    """NAME=VALUE; a value may have `=` in it and quotes around it; comments and empty lines say nothing."""
    text = f'# of the shop\r\n\r\n access_token = "{SECRET}==" \r\napp_secret=\'a"b\'\r\n'
    assert parse_credentials(text.encode(), META) == {"access_token": f"{SECRET}==", "app_secret": 'a"b'}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (SECRET, "line 1 is not NAME=VALUE"),
        (f"\n{SECRET}=", "line 2 has none of the names access_token, app_secret"),
        (f"access_token={SECRET}\naccess_token={SECRET}", "access_token is there twice"),
        (f'{{"access_token": "{SECRET}"', "begin like a JSON object and are none"),
        (json.dumps({"access_token": [SECRET]}), "the value of entry 1 is not text"),
        (json.dumps({SECRET: "x"}), "entry 1 has none of the names"),
        (json.dumps({"access_token": SECRET, "base_url": "https://elsewhere"}), "entry 2 has none of the names"),
    ],
)
def test_faults(content: str, words: str) -> None:
    """Each says where it is; a token in the wrong place is not repeated. No account chooses where its calls go."""
    assert words in fault(content)


@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: ("{" + text).encode("utf-8", "ignore")))
)
def test_anything_is_credentials_or_a_fault(content: bytes) -> None:
    """Never another error."""
    try:
        found = parse_credentials(content, META)
    except UsageError:
        return
    assert set(found) <= set(META.all)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("app_secret=x", "meta_ads needs access_token"),
        ("access_token=", "meta_ads needs access_token"),
        (f"access_token={SECRET} {SECRET}", "holds a space"),
        ("", "meta_ads needs access_token"),
        ("#" * 70_000, "longer than"),
    ],
)
def test_what_a_platform_cannot_use(tmp_path: Path, content: str, words: str) -> None:
    """Told before anything is stored."""
    file = tmp_path / "credentials"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=words) as caught:
        read_credentials(str(file), "meta_ads")
    assert SECRET not in everything_said_by(caught.value)


@pytest.mark.parametrize("source", [SECRET, f"/nowhere/{SECRET}", "", f"{SECRET}\0", SECRET * 500, "/"])
def test_a_token_in_the_place_of_a_file(source: str) -> None:
    """It is not repeated in the sentence that says what is wrong."""
    with pytest.raises(UsageError, match="never an argument") as caught:
        read_credentials(source, "meta_ads")
    assert SECRET not in str(caught.value)
