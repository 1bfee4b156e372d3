"""Rules as their files say them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from weathertrigger.domain.execution import Trigger
from weathertrigger.domain.rule import Rule, RuleState
from weathertrigger.domain.weather import Place
from weathertrigger.instants import to_ms
from weathertrigger.rules.condition_documents import condition_document
from weathertrigger.rules.needs import needs_of
from weathertrigger.rules.rule_documents import read_rule, rule_document
from weathertrigger.storage.checks import EMPTY_METRICS
from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries
from weathertrigger.time_zones import time_zone_at, zone_of

_SQL = "rules"


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule as it is kept now, locked for an edit, and the case that it is in, if it is active. `deleted`: it is gone
    but for what it has still to put back."""

    rule: Rule
    next_slot_at: datetime
    run_requested_at: datetime | None
    active_case: int | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Edited:
    """A rule as it is to be kept, with its next slot, if it is active the case that it is in, and the boundary that it
    has if it is a new one, or judged by other things than before."""

    rule: Rule
    next_slot_at: datetime
    active_case: int = 1
    next_boundary_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Superseded:
    """A check that was due when an edit came first."""

    rule_id: str
    scheduled_for: datetime
    trigger: Trigger
    coalesced_from: datetime | None = None


def wait_for_turn(tx: Transaction) -> None:
    """One edit at a time: a row that is not there yet cannot be locked, and two edits may add the same id."""
    tx.execute(load_queries(_SQL)["wait_for_turn"])


def lock(tx: Transaction, rule_ids: Collection[str]) -> dict[str, Kept]:
    """S8: locks those of the rules that exist, deleted ones too, in the order of their ids."""
    rows = tx.rows(load_queries(_SQL)["lock"], {"rule_ids": list(rule_ids)})
    return {
        row.id: Kept(
            read_rule(row.document, version=row.version),
            row.next_slot_at,
            row.run_requested_at,
            row.active_case if row.state == RuleState.ACTIVE else None,
            deleted=row.deleted_at is not None,
        )
        for row in rows
    }


def lock_unread(tx: Transaction, rule_ids: Collection[str]) -> None:
    """S8: as `lock`, also of rules that cannot be read."""
    tx.execute(load_queries(_SQL)["lock"], {"rule_ids": list(rule_ids)})


def ensure_owners(tx: Transaction, user_ids: Collection[str]) -> None:
    """Adds the users that are new."""
    tx.execute(load_queries(_SQL)["ensure_users"], {"user_ids": sorted(user_ids)})


def ensure_places(tx: Transaction, places: Iterable[Place]) -> None:
    """Adds the grid points that are new, with the time zones of their coordinates: one that a rule gives is its own."""
    given = list(places)
    by_id = {place.id: place for place in given}
    names = {place.id: place.name for place in sorted(given, key=lambda one: one.name or "")}
    ordered = [by_id[place_id] for place_id in sorted(by_id)]
    tx.execute(
        load_queries(_SQL)["ensure_places"],
        {
            "id": [place.id for place in ordered],
            "latitude": [place.latitude for place in ordered],
            "longitude": [place.longitude for place in ordered],
            "name": [names[place.id] for place in ordered],
        },
    )
    _look_up_time_zones(tx, list(by_id))


def _look_up_time_zones(tx: Transaction, place_ids: Collection[str]) -> None:
    rows = tx.rows(load_queries(_SQL)["without_time_zone"], {"place_ids": list(place_ids)})
    if rows:
        time_zones = [time_zone_at(row.latitude, row.longitude) for row in rows]
        tx.execute(load_queries(_SQL)["set_time_zones"], {"id": [row.id for row in rows], "time_zone": time_zones})


def unjudge(tx: Transaction, rule_ids: Collection[str]) -> None:
    """Forgets the verdicts of locked rules."""
    if rule_ids:
        tx.execute(load_queries(_SQL)["unjudge"], {"rule_ids": list(rule_ids)})


