"""A gate before a service with many accounts: what is of the account, what is of the service."""

from datetime import timedelta
from fractions import Fraction

import pytest
from redis import Redis

from tests.integration.gate_calls import NAMESPACE, fail, is_let_in, refusal, told, troubles
from weathertrigger.call_limits import CallLimit
from weathertrigger.errors import (
    Busy,
    LimitScope,
    QuotaExhausted,
    RateLimited,
    ServiceError,
    Transient,
    Unauthorised,
)
from weathertrigger.instants import from_ms
from weathertrigger.limits.gate import Gate
from weathertrigger.limits.keys import GateKeys
from weathertrigger.platforms.usage import Usage, cool_down
from weathertrigger.storage.database import Database

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)
META, GOOGLE = "meta_ads", "google_ads"
FIFTH = Fraction(1, 5)


def gate_of(redis: Redis, database: Database, service: str, limit: CallLimit, **options: object) -> Gate:
    return Gate(
        redis=redis,
        namespace=NAMESPACE,
        database=database,
        service=service,
        limits=[limit],
        **options,  # type: ignore[arg-type]  # those of the gate
    )


@pytest.fixture
def meta(redis_client: Redis, database: Database) -> Gate:
    """Its limit is one of each account."""
    return gate_of(redis_client, database, META, CallLimit(200, HOUR, per_account=True))


Ground = tuple[Redis, Database]


@pytest.fixture
def ground(redis_client: Redis, database: Database) -> Ground:
    return redis_client, database


@pytest.fixture
def google(redis_client: Redis, database: Database) -> Gate:
    """Its limit is one of all accounts together."""
    return gate_of(redis_client, database, GOOGLE, CallLimit(200, DAY))


def test_hits_are_counted_where_the_limit_is(redis_client: Redis, database: Database) -> None:
    """Of each account, or of all; PostgreSQL knows whose they were either way."""
    meta = gate_of(redis_client, database, META, CallLimit(1, MINUTE, per_account=True))
    google = gate_of(redis_client, database, GOOGLE, CallLimit(1, MINUTE))
    assert [is_let_in(meta, account=one) for one in ("acme", "acme", "other")] == [True, False, True]
    assert [is_let_in(google, account=one) for one in ("acme", "other")] == [True, False]
    assert [one.state("acme").limits[0].used for one in (meta, google)] == [1, 1]
    for gate, subject in ((meta, "meta_ads acme"), (google, GOOGLE)):
        held = refusal(gate, account="acme")
        assert (str(held).split(":")[0], held.account) == (subject, "acme")
    with database.transaction() as tx:
        rows = tx.rows("SELECT service, account_id, calls FROM api_calls ORDER BY 1, 2")
    assert [tuple(row) for row in rows] == [(GOOGLE, "acme", 1), (META, "acme", 1), (META, "other", 1)]


def test_a_dead_service_is_not_tried_by_each_account(meta: Gate, database: Database) -> None:
    """Five failures of five accounts open one breaker; it is told once, of the service, and ended by any of them."""
    for number in range(5):
        fail(meta, Transient("", service=META), account=f"account-{number}")
    held = refusal(meta, account="another")
    assert (str(held).split(":")[0], held.account) == (META, "another")
    assert troubles(database) == [("breaker_open", META)]
    assert {meta.state(one).breaker for one in ("account-1", "another", "")} == {"open"}


def test_any_account_shows_that_the_service_works_again(meta: Gate, redis_client: Redis, database: Database) -> None:
    """The probe may be a call of another account than those that failed."""
    for _ in range(5):
        fail(meta, Transient("", service=META), account="acme")
    redis_client.hset(GateKeys(NAMESPACE, META).breaker, "opened_at", 1)
    assert is_let_in(meta, account="other")
    assert meta.state("acme").breaker == "closed"


def test_calls_in_flight_are_of_the_service(redis_client: Redis, database: Database) -> None:
    """Whosever they are."""
    meta = gate_of(redis_client, database, META, CallLimit(9, MINUTE, per_account=True), most_at_once=2)
    with meta.admit(account="acme"), meta.admit(account="other"):
        assert isinstance(refusal(meta, account="third"), Busy)
        assert meta.state("third").in_flight == 2


SCOPES = [
    (LimitScope.ENTITY, set[str]()),
    (LimitScope.ACCOUNT, {"acme"}),
    (LimitScope.SERVICE, {"acme", "other", ""}),
]


@pytest.mark.parametrize("kind", [RateLimited, QuotaExhausted])
@pytest.mark.parametrize(("scope", "held"), SCOPES)
@pytest.mark.parametrize("limit", [CallLimit(200, HOUR, per_account=True), CallLimit(200, DAY)])
def test_a_limit_holds_back_whom_it_is_about(
    ground: Ground, limit: CallLimit, scope: LimitScope, held: set[str], kind: type[RateLimited | QuotaExhausted]
) -> None:
    """One entity: nobody; the account; or everybody, whosever call it was told to."""
    redis_client, database = ground
    gate = gate_of(redis_client, database, META, limit)
    error = kind("", service=META, scope=scope)
    assert fail(gate, error, account="acme") is error
    assert {one for one in ("acme", "other", "") if gate.state(one).cool_down_until} == held
    assert {one for one in ("acme", "other", "") if not is_let_in(gate, account=one)} == held
    subject = {LimitScope.ACCOUNT: "meta_ads acme", LimitScope.SERVICE: META}.get(scope)
    assert troubles(database) == ([("quota_exhausted", subject)] if kind is QuotaExhausted and subject else [])


