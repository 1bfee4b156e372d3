"""What a rule remembers between checks, in PostgreSQL: each check is made by a new evaluator."""

from tests.integration.engine import Engine
from tests.integration.rule_documents import rule
from weathertrigger.domain.weather import Metric

_WHEN = {"metric": "rain", "above": 0.5, "unit": "mm/h", "release": 0.1}


def _states(engine: Engine, *rain: float | None) -> list[str]:
    states = []
    for value in rain:
        engine.judge({} if value is None else {Metric.RAIN: value}, "wet")
        states.append(engine.value("SELECT state FROM automation_rules"))
    return states


def test_a_last_result_survives_restarts(engine: Engine) -> None:
    """Semantics 7: in between the last result stands, whoever evaluates; unknown keeps it."""
    engine.apply(rule("wet", when=_WHEN))
    assert _states(engine, 0.3, 0.6, 0.3, None, 0.3) == ["inactive", "active", "active", "active", "active"]
    assert engine.value("SELECT memory FROM automation_rules") == {"on": ["0"]}
    assert _states(engine, 0.05, 0.3) == ["inactive", "inactive"]
    assert engine.value("SELECT memory FROM automation_rules") is None


def test_another_condition_has_no_last_result(engine: Engine) -> None:
    """Semantics 7: what was true of another condition, or at another place, says nothing; other edits keep it."""
    engine.apply(rule("wet", when=_WHEN))
    assert _states(engine, 0.6) == ["active"]
    engine.apply(rule("wet", when=_WHEN, priority=3))
    assert _states(engine, 0.3) == ["active"]
    engine.apply(rule("wet", when={**_WHEN, "above": 0.4}, priority=3))
    assert _states(engine, 0.3) == ["inactive"]