def put(tx: Transaction, edited: Sequence[Edited]) -> dict[str, datetime | None]:
    """Writes rules with their next slots; gives the next check of each."""
    ordered = sorted(edited, key=lambda one: one.rule.id)
    rules = [one.rule for one in ordered]
    rows = tx.rows(
        load_queries(_SQL)["put"],
        {
            "id": [rule.id for rule in rules],
            "user_id": [rule.owner for rule in rules],
            "name": [rule.name for rule in rules],
            "place_id": [rule.place.id for rule in rules],
            "other_places": [_json([place.id for place in rule.other_places]) for rule in rules],
            "conditions": [_json(condition_document(rule.condition)) for rule in rules],
            "active_case": [one.active_case for one in ordered],
            "looks_ahead": [needs_of(rule.condition).looks_ahead for rule in rules],
            "interval_ms": [_ms(rule.interval) for rule in rules],
            "catch_up_ms": [None if rule.catch_up is None else _ms(rule.catch_up) for rule in rules],
            "daily_at": [rule.at for rule in rules],
            "daily_zone": [None if rule.at is None else _zone(rule) for rule in rules],
            "priority": [rule.priority for rule in rules],
            "mode": [rule.mode for rule in rules],
            "enabled": [rule.enabled for rule in rules],
            "document": [_json(rule_document(rule)) for rule in rules],
            "next_slot_at": [to_ms(one.next_slot_at) for one in ordered],
            "next_boundary_at": [to_ms(one.next_boundary_at) for one in ordered],
        },
    )
    return {row.id: row.next_check_at for row in rows}


def supersede(tx: Transaction, checks: Sequence[Superseded], *, at: datetime, reason: str, worker_id: str) -> None:
    """S8: records checks that an edit overtook."""
    if checks:
        tx.execute(
            load_queries(_SQL)["supersede"],
            {
                "rule_id": [one.rule_id for one in checks],
                "scheduled_for": [to_ms(one.scheduled_for) for one in checks],
                "trigger": [one.trigger for one in checks],
                "coalesced_from": [to_ms(one.coalesced_from) for one in checks],
                "executed_at": at,
                "reason": reason,
                "execution_metrics": _json(EMPTY_METRICS),
                "worker_id": worker_id,
            },
        )


def mark_deleted(tx: Transaction, rule_ids: Collection[str]) -> None:
    """S8: rules that were disabled just now are deleted."""
    tx.execute(load_queries(_SQL)["mark_deleted"], {"rule_ids": list(rule_ids)})


def forget(tx: Transaction) -> None:
    """C11: deleted rules that have nothing left to put back are gone."""
    tx.execute(load_queries(_SQL)["forget"])


def still_there(tx: Transaction, rule_ids: Collection[str]) -> list[str]:
    """Those of the rules that are not gone."""
    return [row.id for row in tx.rows(load_queries(_SQL)["still_there"], {"rule_ids": list(rule_ids)})]


def of_owner(tx: Transaction, owner: str) -> list[Rule]:
    """The rules of one owner, in the order of their ids."""
    rows = tx.rows(load_queries(_SQL)["of_owner"], {"user_id": owner})
    return [read_rule(row.document, version=row.version) for row in rows]


def whole(tx: Transaction) -> list[Rule]:
    """All rules, in the order of their ids."""
    return [read_rule(row.document, version=row.version) for row in tx.rows(load_queries(_SQL)["whole"])]


def listed(tx: Transaction) -> list[Row]:
    """Every rule as a list shows it."""
    return tx.rows(load_queries(_SQL)["listed"])


def get(tx: Transaction, rule_id: str) -> Row | None:
    """One rule: its `document` (canonical) and where it stands."""
    return tx.row(load_queries(_SQL)["get"], {"rule_id": rule_id})


def beginning_with(tx: Transaction, beginning: str, *, limit: int) -> list[str]:
    """The first ids of rules that begin so."""
    rows = tx.rows(load_queries(_SQL)["beginning_with"], {"beginning": beginning, "limit": limit})
    return [row.id for row in rows]


def next_checks_of_all(tx: Transaction) -> dict[str, datetime | None]:
    """The bell of every rule that is enabled."""
    return {row.id: row.next_check_at for row in tx.rows(load_queries(_SQL)["next_checks_of_all"])}


def _zone(rule: Rule) -> str:
    zone = zone_of(rule.place)
    return zone.key if zone else "UTC"


def _ms(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


def _json(document: object) -> str:
    return orjson.dumps(document).decode()
