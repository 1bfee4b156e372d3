"""What Meta's error codes mean."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.errors import LimitScope, NotFound, RateLimited, Rejected, ServiceError, Transient, Unauthorised
from weathertrigger.http.client import Origin
from weathertrigger.platforms.meta_ads.errors import CODES, OF_ONE_ENTITY, OF_THE_APP, SUBCODES, failure

TOKEN = "EAAB0123456789secret"
ORIGIN = Origin("meta_ads", "meta-acme", (TOKEN,))

APP, ACCOUNT, ENTITY = LimitScope.SERVICE, LimitScope.ACCOUNT, LimitScope.ENTITY
HTTP_STATUSES = [200, 400, 403, 500]
USE_CASES = (80000, 80001, 80002, 80003, 80004, 80005, 80006, 80008, 80009, 80014)

# Code, subcode, error, and of a limit what it holds back: whatever the HTTP status.
BY_CODE: list[tuple[int, int | None, type[ServiceError], LimitScope | None]] = [
    (1, None, Transient, None),
    (1, 99, Transient, None),
    (2, None, Transient, None),
    (4, None, RateLimited, APP),
    (4, 1504022, RateLimited, APP),
    (4, 1504039, RateLimited, APP),
    (17, None, RateLimited, ACCOUNT),
    (17, 2446079, RateLimited, ACCOUNT),
    (32, None, RateLimited, ACCOUNT),
    (341, None, RateLimited, APP),
    (613, None, RateLimited, ACCOUNT),
    (613, 1487742, RateLimited, ACCOUNT),
    (613, 1996, RateLimited, ACCOUNT),
    (613, 1487632, RateLimited, ENTITY),
    *((code, subcode, RateLimited, ACCOUNT) for code in USE_CASES for subcode in (None, 2446079)),
    (3, None, Unauthorised, None),
    (10, None, Unauthorised, None),
    *((code, None, Unauthorised, None) for code in range(200, 300)),
    (102, None, Unauthorised, None),
    *((190, subcode, Unauthorised, None) for subcode in (None, 458, 459, 460, 463, 464, 467)),
    (100, None, Rejected, None),
    (100, 1885272, Rejected, None),
    (100, 33, NotFound, None),
    (803, None, NotFound, None),
    (368, None, Unauthorised, None),
    (2635, None, Rejected, None),
]


def told(code: object, subcode: object = None, **more: object) -> Any:  # Any: JSON
    error = {"message": "(#0) words", "type": "OAuthException", "code": code, "fbtrace_id": "AbC", **more}
    return {"error": error if subcode is None else {**error, "error_subcode": subcode}}


# Where no code is known, the HTTP status and whether there is an error at all.
BY_STATUS: list[tuple[int, Any, type[ServiceError], LimitScope | None]] = [  # Any: JSON
    (200, told(99999), Rejected, None),
    (400, told(99999), Rejected, None),
    (403, told(99999), Rejected, None),
    (429, told(99999), RateLimited, ACCOUNT),
    (500, told(99999), Transient, None),
    (503, told(99999), Transient, None),
    (400, None, Transient, None),
    (404, None, Transient, None),
    (429, None, RateLimited, ACCOUNT),
    (500, None, Transient, None),
    (502, None, Transient, None),
    (503, None, Transient, None),
    (200, {"success": False}, Transient, None),
    *((400, told(code, is_transient=True), Transient, None) for code in (1, 100, 190, 2635, 99999)),
    (500, told(2, is_transient=True), Transient, None),
]

TABLE = [
    *((status, told(code, subcode), kind, scope) for code, subcode, kind, scope in BY_CODE for status in HTTP_STATUSES),
    *BY_STATUS,
]


def named(row: Any) -> str:  # Any: JSON
    error = row["error"] if isinstance(row, dict) and "error" in row else {}
    return f"{error.get('code')}-{error.get('error_subcode')}" if isinstance(row, dict) else str(row)


@pytest.mark.parametrize(("status", "body", "kind", "scope"), TABLE, ids=named)
def test_every_code_and_status_has_its_error(
    status: int, body: Any, kind: type[ServiceError], scope: LimitScope | None
) -> None:
    """The code decides: throttles come as 400 or 403, errors even as 200. Without a known one the status does; a page
    of some gateway says nothing of the request, so that is not refused for good."""
    error = failure(status, body, ORIGIN, timedelta(minutes=7))
    assert type(error) is kind
    assert (error.service, error.account) == ("meta_ads", "meta-acme")
    assert error.request_id == ("AbC" if isinstance(body, dict) and "error" in body else None)
    if isinstance(error, RateLimited):
        assert error.scope is scope
        assert error.retry_after == (timedelta(hours=1) if scope is ENTITY else timedelta(minutes=7))


def test_the_table_leaves_nothing_out() -> None:
    """A code or subcode that the adapter knows stands in the table above."""
    assert {code for code, *_ in BY_CODE} == CODES.keys()
    assert {(code, subcode) for code, subcode, *_ in BY_CODE} >= {*SUBCODES, *OF_ONE_ENTITY}
    assert CODES.keys() >= OF_THE_APP


def test_an_unknown_error_is_worth_three_attempts() -> None:
    """Code 1 is Meta's "unknown", and may mean bad parameters for ever; of others there is no such advice."""
    for body, most in ((told(1), 3), (told(1, 99), 3), (told(2), None), (None, None)):
        error = failure(500, body, ORIGIN)
        assert isinstance(error, Transient)
        assert error.most_attempts == most


