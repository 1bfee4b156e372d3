"""Credentials that never show themselves."""

import hashlib
import hmac
from collections.abc import Callable, Mapping

import pytest

from weathertrigger.errors import SettingsError
from weathertrigger.http.client import HttpAnswer, Origin
from weathertrigger.platforms.google_ads.credentials import GoogleCredentials
from weathertrigger.platforms.meta_ads.credentials import MetaCredentials
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.platforms.registry import PLATFORMS
from weathertrigger.providers.port import WeatherProvider
from weathertrigger.providers.registry import PROVIDERS

COMPLETE: Mapping[str, Mapping[str, str]] = {
    "meta_ads": {"access_token": "EAAB-secret-1", "app_secret": "secret-2"},
    "google_ads": {"client_id": "id", "client_secret": "secret-3", "refresh_token": "1//secret-4"},
    "openweather": {"api_key": "secret-5"},
    "open_meteo": {"api_key": "secret-6"},
}
BUILDERS: Mapping[str, Callable[[Mapping[str, str]], AdPlatform | WeatherProvider]] = {**PLATFORMS, **PROVIDERS}


def test_every_adapter_is_built_by_its_name() -> None:
    """The registries hold what the names of the adapters say."""
    assert BUILDERS.keys() == COMPLETE.keys()
    for name, build in BUILDERS.items():
        assert build(COMPLETE[name]).name == name


@pytest.mark.parametrize("name", BUILDERS)
def test_nothing_secret_is_in_a_repr(name: str) -> None:
    """An adapter shows none of its credentials."""
    assert "secret" not in repr(BUILDERS[name](COMPLETE[name]))


def test_nothing_secret_is_in_the_repr_of_credentials_or_of_an_answer() -> None:
    """Token answers have secrets in their bodies, so no body is shown either."""
    shown = [
        MetaCredentials("EAAB-secret", "app-secret"),
        GoogleCredentials("id", "my-secret", "1//my-secret", None, "dev-secret"),
        Origin("meta_ads", None, ("my-secret",)),
        HttpAnswer(200, {"x": "my-secret"}, b"my-secret"),
    ]
    assert all("-secret" not in repr(each) for each in shown)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        (name, key)
        for name, settings in COMPLETE.items()
        for key in settings
        if key != "app_secret" and name != "open_meteo"  # which needs one of two
    ],
)
@pytest.mark.parametrize("empty", [False, True])
def test_a_missing_credential_is_named(name: str, missing: str, empty: bool) -> None:
    """One clear sentence; an empty text is as good as none."""
    settings = {key: value for key, value in COMPLETE[name].items() if key != missing}
    with pytest.raises(SettingsError, match=f"{name} needs {missing}"):
        BUILDERS[name]({**settings, missing: ""} if empty else settings)


@pytest.mark.parametrize("value", ["two words", "line\nbreak", "tab\t", "é", "\u200b"])
def test_a_credential_that_cannot_travel_is_refused_unseen(value: str) -> None:
    """A copied line break would only fail in the HTTP library, with the token in its text."""
    with pytest.raises(SettingsError) as caught:
        PLATFORMS["meta_ads"]({"access_token": f"EAAB-{value}"})
    assert "EAAB" not in str(caught.value)


def test_the_proof_is_the_hmac_of_the_token() -> None:
    """Hex HMAC-SHA256, the app's secret as key."""
    expected = hmac.new(b"app-secret", b"token", hashlib.sha256).hexdigest()
    assert MetaCredentials("token", "app-secret").proof == {"appsecret_proof": expected}
    assert MetaCredentials("token").proof == {}
