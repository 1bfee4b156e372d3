"""What a rule says now, and exactly what would change, without changing anything (semantics 33).

The same pure functions as in the services: evaluate, merge, reconcile.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from weathertrigger.day_cap import DayCap
from weathertrigger.domain.change import AdField, Carrier, FieldState, Wanted
from weathertrigger.domain.condition import Truth
from weathertrigger.domain.memory import Memory
from weathertrigger.domain.rule import FieldName, Level, ManualChange, Rule
from weathertrigger.domain.weather import Reading
from weathertrigger.errors import AccountOff, NotThere, ServiceError
from weathertrigger.operations.hindrances import Hindrances
from weathertrigger.outside.ad_gates import Admissions
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.planning import decide
from weathertrigger.platforms.port import AdAccount, AdPlatform, Observed
from weathertrigger.platforms.registry import CAVEATS, MONEY
from weathertrigger.platforms.resource_names import in_words as resource_in_words
from weathertrigger.rules.cool_downs import Made, held
from weathertrigger.rules.desired import desired_value
from weathertrigger.rules.explanation import Document
from weathertrigger.rules.judge import THE_PLACE, PlaceWeather, criteria_of, judge
from weathertrigger.rules.judgement_sentences import document_of, sentence_of
from weathertrigger.rules.merge import Claim, merge
from weathertrigger.rules.reconcile import Step, reconcile
from weathertrigger.rules.rule_documents import read_rule
from weathertrigger.rules.shared_budgets import may_write, refusal
from weathertrigger.rules.value_words import equation, in_words
from weathertrigger.storage import accounts, changes, checks, memories, rule_targets, rules
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database
from weathertrigger.storage.readings import Ages
from weathertrigger.storage.rule_targets import TargetRow
from weathertrigger.time_zones import zone_named, zone_of
from weathertrigger.weather.chain import WeatherChain
from weathertrigger.weather.look_up import look_up
from weathertrigger.weather.series_of import series_of


@dataclass(frozen=True, slots=True)
class FieldPreview:
    """What would happen to one field of the rule: values in the platform's form, money spelled out in `arithmetic`."""

    entity: str
    field: FieldName
    now: str | None
    then: str | None
    arithmetic: str
    note: str | None = None
    warning: str | None = None
    """What a change of this money brings with it on its platform."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The rule's verdict on the weather now, what it would change, and when it is checked next (disabled: never).

    `explanation` is the document that a check would store; None: there was nothing to see.
    """

    rule: Rule
    at: datetime
    conditions_met: Truth
    sentence: str
    explanation: Document | None
    fields: tuple[FieldPreview, ...]
    next_check_at: datetime | None
    next_slot_at: datetime
    next_boundary_at: datetime | None


def preview(
    database: Database,
    rule_id: str,
    *,
    chain: WeatherChain,
    platforms: ByAccount[AdPlatform],
    admissions: Admissions,
    ages: Ages,
    forecast_max_age: timedelta,
    cool_down: timedelta = timedelta(),
) -> Preview:
    """The rule as it would be checked now. Reads the weather and the platforms; writes what calls brought, and their
    count, but nothing of the rule.

    Raises:
        NotThere: there is no such rule.
    """
    with database.transaction() as tx:
        kept = rules.get(tx, rule_id)
        if kept is None:
            raise NotThere(f"There is no rule {rule_id!r}; `automation-cli rules` lists them.")
        asked_at = checks.clock(tx)
    rule = read_rule(kept.document, version=kept.version)
    criteria = criteria_of(rule, zone_of(rule.place), *[zone_named(place.time_zone) for place in rule.other_places])
    told: dict[str, tuple[Reading | None, str | None]] = {place.id: (None, None) for place in rule.places}
    if criteria.within_hours(asked_at)[0]:
        told = {place.id: look_up(database, chain, place, criteria.needs, ages) for place in rule.places}
    with database.transaction() as tx:
        at = checks.clock(tx)
        around = series_of(tx, [(place_id, criteria.needs) for place_id in told], at, forecast_max_age)
    by_place = {place_id: PlaceWeather(reading, around.get(place_id), why) for place_id, (reading, why) in told.items()}
    weather = by_place if rule.other_places else {THE_PLACE: by_place[rule.place.id]}
    judgement = judge(criteria, memories.of(kept), weather, at, max_age=ages.max_age)
    said = sentence_of(judgement, weather, at)
    previewed = _Look(database, platforms, admissions, rule, at, cool_down).at_fields(judgement.memory)
    return Preview(
        rule,
        at,
        judgement.truth,
        said,
        document_of(judgement, weather),
        tuple(previewed),
        next_check_at=kept.next_check_at,
        next_slot_at=kept.next_slot_at,
        next_boundary_at=kept.next_boundary_at,
    )


