"""What comes from outside is understood or refused, and never anything else."""

import contextlib
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from services.sandbox import exchange, seeds
from services.sandbox.ad_accounts import GOOGLE_ADS, Account, AdAccounts, Entity
from services.sandbox.exchange import Change
from services.sandbox.google_ads.errors import Refused
from services.sandbox.google_ads.gaql import read_query
from services.sandbox.google_ads.mutate import mutate_any, mutate_kind
from services.sandbox.google_ads.orders import Orders
from services.sandbox.journal import DirectoryInUse, Journal
from services.sandbox.meta_ads.errors import GraphError
from services.sandbox.meta_ads.nodes import fields_asked
from services.sandbox.replay_clock import YEAR_START, Moment

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_WORDS = st.lists(
    st.sampled_from(
        [
            "SELECT",
            "FROM",
            "WHERE",
            "campaign",
            "campaign.id",
            "=",
            "IN",
            "(",
            ")",
            "1",
            "'a'",
            ",",
            "AND",
            "LIMIT",
            "ORDER BY",
        ]
    ),
    max_size=14,
).map(" ".join)


@given(st.text() | _WORDS)
def test_any_text_is_a_query_or_is_refused(text: str) -> None:
    """Never another exception."""
    with contextlib.suppress(Refused):
        assert read_query(text).resource


@given(st.text())
@example(",")
def test_any_list_of_fields_is_one_or_is_refused(text: str) -> None:
    """What was read is what was written."""
    with contextlib.suppress(GraphError):
        assert ",".join(fields_asked(text)) == text


def _account() -> Account:
    account = Account(GOOGLE_ADS, "1", "", "USD", "UTC")
    account.add(Entity("1", "campaign_budget/4", {"daily_budget": "10000"}))
    account.add(Entity("1", "campaign/2", {"status": "PAUSED"}, budget="campaign_budget/4"))
    account.add(Entity("1", "location/2~3", {"status": "ENABLED", "bid_modifier": "1.1"}, parent="campaign/2"))
    return account


def _updates(name: str, field: str, value: object) -> st.SearchStrategy[object]:
    """Operations that are nearly, or quite, an update of that field."""
    update = st.fixed_dictionaries({}, optional={"resourceName": st.just(name) | _JSON, field: st.just(value) | _JSON})
    return st.fixed_dictionaries({}, optional={"update": update | _JSON, "updateMask": st.just(field) | _JSON}) | _JSON


_STATUSES = _updates("customers/1/campaigns/2", "status", "ENABLED")
_MODIFIERS = _updates("customers/1/campaignCriteria/2~3", "bidModifier", 1.25)


@given(operations=st.lists(_STATUSES, max_size=3) | _JSON, modifier=_MODIFIERS, is_partial=st.booleans() | _JSON)
@example(operations=[], modifier={"update": {"bidModifier": 1e300}}, is_partial=False)
def test_any_mutate_is_answered_or_refused(operations: object, modifier: object, is_partial: object) -> None:
    """Whatever JSON comes, the account holds statuses, modifiers within bounds and nothing else afterwards."""
    account = _account()
    with Flask(__name__).app_context():
        exchange.begin("google_ads", Moment(YEAR_START, YEAR_START))
        with contextlib.suppress(Refused):
            mutate_kind(account, "campaign", {"operations": operations, "partialFailure": is_partial}, Orders())
        with contextlib.suppress(Refused):
            mutate_any(account, {"mutateOperations": [{"campaignOperation": operations}]}, Orders())
        with contextlib.suppress(Refused):
            mutate_any(account, {"mutateOperations": [{"campaignCriterionOperation": modifier}]}, Orders())
    assert account.entities["campaign/2"].values["status"] in {"PAUSED", "ENABLED"}
    assert 0.1 <= float(account.entities["location/2~3"].values["bid_modifier"]) <= 10


@given(_JSON | st.fixed_dictionaries({"accounts": st.lists(_JSON, max_size=2)}))
def test_any_account_document_is_taken_or_refused(document: object) -> None:
    """Nothing half added."""
    accounts = AdAccounts()
    with contextlib.suppress(seeds.UnusableSeed):
        seeds.take_in(accounts, document)
        return
    assert list(accounts) == []


def test_the_journal_gives_back_what_it_was_given(tmp_path: Path) -> None:
    """Lines by number, over a reopening; only entries with changes are read for the state."""
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    change = Change("campaign/1", "status", "PAUSED", "ACTIVE").document()
    assert [journal.append({"changes": changes}) for changes in ([], [change], [])] == [1, 2, 3]
    journal.close()
    journal = Journal(path)
    assert journal.last == 3
    assert journal.lines(since=2) == [b'{"seq":3,"changes":[]}']
    assert list(journal.changes()) == [{"seq": 2, "changes": [change]}]
    journal.close()


def test_a_journal_has_one_owner(tmp_path: Path) -> None:
    """Until it is closed."""
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    with pytest.raises(DirectoryInUse, match=str(tmp_path)):
        Journal(path)
    journal.close()
    Journal(path).close()
