"""A rule that looks at several places: its checks travel together, and are judged by the weather of each."""

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

import dramatiq

from services.scheduler.dispatch_due_checks import CHECKS_A_MESSAGE
from tests.integration.engine import NAMESPACE, Engine
from tests.integration.rule_documents import DRY, NEWARK, RAIN, Document, rule, status
from tests.integration.test_dispatch import sent
from tests.integration.test_missing_weather import rule_with_a_slot
from weathertrigger.broker import queue_key
from weathertrigger.domain.weather import Metric, Place, Reading, Value, place_at
from weathertrigger.instants import to_ms
from weathertrigger.messages import EvaluateRules, ReadingChecks, load
from weathertrigger.queues import EVALUATION
from weathertrigger.storage import checks, day_plan, places, readings, rules

BRONX = place_at(40.85, -73.87)
YONKERS = place_at(40.93, -73.9)
ALL = (NEWARK, BRONX, YONKERS)

Weather = Mapping[Place, Mapping[Metric, Value] | None]
"""By place what was observed there; None: there is no weather."""


def places_of(*places: Place) -> Document:
    """Under names of their own."""
    return {f"p{number}": f"{place.latitude},{place.longitude}" for number, place in enumerate(places)}


def several(
    rule_id: str, *places: Place, quorum: object = 2, targets: tuple[Document, ...] = (), **more: object
) -> Document:
    """A live rule that looks for rain at these places."""
    document = rule(rule_id, *targets, places=places_of(*places), quorum=quorum, **more)
    del document["place"]
    return document


def observed(engine: Engine, place: Place, values: Mapping[Metric, Value]) -> int:
    """Stores a reading of the place, just observed."""
    with engine.database.transaction() as tx:
        rules.ensure_places(tx, [place])
        at = checks.clock(tx)
        return readings.add(tx, [Reading(place.id, "openweather", at - timedelta(minutes=1), at, values)])[place.id]


def told(engine: Engine, weather: Weather, dues: dict[str, int], lease: int = 0) -> EvaluateRules:
    """The message that the fetcher would send: every check looks at all of these places."""
    found = {place: None if values is None else observed(engine, place, values) for place, values in weather.items()}
    return EvaluateRules(
        lease,
        [ReadingChecks(place.id, reading, {}, dues, None if reading else "down") for place, reading in found.items()],
    )


def ring(engine: Engine, *rule_ids: str) -> dict[str, int]:
    """Makes the rules due, and rings."""
    dues = engine.make_due(*rule_ids)
    engine.redis.zadd(engine.bells.key, dues)
    return dues


def test_the_whole_way(engine: Engine) -> None:
    """Architecture 3: one message with every place, one reading each, one row that counts the calls of all."""
    engine.apply(several("wet", *ALL, quorum="any"))
    dues = ring(engine, "wet")
    engine.dispatcher()()
    (message,) = sent(engine)
    assert message.places == {place.id: dues for place in ALL}
    engine.fetcher()(message)
    (published,) = engine.published
    assert {one.place_id: one.checks for one in published.readings} == {place.id: dues for place in ALL}
    assert all(one.reading_id for one in published.readings)
    engine.evaluator()(published)
    (row,) = engine.executions("wet")
    assert set(row.explanation["places"]) == {"p0", "p1", "p2"}
    assert row.execution_metrics["weatherApiCalls"] == engine.calls_made()["openweather"] == 3
    assert engine.calls_counted() == engine.calls_made()
    assert row.execution_metrics["conditionsEvaluated"] == 3


def test_the_quorum_decides(engine: Engine) -> None:
    """Semantics 1: two of three are enough, whatever is unknown besides."""
    engine.apply(several("met", *ALL), several("not_met", *ALL, targets=(status("23848"),)))
    wet: Weather = {NEWARK: RAIN, BRONX: RAIN, YONKERS: None}
    dry: Weather = {NEWARK: DRY, BRONX: RAIN, YONKERS: DRY}
    for weather, outcome in [(wet, "met"), (dry, "not_met")]:
        engine.evaluator()(told(engine, weather, engine.make_due(outcome)))
        assert [row.outcome for row in engine.executions(outcome)] == [outcome]


