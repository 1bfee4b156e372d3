"""Credentials at rest: what goes in comes out, for one holder, and nothing else ever comes out."""

import base64
from dataclasses import replace

import orjson
import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.secrecy import everything_said_by
from weathertrigger.credentials_at_rest import Holder, Keyring, new_key
from weathertrigger.environment import secret_values
from weathertrigger.errors import CredentialsUnreadable, SettingsError
from weathertrigger.outside.settings import AdSettings
from weathertrigger.setting_readers import fernet_keys
from weathertrigger.storage.installation import OutsideWorld

SECRET = "EAAB-very-secret"
HOLDER = Holder("meta-acme", "meta_ads", OutsideWorld.REAL)
KEY, OTHER = new_key(), new_key()
RING = Keyring([KEY])
KEPT = RING.encrypt(HOLDER, {"access_token": SECRET})

texts = st.text(st.characters(codec="utf-8"), max_size=60)
credentials = st.dictionaries(texts, texts, max_size=6)
holders = st.builds(Holder, texts, texts, st.sampled_from(OutsideWorld))


def refused(ring: Keyring, text: str, holder: Holder = HOLDER) -> str:
    """The sentence of the refusal, in which nothing is secret."""
    with pytest.raises(CredentialsUnreadable) as caught:
        ring.decrypt(holder, text)
    said = everything_said_by(caught.value)
    assert not any(secret in said for secret in (SECRET, KEY, OTHER, KEPT))
    return str(caught.value)


@given(holders, credentials)
def test_what_goes_in_comes_out(holder: Holder, given_ones: dict[str, str]) -> None:
    """Whatever the names and values are; under the first key, read by any keyring that has it."""
    text = Keyring([KEY, OTHER]).encrypt(holder, given_ones)
    assert Keyring([OTHER, KEY]).decrypt(holder, text) == given_ones
    assert Keyring([KEY]).is_under_first_key(text)
    assert not Keyring([OTHER, KEY]).is_under_first_key(text)


def test_nothing_of_it_shows_and_no_two_texts_are_alike() -> None:
    """The same credentials twice are two texts, in which neither they nor the account can be read."""
    again = RING.encrypt(HOLDER, {"access_token": SECRET})
    assert again != KEPT
    for text in (KEPT, again):
        inside = base64.urlsafe_b64decode(text)
        assert SECRET.encode() not in inside
        assert b"meta-acme" not in inside
    assert KEY not in repr(RING)


@given(st.data())
def test_any_flipped_bit_is_refused(data: st.DataObject) -> None:
    """Every byte is under the MAC."""
    inside = bytearray(base64.urlsafe_b64decode(KEPT))
    place = data.draw(st.integers(0, len(inside) - 1))
    inside[place] ^= 1 << data.draw(st.integers(0, 7))
    assert "were changed" in refused(RING, base64.urlsafe_b64encode(inside).decode())


@given(st.one_of(texts, st.integers(0, len(KEPT) - 1).map(lambda end: KEPT[:end])))
def test_any_other_text_is_refused(text: str) -> None:
    """Also a part of the true one."""
    assert "were changed" in refused(RING, text)
    assert not RING.is_under_first_key(text)


@pytest.mark.parametrize(
    "holder",
    [
        replace(HOLDER, account_id="meta-other"),
        replace(HOLDER, platform="google_ads"),
        replace(HOLDER, outside_world=OutsideWorld.SANDBOX),
    ],
)
def test_a_row_that_was_copied_is_refused(holder: Holder) -> None:
    """Semantics 27: to another account, or to an installation of the other outside world."""
    assert "another account or another outside world" in refused(RING, KEPT, holder)


def test_other_keys_and_none() -> None:
    """Two different sentences, and both say what is to be looked at."""
    assert "no key in CREDENTIALS_KEYS is theirs" in refused(Keyring([OTHER]), KEPT)
    assert "CREDENTIALS_KEYS is not set here" in refused(Keyring(()), KEPT)


@pytest.mark.parametrize(
    "document",
    [
        SECRET.encode(),
        b"[]",
        orjson.dumps({"credentials": {"access_token": SECRET}}),
        orjson.dumps({"account": "meta-acme", "platform": "meta_ads", "outside_world": "real"}),
        orjson.dumps(
            {"account": "meta-acme", "platform": "meta_ads", "outside_world": "real", "credentials": [SECRET]}
        ),
        orjson.dumps(
            {
                "account": "meta-acme",
                "platform": "meta_ads",
                "outside_world": "real",
                "credentials": {"a": 1, "b": SECRET},
            }
        ),
        b'{"access_token": "' + SECRET.encode(),
    ],
)
def test_what_our_own_key_wrote_for_something_else_is_refused(document: bytes) -> None:
    """A text of the right key whose inside is not ours; the JSON reader's error would carry it."""
    refused(RING, Fernet(KEY).encrypt(document).decode())


def test_nothing_is_encrypted_without_a_key() -> None:
    """It says how to come to one."""
    with pytest.raises(SettingsError, match="accounts new-key") as caught:
        Keyring(()).encrypt(HOLDER, {"access_token": SECRET})
    assert SECRET not in everything_said_by(caught.value)


@pytest.mark.parametrize("between", [",", " ", ", ", "\n", ",\n  ", ",,"])
def test_keys_of_the_setting(between: str) -> None:
    """Separated by commas, spaces and line ends; the same twice is once."""
    assert fernet_keys(f"{KEY}{between}{OTHER}{between}{KEY}") == (KEY, OTHER)


@pytest.mark.parametrize(
    "value",
    ["secret", KEY[:-1], f"{KEY},secret", f"{KEY}{OTHER}", KEY[:-2] + "é=", KEY[:-2] + "+="],
    ids=["a word", "cut", "a word beside a key", "two in one", "another alphabet", "the other base64"],
)
def test_what_is_no_key_is_refused_unseen(value: str) -> None:
    """The sentence says what a key is."""
    with pytest.raises(ValueError, match="accounts new-key") as caught:
        fernet_keys(value)
    assert value not in str(caught.value)


def test_every_key_is_a_secret_of_the_settings() -> None:
    """Each by itself: in a log line one may stand alone."""
    assert set(secret_values(AdSettings(credentials_keys=(KEY, OTHER)))) >= {KEY, OTHER}