@pytest.mark.parametrize("code", [4, 17, 613, 80004])
def test_a_limit_stays_a_limit_though_meta_calls_it_transient(code: int) -> None:
    """Code 4 comes with `is_transient`: it still wants the long wait."""
    assert type(failure(400, told(code, is_transient=True), ORIGIN)) is RateLimited


def test_without_a_hint_a_limit_has_none() -> None:
    """Meta sends no Retry-After: how long to wait is then for the caller to say."""
    error = failure(400, told(80004), ORIGIN)
    assert isinstance(error, RateLimited)
    assert error.retry_after is None


def test_a_message_that_repeats_the_token_is_not_shown() -> None:
    """Meta quotes a malformed token in the message of code 190."""
    for code in (190, 100, 1):
        error = failure(400, told(code, message=f"Malformed access token {TOKEN}"), ORIGIN)
        assert TOKEN not in str(error)
    cut = failure(400, told(190, message=f"Malformed access token {TOKEN[:12]}"), ORIGIN)
    assert TOKEN[:12] not in str(cut)


@pytest.mark.parametrize(
    ("code", "subcode", "words"),
    [
        (190, 458, "the app was removed by its user: grant it again"),
        (190, 460, "the password was changed or the session ended: renew the token"),
        (190, 463, "the token has expired: renew it"),
        (190, 467, "the token was revoked or is not valid: renew it"),
        (190, None, "renew the access token, or grant ads_management"),
        (200, None, "renew the access token, or grant ads_management"),
        (368, None, "blocked this for a policy"),
    ],
)
def test_whoever_has_to_act_is_told_what_to_do(code: int, subcode: int | None, words: str) -> None:
    """Each reason of a refused token has its remedy."""
    assert words in str(failure(400, told(code, subcode), ORIGIN))


@pytest.mark.parametrize("message", ["Invalid appsecret_proof provided", "calls require an appsecret_proof argument"])
def test_a_wrong_secret_is_no_fault_of_the_entity(message: str) -> None:
    """Code 100 means a bad parameter; about the proof of the token it means that nothing can be done with it."""
    error = failure(400, told(100, message=message), ORIGIN)
    assert isinstance(error, Unauthorised)
    assert "the app's secret is missing or is that of another app" in str(error)


def test_the_words_for_users_are_preferred() -> None:
    """`error_user_msg` says what to do; `message` is for developers."""
    error = failure(400, told(100, error_user_msg="Your budget is too low.\nRaise it."), ORIGIN)
    assert str(error) == "Meta answered with code 100: Your budget is too low. Raise it."


BLAME = {"blame_field_specs": [["daily_budget"], ["targeting", "geo_locations"]]}


@pytest.mark.parametrize("data", [BLAME, json.dumps(BLAME)], ids=["object", "text"])
def test_the_parameters_that_meta_blames_are_named(data: object) -> None:
    """`error_data` is an object, or the text of one."""
    error = failure(400, told(100, error_data=data), ORIGIN)
    assert str(error) == "Meta answered with code 100 about daily_budget, targeting.geo_locations: (#0) words"


@pytest.mark.parametrize("data", ["", "{", "[]", '"x"', 3, None, {"blame_field_specs": [7, [8], None]}])
def test_error_data_that_says_nothing_changes_nothing(data: object) -> None:
    """Whatever stands there, the error is the same."""
    assert str(failure(400, told(100, error_data=data), ORIGIN)) == "Meta answered with code 100: (#0) words"


@given(st.integers(), st.integers(100, 599), st.booleans())
def test_every_code_gives_an_error(code: int, status: int, transient: bool) -> None:
    """No code is too new."""
    error = failure(status, told(code, is_transient=transient), ORIGIN)
    assert isinstance(error, CODES.get(code, ServiceError)) or transient