def test_a_place_without_weather_that_may_decide_is_waited_for(engine: Engine) -> None:
    """S10: the slot is put off; where the other places decide it is not."""
    name = rule_with_a_slot(engine, timedelta(), timedelta(minutes=5))
    engine.apply(several(name, *ALL))
    dues = engine.make_due(name)
    engine.evaluator()(told(engine, {NEWARK: RAIN, BRONX: None, YONKERS: DRY}, dues))
    left = engine.row("SELECT next_slot_at, slot_not_before, clock_ms() AS clock FROM automation_rules")
    assert engine.executions() == []
    assert to_ms(left.next_slot_at) == dues[name]
    assert left.slot_not_before > left.clock
    decided: Weather = {NEWARK: RAIN, BRONX: None, YONKERS: RAIN}
    engine.evaluator()(told(engine, decided, engine.make_due(name)))
    assert [row.outcome for row in engine.executions()] == ["met"]


def test_a_rule_whose_places_were_edited_is_left_alone(engine: Engine) -> None:
    """Semantics 12: a message that does not tell of every place of the rule does not judge it; it rings again."""
    engine.apply(several("wet", NEWARK, BRONX), several("stays", NEWARK, BRONX, targets=(status("23848"),)))
    dues = engine.make_due("wet", "stays")
    lease = engine.leased({NEWARK.id: dues, BRONX.id: dues}).lease
    message = told(engine, {NEWARK: RAIN, BRONX: RAIN}, dues, lease)
    engine.apply(several("wet", NEWARK, YONKERS))
    engine.execute("UPDATE automation_rules SET run_requested_at = NULL WHERE id = 'wet'")
    engine.redis.zadd(engine.bells.key, {"wet": lease})
    engine.evaluator()(message)
    assert [row.rule_id for row in engine.executions()] == ["stays"]
    left = engine.row("SELECT state, next_check_at FROM automation_rules WHERE id = 'wet'")
    assert (left.state, to_ms(left.next_check_at)) == ("unjudged", dues["wet"])
    assert engine.redis.zscore(engine.bells.key, "wet") == dues["wet"]


def test_a_rule_that_lost_a_place_is_judged_by_the_others(engine: Engine) -> None:
    """The message tells of every place that is left, and so is as good as a new one."""
    engine.apply(several("wet", *ALL, quorum="all"))
    dues = engine.make_due("wet")
    message = told(engine, {NEWARK: RAIN, BRONX: RAIN, YONKERS: DRY}, dues)
    engine.execute(
        "UPDATE automation_rules SET other_place_ids = ARRAY[%(bronx)s], version = version + 1,"
        " document = jsonb_set(document, '{places}', (document -> 'places') - 2)",
        bronx=BRONX.id,
    )
    engine.evaluator()(message)
    assert [row.outcome for row in engine.executions("wet")] == ["met"]


def test_without_a_reading_a_moved_rule_is_left_alone(engine: Engine) -> None:
    """Semantics 12: that the old place has no weather says nothing of the new one; the message names the place."""
    engine.apply(rule("wet"))
    dues = engine.make_due("wet")
    lease = engine.leased({NEWARK.id: dues}).lease
    engine.execute("INSERT INTO places (id, latitude, longitude) VALUES (%(id)s, 40.85, -73.87)", id=BRONX.id)
    engine.execute("UPDATE automation_rules SET place_id = %(id)s, version = version + 1", id=BRONX.id)
    engine.evaluator()(EvaluateRules(lease, [ReadingChecks(NEWARK.id, None, {}, dues, "down")]))
    assert engine.executions() == []
    assert engine.redis.zscore(engine.bells.key, "wet") == dues["wet"]