@dataclass(frozen=True, slots=True)
class _Subject:
    """A field as it would be decided, what the rule does with it, whether it may be written if it is shared, by how
    much the account's day leaves it to be raised, the calls that have changed it lately, and what forbids a write."""

    field: AdField
    target: TargetRow
    may_share: bool
    room: Decimal | None
    made: Sequence[Made]
    hindrances: Hindrances

    @property
    def entity(self) -> str:
        """`google-acme campaign 111`."""
        return f"{self.field.account_id} {self.target.entity_level} {self.target.entity_id}"

    @property
    def carrier(self) -> Carrier:
        """By the entity that the rule names."""
        return replace(self.field.carrier, named=(f"{self.target.entity_level}/{self.target.entity_id}",))

    @property
    def wanted(self) -> Wanted:
        """As the rule says it."""
        return Wanted(Level(self.target.entity_level), self.target.entity_id, self.field.carrier.field)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the platforms for one rule."""

    database: Database
    platforms: ByAccount[AdPlatform]
    admissions: Admissions
    rule: Rule
    at: datetime
    cool_down: timedelta

    def at_fields(self, after: Memory) -> list[FieldPreview]:
        """Every field of the rule as it would be, were the rule left so and live."""
        with self.database.transaction() as tx:
            targeted = rule_targets.of_rule(tx, self.rule.id)
            claims: dict[int, list[Claim]] = defaultdict(list)
            wanted = {field.id: target.expressions[after.case - 1] for field, target in targeted}
            for one in rule_targets.claims(tx, list(wanted)):
                then = one.claim
                if then.rule_id == self.rule.id:
                    expression = wanted[one.field_id]
                    then = replace(then, state=after.state, expression=expression, data_lost=after.data_lost, live=True)
                claims[one.field_id].append(then)
            made = changes.calls_since(tx, claims, self.at - timedelta(days=1))
            known = {account.id: account for account in accounts.all_accounts(tx, with_removed=True)}
            named = {field.account_id for field, _ in targeted}
            hindrances = {one: Hindrances.read(tx, self.rule, one) for one in named}
            day_caps = {one.id: DayCap.read(tx, one.id, one.currency, MONEY[one.platform]) for one in known.values()}
        by_account: dict[str, list[_Subject]] = defaultdict(list)
        for field, target in targeted:
            resolution = merge(claims[field.id])
            decided = decide(field, resolution, self.at, any_live=True)
            may_share = may_write(decided)
            room = day_caps[field.account_id].room(field.id, field.carrier.field)
            calls, hindering = made.get(field.id, ()), hindrances[field.account_id]
            subject = _Subject(decided, target, may_share, room, calls, hindering)
            by_account[field.account_id].append(subject)
        return [shown for account_id, each in by_account.items() for shown in self._at(known[account_id], each)]

    def _at(self, account: Account, subjects: Sequence[_Subject]) -> list[FieldPreview]:
        try:
            platform = self.platforms.of(account)
        except AccountOff as reason:
            return [_unread(subject, str(reason)) for subject in subjects]
        ours = AdAccount(account.id, account.external_id, account.currency)
        carriers = [subject.carrier for subject in subjects]
        try:
            answer = platform.read(ours, carriers, admit=self.admissions.admit(account, urgent=False))
        except ServiceError as error:
            return [_unread(subject, str(error)) for subject in subjects]
        shown = []
        for subject in subjects:
            seen = answer.results[subject.field.carrier]
            if present := answer.moved.get(subject.wanted):
                said = f"it has {resource_in_words(present.resource)} now, which the rule will follow"
                shown.append(_unread(subject, said))
            elif isinstance(seen, Observed):
                shown.append(self._previewed(subject, seen, ours, platform))
            else:
                shown.append(_unread(subject, str(seen)))
        return shown

    def _previewed(self, subject: _Subject, seen: Observed, account: AdAccount, platform: AdPlatform) -> FieldPreview:
        field, observed = subject.field, seen.value
        compute = partial(desired_value, currency=account.currency, codec=platform.money, room=subject.room)
        wins = field.winner is not None and field.winner.rule_id == self.rule.id
        says = self.rule.on_manual_change if wins else ManualChange.YIELD
        speak = partial(in_words, field=field.carrier.field, currency=account.currency, codec=platform.money)
        step = reconcile(
            field, observed, now=self.at, compute=compute, speak=speak, any_live=True, on_manual_change=says
        )
        if step.write and seen.shared_by is not None and not subject.may_share:
            return _unread(subject, refusal(resource_in_words(field.carrier.resource), seen.shared_by))
        then = step.write.value if step.write else observed
        if field.carrier.field is FieldName.STATUS:
            arithmetic = step.write.arithmetic if step.write else "no change"
        else:
            arithmetic = _equation(step, speak(observed), speak(then))
        obstacle = f"it does not run: {seen.obstacle}" if seen.obstacle else None
        waits = self._waits(subject, step.field, (observed, then), platform) if step.write else None
        note = "; ".join(filter(None, (_note(self.rule, step.field, subject.hindrances), waits, obstacle))) or None
        warning = CAVEATS.get(platform.name) if step.write and field.carrier.field.is_money else None
        return FieldPreview(subject.entity, field.carrier.field, observed, then, arithmetic, note, warning)

    def _waits(self, subject: _Subject, field: AdField, write: tuple[str, str], platform: AdPlatform) -> str | None:
        """Semantics 24: until when it would not be written, and why."""
        limit = platform.change_limit(field.carrier)
        found = held(field, write, subject.made, now=self.at, cool_down=self.cool_down, limit=limit)
        return f"it would wait until {found.until:%H:%M:%S} UTC: {found.why}" if found else None


def _equation(step: Step, now: str, then: str) -> str:
    """`50.00 USD -> 60.00 USD = baseline 50.00 USD + 20 %`, or why it stays what it is."""
    wanted = step.write or step.already
    if wanted is None:
        return f"stays {now}"
    reason = equation(then, wanted.arithmetic)
    return f"{now} -> {reason}" if step.write else f"stays {reason}"


def _unread(subject: _Subject, why: str) -> FieldPreview:
    return FieldPreview(subject.entity, subject.field.carrier.field, None, None, "", note=why)


def _note(rule: Rule, after: AdField, hindrances: Hindrances) -> str | None:
    if after.winner and after.winner.rule_id != rule.id:
        return f"overridden by rule {after.winner.rule_id}"
    if after.state is FieldState.HELD:
        return f"held: {after.held_reason}"
    if after.suspect is not None:
        return "somebody else may have changed it; a second look follows before anything is written"
    return hindrances.sentence(has_winner=after.winner is not None)
