"""What every implementation of `AdPlatform` does alike: the adapters against the sandbox, and the platform in memory
that the model of protocol C runs on."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.contract.sandbox_server import GOOGLE, META, sandbox_thread
from tests.integration.changes_model.platform import PlatformInMemory
from weathertrigger.domain.change import Carrier, Wanted
from weathertrigger.domain.money import Money
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.errors import NotFound
from weathertrigger.platforms.port import AdAccount, AdPlatform, Observed, Write
from weathertrigger.platforms.registry import PLATFORMS

STATUS, BUDGET = FieldName.STATUS, FieldName.DAILY_BUDGET


@dataclass(frozen=True)
class Subject:
    """A platform, an account there, an entity with a status that is enabled, one with a budget of 80 or 50 dollars."""

    platform: AdPlatform
    account: AdAccount
    enabled: Wanted
    budgeted: Wanted
    gone: Carrier


@pytest.fixture(params=["memory", *PLATFORMS])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    """Each implementation in turn."""
    name = request.param
    if name == "memory":
        values = {Carrier("ad_set/23848", STATUS): "enabled", Carrier("ad_set/23848", BUDGET): "8000"}
        yield _meta(PlatformInMemory(values, lambda: datetime(2026, 3, 1, tzinfo=UTC)))
        return
    with sandbox_thread(tmp_path) as sandbox:
        keys = dict.fromkeys(("access_token", "client_id", "client_secret", "refresh_token"), "sandbox")
        platform = PLATFORMS[name]({**keys, "base_url": sandbox.url, "oauth_url": sandbox.url})
        yield _meta(platform) if name == "meta_ads" else _google(platform)


def _meta(platform: AdPlatform) -> Subject:
    entity = (Level.AD_SET, "23848")
    account = AdAccount("meta-acme", META, "USD")
    return Subject(platform, account, Wanted(*entity, STATUS), Wanted(*entity, BUDGET), Carrier("ad_set/999", STATUS))


def _google(platform: AdPlatform) -> Subject:
    entity = (Level.CAMPAIGN, "111")
    account = AdAccount("google-acme", GOOGLE, "USD")
    return Subject(platform, account, Wanted(*entity, STATUS), Wanted(*entity, BUDGET), Carrier("campaign/999", STATUS))


def carrier_of(subject: Subject, wanted: Wanted) -> Carrier:
    carrier = subject.platform.resolve(subject.account, [wanted]).results[wanted]
    assert isinstance(carrier, Carrier)
    return carrier


def value_of(subject: Subject, carrier: Carrier) -> str:
    seen = subject.platform.read(subject.account, [carrier]).results[carrier]
    assert isinstance(seen, Observed)
    return seen.value


def test_what_is_written_is_read(subject: Subject) -> None:
    """An absolute value, as text; twice the same is as once."""
    status, budget = carrier_of(subject, subject.enabled), carrier_of(subject, subject.budgeted)
    assert value_of(subject, status) == "enabled"
    money = subject.platform.money
    wanted = {status: "paused", budget: money.encode(Money(Decimal("61.00"), "USD"))}
    for _ in range(2):
        for batch in subject.platform.batches([Write(carrier, value) for carrier, value in wanted.items()]):
            answer = subject.platform.write(subject.account, batch)
            assert set(answer.results.values()) == {None}
            assert answer.calls >= len(batch)
        assert {carrier: value_of(subject, carrier) for carrier in wanted} == wanted


def test_every_write_is_in_one_batch_in_its_order(subject: Subject) -> None:
    """None is lost and none is sent twice."""
    writes = [Write(carrier_of(subject, one), value) for one, value in ((subject.enabled, "paused"),)]
    assert [one for batch in subject.platform.batches(writes) for one in batch] == writes
    assert subject.platform.batches([]) == []


def test_what_is_not_there_is_not_found_and_hinders_nobody(subject: Subject) -> None:
    """Per item, in reading and in writing."""
    status = carrier_of(subject, subject.enabled)
    results = subject.platform.read(subject.account, [status, subject.gone]).results
    assert isinstance(results[status], Observed)
    assert isinstance(results[subject.gone], NotFound)
    answer = subject.platform.write(subject.account, [Write(status, "paused"), Write(subject.gone, "paused")])
    assert answer.results[status] is None
    assert isinstance(answer.results[subject.gone], NotFound)
    assert value_of(subject, status) == "paused"


def test_a_trial_changes_nothing(subject: Subject) -> None:
    """`validate_only`."""
    status = carrier_of(subject, subject.enabled)
    answer = subject.platform.write(subject.account, [Write(status, "paused")], validate_only=True)
    assert answer.results == {status: None}
    assert value_of(subject, status) == "enabled"


def test_every_call_is_admitted(subject: Subject) -> None:
    """Before it leaves, with what it costs."""
    admitted: list[int] = []

    def admit(calls: int) -> AbstractContextManager[None]:
        admitted.append(calls)
        return nullcontext()

    status = carrier_of(subject, subject.enabled)
    subject.platform.read(subject.account, [status], admit=admit)
    assert sum(admitted) >= 1
    admitted.clear()
    subject.platform.write(subject.account, [Write(status, "paused")], admit=admit)
    assert sum(admitted) >= 1
