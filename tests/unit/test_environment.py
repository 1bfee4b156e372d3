"""Settings from the environment: all faults at once, nothing secret in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger import settings as shared
from weathertrigger.environment import Setting, declarations, read_settings, secret_values
from weathertrigger.errors import SettingsError
from weathertrigger.setting_readers import credential, path, text, url, whole_number, word, yes_or_no


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """As a service writes it."""

    database_url: str = shared.DATABASE_URL.field()
    redis_url: str = shared.REDIS_URL.field()
    minimum_interval: timedelta = shared.MINIMUM_INTERVAL.field()
    log_format: str = shared.LOG_FORMAT.field()
    meta_access_token: str | None = shared.META_ACCESS_TOKEN.field()
    places: int = Setting("PLACES", whole_number(1, 50), "Places of one message.", default=20).field()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Reads them."""
        return read_settings(cls, environ)


_ENOUGH = {"DATABASE_URL": "postgresql://h/db", "REDIS_URL": "redis://h"}


def test_values_and_defaults() -> None:
    """What is set is read into its type; what is not set, or empty, or blank, has its default."""
    settings = Settings.from_environment(
        {**_ENOUGH, "MINIMUM_INTERVAL": " 1.5 ", "PLACES": "", "META_ACCESS_TOKEN": " \n"}
    )
    assert settings == Settings(
        database_url="postgresql://h/db", redis_url="redis://h", minimum_interval=timedelta(seconds=1.5)
    )
    assert settings.places == 20
    assert settings.meta_access_token is None


def test_all_faults_at_once() -> None:
    """Every variable that is missing or wrong has its sentence, in the order of the declarations."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(
            {"REDIS_URL": "http://h", "MINIMUM_INTERVAL": "5 min", "LOG_FORMAT": "xml", "PLACES": "51"}
        )
    assert caught.value.faults == (
        "DATABASE_URL is not set (PostgreSQL, where the truth is kept)",
        "REDIS_URL must start with redis:// or rediss://",
        "MINIMUM_INTERVAL must be a number of seconds from 1 to 31622400, and it is '5 min'",
        "LOG_FORMAT must be json, console or auto, and it is 'xml'",
        "PLACES must be a whole number from 1 to 50, and it is '51'",
    )
    assert str(caught.value).startswith("Settings: DATABASE_URL is not set")


@given(st.text(min_size=1))
def test_secrets_are_in_no_fault(value: str) -> None:
    """No fault, and nothing that an error chain shows, holds the value of a secret or the password of a URL."""
    secret = f"S3CRET{value}"
    environ = {
        "DATABASE_URL": f"postgresql://u:{secret}@[h:x/db",
        "REDIS_URL": secret,
        "META_ACCESS_TOKEN": secret + "é",
    }
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(environ)
    assert len(caught.value.faults) == 3
    assert "S3CRET" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_only_the_environment_handed_in_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process's own environment is not looked at."""
    monkeypatch.setenv("PLACES", "7")
    assert Settings.from_environment(_ENOUGH).places == 20


def test_optional() -> None:
    """A required setting may be left out where a service says so."""

    @dataclass(frozen=True)
    class Tool:
        database_url: str | None = shared.DATABASE_URL.optional().field()

    assert read_settings(Tool, {}).database_url is None
    assert declarations(Tool)[0].secret
    with pytest.raises(SettingsError):
        read_settings(Tool, {"DATABASE_URL": "x"})


def test_secret_values() -> None:
    """What must never be shown can be listed: secrets, and the passwords inside URLs."""
    settings = Settings(
        database_url="postgresql://u:pass%40word@h/db", redis_url="redis://h", meta_access_token="EAAB1"
    )
    assert set(secret_values(settings)) == {"pass%40word", "pass@word", "EAAB1"}


def test_declarations_are_listed_in_order() -> None:
    """What a service reads can be listed, with what a person would write for the default."""
    listed = [(setting.name, setting.default_text) for setting in declarations(Settings)]
    assert listed == [
        ("DATABASE_URL", "required"),
        ("REDIS_URL", "required"),
        ("MINIMUM_INTERVAL", "300"),
        ("LOG_FORMAT", "auto"),
        ("META_ACCESS_TOKEN", ""),
        ("PLACES", "20"),
    ]


@pytest.mark.parametrize(
    "value",
    ["postgresql://", "postgresql:///db", "postgresql://h:port/db", "postgresql://[::1/db", "post gresql://h", "h"],
)
def test_urls_that_are_none(value: str) -> None:
    """A URL needs its scheme, a host and a valid port."""
    with pytest.raises(ValueError, match=r"^must "):
        url("postgresql")(value)


@pytest.mark.parametrize("value", ["postgresql://u:p%40@h:5/db?sslmode=require", "postgresql://[::1]/db"])
def test_urls_that_are_some(value: str) -> None:
    """Passwords, ports, IPv6 addresses and parameters pass unchanged."""
    assert url("postgresql")(value) == value


def test_readers() -> None:
    """Each reader takes what it says, and refuses the rest with a sentence that does not quote it."""
    assert url("https")("https://h/") == "https://h"
    assert [yes_or_no(value) for value in ("Yes", "1", "off", "FALSE")] == [True, True, False, False]
    assert path("~/x") == Path.home() / "x"
    assert shared.customer_id("123-456-7890") == "1234567890"
    assert (text("a b"), word("host-1.x"), credential("EAAB=")) == ("a b", "host-1.x", "EAAB=")
    refused = {
        yes_or_no: "ja",
        whole_number(0): "٣",
        word: "-x y",
        credential: "a b",
        text: "a\nb",
        shared.customer_id: "99",
    }
    for read, value in refused.items():
        with pytest.raises(ValueError, match=r"^must ") as caught:
            read(value)
        assert value not in str(caught.value)


def test_a_class_without_declarations_is_refused() -> None:
    """Only dataclasses of settings can be read."""
    with pytest.raises(TypeError, match="int is not a dataclass"):
        declarations(int)