def test_a_check_waits_for_all_of_its_places(engine: Engine) -> None:
    """S5: those whose weather is there are handed on at once; one that also looks elsewhere goes with its last."""
    engine.apply(rule("near"), several("both", NEWARK, BRONX, targets=(status("23848"),)))
    observed(engine, NEWARK, RAIN)
    dues = engine.make_due("near", "both")
    both = {"both": dues["both"]}
    engine.fetcher()(engine.leased({NEWARK.id: dues, BRONX.id: both}))
    first, second = engine.published
    assert [(one.place_id, one.checks) for one in first.readings] == [(NEWARK.id, {"near": dues["near"]})]
    assert {one.place_id: one.checks for one in second.readings} == {NEWARK.id: both, BRONX.id: both}
    for message in (first, second):
        engine.evaluator()(message)
    assert len(engine.executions()) == 2
    assert engine.calls_counted() == engine.calls_made()
    assert engine.calls_made()["openweather"] == 1


def test_outside_its_hours_no_place_is_asked(engine: Engine) -> None:
    """Semantics 10: the check goes straight to the evaluator, under each of its places, and needs none of them."""
    tomorrow = engine.value("SELECT ((clock_ms() AT TIME ZONE 'UTC')::date + 3)::text")
    engine.apply(several("later", *ALL, dates={"from": tomorrow}))
    engine.evaluator()(told(engine, {NEWARK: RAIN, BRONX: RAIN, YONKERS: RAIN}, engine.make_due("later")))
    dues = ring(engine, "later")
    engine.execute("DELETE FROM automation_executions")
    engine.dispatcher()()
    assert sent(engine) == []
    key = queue_key(NAMESPACE, EVALUATION)
    (encoded,) = engine.redis.hvals(f"{key}.msgs")
    message = load(EvaluateRules, dramatiq.Message.decode(cast("bytes", encoded)).kwargs)
    assert {one.place_id: one.checks for one in message.readings} == {place.id: dues for place in ALL}
    engine.evaluator()(message)
    assert [row.outcome for row in engine.executions("later")] == ["not_met"]


def test_many_places_go_in_several_messages_and_every_rule_in_one(engine: Engine) -> None:
    """Architecture 3: a check with several places counts for as many, and is never torn apart."""
    far = [place_at(10 + number / 10, 20) for number in range(50)]
    names = [f"wide-{number}" for number in range(2 * CHECKS_A_MESSAGE // 50)]
    engine.apply(*(several(name, *far, quorum="any", targets=(status("23847"),)) for name in names))
    ring(engine, *names)
    engine.dispatcher()()
    messages = sent(engine)
    assert len(messages) > 1
    found = [{rule_id for checks in message.places.values() for rule_id in checks} for message in messages]
    assert sorted(rule_id for some in found for rule_id in some) == sorted(names)
    assert all(len(message.places) == 50 for message in messages)


def test_a_rule_that_postgresql_refuses_does_not_hold_up_the_others(engine: Engine) -> None:
    """S5d: rule by rule, each with all of its places."""
    engine.apply(several("wet", NEWARK, BRONX), several("other", NEWARK, BRONX, targets=(status("23848"),)))
    dues = engine.make_due("wet", "other")
    message = told(engine, {NEWARK: RAIN, BRONX: RAIN}, dues)
    engine.execute(
        "ALTER TABLE automation_executions ADD CONSTRAINT refuses CHECK (rule_id <> 'wet' OR outcome = 'failed')"
    )
    try:
        engine.evaluator()(message)
    finally:
        engine.execute("ALTER TABLE automation_executions DROP CONSTRAINT refuses")
    assert {row.rule_id: row.outcome for row in engine.executions()} == {"other": "met", "wet": "failed"}


def test_every_place_is_counted_and_planned_for(engine: Engine) -> None:
    """The day's calls and the list of places know the others too."""
    engine.apply(several("wet", *ALL))
    needed = "SELECT r.id, p.place_id FROM automation_rules r, unnest(r.place_id || r.other_place_ids) AS p (place_id)"
    assert {row.place_id for row in engine.rows(needed)} == {place.id for place in ALL}
    with engine.database.transaction() as tx:
        assert {row.place_id: row.checks for row in day_plan.needs(tx)} == {place.id: 48.0 for place in ALL}
        assert {row.id: row.rules for row in places.listed(tx)} == {place.id: 1 for place in ALL}