def test_a_quota_of_the_service_is_ended_by_any_account(meta: Gate, redis_client: Redis, database: Database) -> None:
    """One of an account by that account alone."""
    for scope, account in ((LimitScope.ACCOUNT, "acme"), (LimitScope.SERVICE, "third")):
        fail(meta, QuotaExhausted("", service=META, scope=scope), account=account)
    redis_client.delete(*(GateKeys(NAMESPACE, META, one).cool_down for one in ("", "acme")))
    assert is_let_in(meta, account="other")
    assert troubles(database) == [("quota_exhausted", "meta_ads acme")]
    assert is_let_in(meta, account="acme")
    assert troubles(database) == []


def test_the_longer_cool_down_is_told_in_one_sentence(meta: Gate) -> None:
    """With whose it is."""
    account = RateLimited("", service=META, retry_after=timedelta(seconds=40))
    service = RateLimited("", service=META, retry_after=timedelta(seconds=90), scope=LimitScope.SERVICE)
    fail(meta, account, account="acme")
    assert str(refusal(meta, account="acme")) == "meta_ads acme: it is not asked for 40 s: it has had too many calls"
    fail(meta, service, account="other")
    held = refusal(meta, account="acme")
    assert str(held) == "meta_ads: it is not asked for 90 s: it has had too many calls"
    assert timedelta(seconds=85) < held.retry_after <= timedelta(seconds=90)


def test_limits_in_a_row_are_of_each_level(meta: Gate, redis_client: Redis) -> None:
    """An account's good answer ends its own row and the service's, not that of another account."""
    keys = [GateKeys(NAMESPACE, META, one) for one in ("acme", "other")]
    for account in ("acme", "other"):
        fail(meta, RateLimited("", service=META), account=account)
    for key in keys:
        redis_client.hset(key.cool_down, "until", 1)
    assert is_let_in(meta, account="acme")
    for account, minutes in (("acme", 1), ("other", 2)):
        fail(meta, RateLimited("", service=META), account=account)
        assert minutes - 1 < refusal(meta, account=account).retry_after / MINUTE <= minutes


def test_refused_credentials_that_are_for_others_to_tell(redis_client: Redis, database: Database) -> None:
    """No cool-down, nobody told, nothing ended; it is an answer all the same."""
    limit = CallLimit(200, HOUR, per_account=True)
    silent = gate_of(redis_client, database, META, limit, unauthorised=None)
    for _ in range(4):
        fail(silent, Transient("", service=META), account="acme")
    fail(silent, Unauthorised("", service=META), account="acme")
    assert redis_client.hget(GateKeys(NAMESPACE, META).breaker, "failures") == b"0"
    assert is_let_in(silent, account="acme")
    assert told(database) == []
    telling = gate_of(redis_client, database, META, limit, unauthorised=timedelta(minutes=3))
    fail(telling, Unauthorised("", service=META), account="acme")
    assert timedelta(minutes=2) < refusal(silent, account="acme").retry_after <= timedelta(minutes=3)
    assert is_let_in(silent, account="other")
    redis_client.delete(GateKeys(NAMESPACE, META, "acme").cool_down)
    assert is_let_in(silent, account="acme")
    assert told(database) == ["unauthorised"]


def test_a_part_is_kept_for_urgent_calls(redis_client: Redis, database: Database) -> None:
    """A fifth of each limit, rounded up, of which a call that is not urgent takes nothing; nobody is told."""
    gate = Gate(
        redis=redis_client,
        namespace=NAMESPACE,
        database=database,
        service=GOOGLE,
        limits=[CallLimit(6, MINUTE), CallLimit(11, DAY)],
    )
    assert refusal(gate, 5, keep_back=FIFTH).left == 4
    assert is_let_in(gate, 4, keep_back=FIFTH)
    held = refusal(gate, keep_back=FIFTH)
    assert str(held) == (
        "google_ads: its limit of 6 calls in 1 min, of which 2 are kept for urgent ones, has no room for 1 more"
    )
    assert MINUTE - timedelta(seconds=10) < held.retry_after <= MINUTE
    assert is_let_in(gate, 2)
    assert not is_let_in(gate)
    assert told(database) == []


@pytest.mark.parametrize("share", [Fraction(1), Fraction(-1, 5)])
def test_a_share_that_cannot_be(meta: Gate, share: Fraction) -> None:
    """All of a limit or less than nothing is a fault of the caller."""
    with pytest.raises(ValueError, match="keep_back"):
        is_let_in(meta, account="acme", keep_back=share)


def test_slowing_down_before_the_wall(meta: Gate, redis_client: Redis) -> None:
    """What the headers of usage ask for holds back that account, only ever for longer; below 75 % nothing does."""
    meta.slow_down(cool_down(Usage(60)), "60 % of its calls are used", account="acme")
    assert is_let_in(meta, account="acme")
    meta.slow_down(cool_down(Usage(90)), "90 % of its calls are used", account="acme")
    meta.slow_down(cool_down(Usage(80)), "80 % of its calls are used", account="acme")
    held = refusal(meta, account="acme")
    assert str(held) == "meta_ads acme: it is not asked for 108 s: 90 % of its calls are used"
    assert timedelta(seconds=100) < held.retry_after <= timedelta(seconds=108)
    assert is_let_in(meta, account="other")
    until = meta.state("acme").cool_down_until
    seconds, _ = redis_client.time()
    assert until is not None
    assert until - from_ms(seconds * 1000) <= timedelta(seconds=109)


def test_what_an_account_was_told_is_not_the_services(google: Gate, database: Database) -> None:
    """Also where the limit is one of all accounts."""
    errors: list[ServiceError] = [RateLimited("", service=GOOGLE), Unauthorised("", service=GOOGLE)]
    for error in errors:
        assert fail(google, error, account=type(error).__name__) is error
    assert is_let_in(google, account="third")
    assert troubles(database) == [("unauthorised", "google_ads Unauthorised")]
