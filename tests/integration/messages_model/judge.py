"""Holds what came of a history to account: executions, the values on the platform, the writes, and the changes."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from operator import itemgetter

from tests.integration.messages_model.installation import Installation
from tests.integration.messages_model.oracle import Event, Sequential, Told, Verdict
from tests.integration.messages_model.scene import FOUND, PLAIN
from tests.integration.schedule_model.judge import faults_of
from weathertrigger.domain.change import Carrier
from weathertrigger.instants import to_ms
from weathertrigger.storage import changes
from weathertrigger.storage.database import Row

_MAX_AGE = timedelta(minutes=90)


def faults(model: Installation) -> list[str]:
    """Every promise that was not kept, when all that was to be done is done."""
    engine, ground = model.engine, model.ground
    executions = engine.executions()
    sequential = Sequential()
    events = sorted([*model.log, *_verdicts(model, executions)], key=itemgetter(0))
    for at, together in groupby(events, key=itemgetter(0)):
        sequential.happens(at, [event for _, event in together])
    return [
        *faults_of(ground.history(), executions, ground.now_ms, model.ended_by),
        *sequential.faults,
        *_faults_of_losers(executions, sequential.told),
        *(fault for carrier in FOUND for fault in _faults_of_field(model, carrier, sequential)),
        *_faults_of_changes(model, {one.id: one for one in executions}),
    ]


def _faults_of_losers(executions: list[Row], meant: set[Told]) -> Iterator[str]:
    """Semantics 19: a check that made its rule active where another rule wins says so, and no other check does."""
    carriers = {f"{one.resource} {one.field}": one for one in FOUND}
    told = {
        (to_ms(row.executed_at), row.rule_id, winner, carriers[name])
        for row in executions
        for winner, names in re.findall(r" Overridden by rule (\S+): ([^.]*)\.", row.reason)
        for name in names.split(", ")
    }
    if told != meant:
        yield f"overridden: {sorted(map(str, told ^ meant))}"


def _verdicts(model: Installation, executions: list[Row]) -> Iterator[tuple[int, Event]]:
    """One for each evaluation, however many triggers it answered."""
    readings = {row.id: row for row in model.engine.rows("SELECT * FROM weather_readings")}
    known = set()
    for row in executions:
        at = to_ms(row.executed_at)
        if row.outcome in {"superseded", "missed"} or (row.rule_id, at) in known:
            continue
        known.add((row.rule_id, at))
        reading = readings.get((row.explanation or {}).get("reading"))
        rain = None
        if reading and row.executed_at - reading.observed_at <= _MAX_AGE:
            rain = model.sky.said[reading.place_id, to_ms(reading.observed_at)]
        yield at, Verdict(row.rule_id, reading and reading.place_id, rain, row.conditions_met)


def _faults_of_field(model: Installation, carrier: Carrier, sequential: Sequential) -> Iterator[str]:
    """Fewer writes than the sequential engine's are fine, for looks may be merged. More are not: but for one each time
    that a write came late and changed what was there, which has to be put right."""
    value, row = model.platform.values[carrier], model.engine.field(carrier.resource, carrier.field.value)
    wanted = {sequential.plainly(carrier)} if carrier in PLAIN else sequential.values(carrier)
    if carrier in PLAIN and sequential.values(carrier) != wanted:
        yield f"{carrier}: the oracle is not of one mind: {wanted} or {sequential.values(carrier)}"
    if value not in wanted:
        yield f"{carrier} is {value} and should be {wanted}: {row}, {sequential.words(carrier)}"
    if row.state == "held":
        yield f"{carrier} is held, and nobody has touched it: {row}"
    made = [one for one in model.platform.in_time if one.carrier == carrier]
    most = sequential.writes(carrier) + model.platform.late[carrier]
    if len(made) > most:
        yield f"{carrier} was changed {len(made)} times, {most} would have done: {made}"
    decisions = {one.generation: one for one in reversed(_changes_of(model, carrier))}
    told = [decisions[generation].why for generation in sorted(decisions)]
    meant = [f"(overridden: {', '.join(losers)})" if losers else "" for losers in sequential.decisions[carrier]]
    said = [why[why.find("(overridden") :] if "(overridden" in why else "" for why in told]
    if said != meant:
        yield f"{carrier}: losers {said}, should be {meant}"


def _changes_of(model: Installation, carrier: Carrier) -> list[Row]:
    return [one for one in model.engine.changes(carrier.resource, carrier.field.value) if not one.dry_run]


def _faults_of_changes(model: Installation, executions: dict[int, Row]) -> Iterator[str]:
    """Semantics 31, of every change that there ever was."""
    for carrier in FOUND:
        for one in _changes_of(model, carrier):
            asked = executions.get(one.execution_id)
            if not (one.why and one.who and one.rule_id and one.created_at):
                yield f"it is not known why, by whom or when: {one}"
            if one.who == changes.ENGINE and (asked is None or asked.rule_id != one.rule_id):
                yield f"it is not known which check asked for it: {one}"
            if one.state == "confirmed" and (one.from_value is None or one.to_value is None):
                yield f"it is not known from what to what: {one}"
            if one.state == "confirmed" and one.request_id is None and not model.had_trouble:
                yield f"the platform's request id is not known: {one}"
            asked_for = model.platform.answers.get(one.request_id, {(carrier, one.to_value)})
            if one.state == "confirmed" and (carrier, one.to_value) not in asked_for:
                yield f"that request was about something else: {one}"
            if one.state in {"planned", "calling", "unknown"}:
                yield f"it is not done: {one}"
