"""Looks at the ad entities that a file's rules target, as they are on the platforms now; writes nothing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from weathertrigger.domain.change import Wanted
from weathertrigger.domain.rule import Entity, FieldName, SetStatus, Status, Target
from weathertrigger.errors import Fault, InvalidRules, ServiceError
from weathertrigger.outside.ad_gates import Admissions
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.platforms.port import AdAccount, AdPlatform, Observed
from weathertrigger.rule_files.load import RuleFile
from weathertrigger.storage import accounts
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database

_Seen = Mapping[Entity, Observed | ServiceError]


@dataclass(frozen=True, slots=True)
class Look:
    """What is worth knowing: warnings, and the entities that are paused now and that a rule enables (semantics 21)."""

    warnings: tuple[Fault, ...]
    to_enable: tuple[Entity, ...]


def look_at_targets(
    database: Database, file: RuleFile, platforms: ByAccount[AdPlatform], admissions: Admissions
) -> Look:
    """Reads the status of every entity that has one, in few calls. The accounts are known and can be called.

    Raises:
        InvalidRules: with every target that is not there.
        ServiceError: a platform cannot be asked.
    """
    with database.transaction() as tx:
        known = {account.id: account for account in accounts.all_accounts(tx)}
    by_account: dict[str, dict[Entity, None]] = defaultdict(dict)
    for rule in file.rules:
        for target in rule.targets:
            by_account[target.entity.account_id][target.entity] = None
    seen: dict[Entity, Observed | ServiceError] = {}
    for account_id, entities in sorted(by_account.items()):
        seen |= _read(known[account_id], list(entities), platforms, admissions)
    return _judged(file, seen)


def _read(
    account: Account, entities: list[Entity], platforms: ByAccount[AdPlatform], admissions: Admissions
) -> dict[Entity, Observed | ServiceError]:
    platform, admit = platforms.of(account), admissions.admit(account, urgent=False)
    ours = AdAccount(account.id, account.external_id, account.currency)
    wanted = {
        Wanted(entity.level, entity.id, FieldName.STATUS): entity
        for entity in entities
        if FieldName.STATUS in platform.levels.get(entity.level, ())
    }
    if not wanted:
        return {}
    seen: dict[Entity, Observed | ServiceError] = {}
    carriers = {}
    for one, carrier in platform.resolve(ours, list(wanted), admit=admit).results.items():
        if isinstance(carrier, ServiceError):
            seen[wanted[one]] = carrier
        else:
            carriers[carrier] = wanted[one]
    answer = platform.read(ours, list(carriers), admit=admit) if carriers else None
    return seen | {carriers[carrier]: found for carrier, found in (answer.results if answer else {}).items()}


def _judged(file: RuleFile, seen: _Seen) -> Look:
    faults = [
        Fault(f"{file.path(index)}.targets", f"(rule {rule.id}) {found}")
        for index, rule in enumerate(file.rules)
        for entity in dict.fromkeys(target.entity for target in rule.targets)
        if isinstance(found := seen.get(entity), ServiceError)
    ]
    if faults:
        raise InvalidRules(faults)
    enabled = {target.entity for rule in file.rules for target in rule.targets if _enables(target)}
    warnings = [
        Fault(f"{file.path(index)}.targets", f"(rule {rule.id}) {entity} {idle}: what is set there has no effect")
        for index, rule in enumerate(file.rules)
        for entity in dict.fromkeys(target.entity for target in rule.targets)
        for idle in _idle(seen.get(entity), may_be_paused=entity in enabled)
    ]
    paused = [entity for entity in sorted(enabled, key=str) if _is_paused(seen.get(entity))]
    return Look(tuple(warnings), tuple(paused))


def _enables(target: Target) -> bool:
    return target.expression == SetStatus(Status.ENABLED)


def _is_paused(found: Observed | ServiceError | None) -> bool:
    return isinstance(found, Observed) and found.value == Status.PAUSED


def _idle(found: Observed | ServiceError | None, *, may_be_paused: bool) -> Iterator[str]:
    if not isinstance(found, Observed):
        return
    if found.obstacle:
        yield f"does not run ({found.obstacle})"
    elif _is_paused(found) and not may_be_paused:
        yield "is paused on the platform, and no rule of the file enables it"
