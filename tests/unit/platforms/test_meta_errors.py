"""What Meta's error codes mean."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weathertrigger.errors import NotFound, RateLimited, Rejected, ServiceError, Transient, Unauthorised
from weathertrigger.http.client import Origin
from weathertrigger.platforms.meta_ads.errors import CODES, failure

TOKEN = "EAAB0123456789secret"
ORIGIN = Origin("meta_ads", "meta-acme", (TOKEN,))


def told(code: object, subcode: object = None, **more: object) -> Any:  # Any: JSON
    error = {"message": "(#0) words", "type": "OAuthException", "code": code, "fbtrace_id": "AbC", **more}
    return {"error": error if subcode is None else {**error, "error_subcode": subcode}}


@pytest.mark.parametrize(
    ("code", "subcode", "kind"),
    [
        (1, None, Transient),
        (1, 99, Transient),
        (2, None, Transient),
        (4, None, RateLimited),
        (4, 1504022, RateLimited),
        (4, 1504039, RateLimited),
        (17, 2446079, RateLimited),
        (32, None, RateLimited),
        (341, None, RateLimited),
        (613, None, RateLimited),
        (613, 1487742, RateLimited),
        (613, 1996, RateLimited),
        (613, 1487632, RateLimited),
        *((code, 2446079, RateLimited) for code in (80000, 80001, 80002, 80003, 80004)),
        *((code, None, RateLimited) for code in (80005, 80006, 80008, 80009, 80014)),
        (3, None, Unauthorised),
        (10, None, Unauthorised),
        *((code, None, Unauthorised) for code in (200, 201, 272, 294, 299)),
        (102, None, Unauthorised),
        *((190, subcode, Unauthorised) for subcode in (None, 458, 459, 460, 463, 464, 467)),
        (100, None, Rejected),
        (100, 1885272, Rejected),
        (100, 33, NotFound),
        (803, None, NotFound),
        (368, None, Unauthorised),
        (2635, None, Rejected),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 403, 500])
def test_the_code_decides_whatever_the_http_status(
    status: int, code: int, subcode: int | None, kind: type[ServiceError]
) -> None:
    """Throttles come as 400 or 403, errors even as 200."""
    error = failure(status, told(code, subcode), ORIGIN)
    assert type(error) is kind
    assert (error.service, error.account, error.request_id) == ("meta_ads", "meta-acme", "AbC")


@pytest.mark.parametrize("code", [100, 190, 2635, 99999])
def test_what_meta_calls_transient_is(code: int) -> None:
    """`is_transient` is believed."""
    assert type(failure(400, told(code, is_transient=True), ORIGIN)) is Transient


def test_a_limit_stays_a_limit_though_meta_calls_it_transient() -> None:
    """Code 4 comes with `is_transient`: it still wants the long wait."""
    assert type(failure(400, told(4, is_transient=True), ORIGIN)) is RateLimited


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, told(99999), Rejected),
        (200, told(99999), Rejected),
        (500, told(99999), Transient),
        (429, told(99999), RateLimited),
        (400, None, Transient),
        (404, None, Transient),
        (429, None, RateLimited),
        (503, None, Transient),
        (200, {"success": False}, Transient),
    ],
)
def test_without_a_known_code_the_status_decides(status: int, body: Any, kind: type[ServiceError]) -> None:  # Any: JSON
    """A page of some gateway says nothing of the request, so it is not refused for good."""
    assert type(failure(status, body, ORIGIN)) is kind


def test_a_message_that_repeats_the_token_is_not_shown() -> None:
    """Meta quotes a malformed token in the message of code 190."""
    for code in (190, 100, 1):
        error = failure(400, told(code, message=f"Malformed access token {TOKEN}"), ORIGIN)
        assert TOKEN not in str(error)
    cut = failure(400, told(190, message=f"Malformed access token {TOKEN[:12]}"), ORIGIN)
    assert TOKEN[:12] not in str(cut)


def test_the_words_for_users_are_preferred() -> None:
    """`error_user_msg` says what to do; `message` is for developers."""
    error = failure(400, told(100, error_user_msg="Your budget is too low.\nRaise it."), ORIGIN)
    assert str(error) == "Meta answered with code 100: Your budget is too low. Raise it."


@given(st.integers(), st.integers(100, 599), st.booleans())
def test_every_code_gives_an_error(code: int, status: int, transient: bool) -> None:
    """No code is too new."""
    error = failure(status, told(code, is_transient=transient), ORIGIN)
    assert isinstance(error, CODES.get(code, ServiceError)) or transient
