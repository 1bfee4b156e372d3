"""The README's questions to the database run as printed there, and tell the truth."""

import re
from decimal import Decimal
from pathlib import Path

from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, RAIN, campaign_budget, rule, status

_README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
RELIABILITY, CALLS, DURATION = re.findall(r"```sql\n(.*?)```", _README, re.DOTALL)


def test_the_three_monitoring_queries_answer_from_a_filled_database(engine: Engine) -> None:
    """Reliability, calls by hour and rate of the conditions, for two rules that were met once and once not."""
    engine.apply(rule("wet", status("23847")), rule("spend", campaign_budget("111")))
    for weather in (RAIN, DRY, None):
        engine.judge(weather, "wet", "spend")
        engine.act()

    reliability = {row.rule_id: row for row in engine.rows(_plain(RELIABILITY))}
    assert {rule_id: (row.checks, row.success_percent) for rule_id, row in reliability.items()} == {
        "wet": (3, Decimal("66.67")),
        "spend": (3, Decimal("66.67")),
    }
    calls = engine.rows(_plain(CALLS))
    expected = engine.calls_of_executions()
    assert sum(row.meta_api_calls for row in calls) == expected["meta_ads"] > 0
    assert sum(row.google_api_calls for row in calls) == expected["google_ads"] > 0
    duration = {row.rule_id: row for row in engine.rows(_plain(DURATION))}
    assert {rule_id: row.met_rate for rule_id, row in duration.items()} == {
        "wet": Decimal("0.50"),
        "spend": Decimal("0.50"),
    }
    assert all(row.average_ms >= 0 for row in duration.values())


def _plain(query: str) -> str:
    """A query without parameters, as psql would send it."""
    return query.strip().rstrip(";").replace("%", "%%")
