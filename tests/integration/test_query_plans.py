"""The queries that run all the time find their rows by an index, however large the tables have grown."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from tests.integration.engine import Engine
from weathertrigger.storage.history import Wished
from weathertrigger.storage.queries import load_queries

ACCOUNT = {"account_id": "meta-acme", "fence": 1, "limit": 20}
LEASE = {"account_id": "meta-acme", "lease": timedelta(minutes=1)}
RULE = {"rule_id": "wet", "limit": 20}
AGES = {
    "place_ids": ["40.69,-74.17"],
    "refresh": timedelta(minutes=10),
    "forecast_refresh": timedelta(hours=1),
    "max_age": timedelta(minutes=90),
}

PLANS: dict[str, tuple[str, str, dict[str, object], str]] = {
    "sweep": ("checks", "upcoming", {"horizon": timedelta(minutes=1)}, "Index Cond: (next_check_at <="),
    "newest reading": ("readings", "newest", AGES, "Index Cond: ((place_id = p.id) AND (fetched_at >"),
    "calls and dry runs to ring for": ("accounts", "with_due_changes", {}, "hashed SubPlan"),
    "accounts to ring": ("accounts", "with_due_changes", {}, "AND (next_at <="),
    "lease of an account": ("accounts", "take_lease", LEASE, "using incidents_open on incidents"),
    "due fields": ("fields", "due", ACCOUNT, "AND (next_at <="),
    "give the account back": ("accounts", "give_lease_back", ACCOUNT, "AND (next_at <="),
    "calls left behind": ("changes", "abandon", ACCOUNT, "using ad_changes_open on ad_changes c_1"),
    "calls not made": ("changes", "back_to_planned", {"field_ids": [1]}, "using ad_changes_open on ad_changes c"),
    "changes of a rule": ("history", "changes", {**asdict(Wished()), **RULE}, "using ad_changes_rule"),
    "executions of a rule": ("history", "executions_of_rule", RULE, "Backward using automation_executions_once"),
}
"""Aggregate, statement, parameters, and what its plan says when the index that was made for it is of use."""


@pytest.mark.parametrize("name", PLANS)
def test_an_index_finds_the_rows(engine: Engine, name: str) -> None:
    """The tables of a test are small, so the other ways are made unattractive to see whether this one is possible."""
    aggregate, statement, parameters, expected = PLANS[name]
    with engine.database.transaction() as tx:
        for way in ("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin"):
            tx.execute(f"SET LOCAL {way} = off")
        plan = "\n".join(line[0] for line in tx.rows(f"EXPLAIN {load_queries(aggregate)[statement]}", parameters))
    assert expected in plan, plan
