"""Which field each target of a rules file means: checked against the accounts, and asked of the ad platforms."""

from collections.abc import Collection, Iterator, Mapping

from weathertrigger.domain.change import Carrier, Wanted
from weathertrigger.domain.money import Money
from weathertrigger.domain.rule import ChangePercent, Rule, SetAmount, Target
from weathertrigger.errors import AccountOff, Fault, InvalidRules, ServiceError
from weathertrigger.outside.ad_gates import Admissions
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.platforms.port import AdAccount, AdPlatform
from weathertrigger.platforms.resource_names import in_words
from weathertrigger.rule_files.load import RuleFile
from weathertrigger.rules.shared_budgets import allows, refusal
from weathertrigger.storage import rule_targets
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database

_Key = tuple[str, Wanted]

Carriers = Mapping[_Key, Carrier]
"""Account and wanted field to the resource that carries it."""


def wanted(target: Target) -> Wanted:
    """The field as the user names it."""
    return Wanted(target.entity.level, target.entity.id, target.field)


def refuse_impossible(file: RuleFile, known: Mapping[str, Account], platforms: ByAccount[AdPlatform]) -> None:
    """Refuses targets that cannot be, without asking anybody.

    Raises:
        InvalidRules: with all of them.
    """
    faults = [
        Fault(f"{file.path(index)}.targets", f"(rule {rule.id}) {reason}")
        for index, rule in enumerate(file.rules)
        for target in rule.targets
        if (reason := _impossible(target, rule, known, platforms))
    ]
    if faults:
        raise InvalidRules(faults)


def _impossible(
    target: Target, rule: Rule, known: Mapping[str, Account], platforms: ByAccount[AdPlatform]
) -> str | None:
    account = known.get(target.entity.account_id)
    if account is None:
        there = ", ".join(sorted(known)) or "none yet; add one with `automation-cli accounts add`"
        return f"there is no ad account {target.entity.account_id!r} (there is: {there})"
    if account.user_id != rule.owner:
        return f"the ad account {account.id!r} belongs to another user"
    try:
        platform = platforms.of(account)
    except AccountOff as reason:
        return str(reason)
    having = [level for level, possible in platform.levels.items() if target.field in possible]
    if target.entity.level not in having:
        where = f"; it has one on: {', '.join(having)}" if having else ""
        return f"{account.platform} has no {target.field} on the level {target.entity.level}{where}"
    foreign = {money.currency for money in _monies(target)} - {account.currency}
    if foreign:
        return f"the ad account {account.id!r} is in {account.currency}, not in {', '.join(sorted(foreign))}"
    return None


def _monies(target: Target) -> list[Money]:
    match target.expression:
        case SetAmount(amount):
            return [amount]
        case ChangePercent(_, minimum, maximum):
            return [money for money in (minimum, maximum) if money]
        case _:
            return []


def find_carriers(
    database: Database,
    file: RuleFile,
    known: Mapping[str, Account],
    platforms: ByAccount[AdPlatform],
    admissions: Admissions,
) -> Carriers:
    """Which resource carries each target's field; a platform is asked only about what no rule has named before. Where a
    rule was allowed to change a shared budget, one that is not is asked about all the same; and so is what a rule seems
    to set twice, for a campaign may have another budget by now.

    Raises:
        InvalidRules: with every target that is refused.
        ServiceError: a platform cannot be asked.
    """
    may_share: dict[_Key, bool] = {}
    for target in (target for rule in file.rules for target in rule.targets):
        key = _key(target)
        may_share[key] = may_share.get(key, True) and allows(target.expression)
    found = _named_before(database, may_share)
    asked: set[_Key] = set()
    refused: dict[_Key, str] = {}
    shared: dict[_Key, str] = {}
    while questions := _open(file, may_share, found) - asked:
        asked |= questions
        for account_id in sorted({account_id for account_id, _ in questions}):
            account = known[account_id]
            ours = AdAccount(account.id, account.external_id, account.currency)
            wanted_there = [one for owner, one in may_share if (owner, one) in questions and owner == account_id]
            answer = platforms.of(account).resolve(ours, wanted_there, admit=admissions.admit(account, urgent=False))
            for one, carrier in answer.results.items():
                if isinstance(carrier, ServiceError):
                    refused[account_id, one] = str(carrier)
                    continue
                found[account_id, one] = carrier
                if carrier in answer.shared:
                    shared[account_id, one] = refusal(in_words(carrier.resource), answer.shared[carrier])
        _refuse(file, refused, shared)
    _refuse_twice(file, found)
    return found


def _open(file: RuleFile, keys: Collection[_Key], found: Carriers) -> set[_Key]:
    """What is not known; else what one rule seems to set twice: any of it may have another carrier by now."""
    unknown = {key for key in keys if key not in found}
    return unknown or {_key(target) for _, _, *both in _twice(file, found) for target in both}


def _key(target: Target) -> _Key:
    return target.entity.account_id, wanted(target)


def _named_before(database: Database, may_share: Mapping[_Key, bool]) -> dict[_Key, Carrier]:
    if not may_share:
        return {}
    named = {
        (account_id, one.level.value, one.entity_id, one.field.value): (account_id, one)
        for account_id, one in may_share
    }
    with database.transaction() as tx:
        carriers = rule_targets.carriers_known(tx, {words: may_share[key] for words, key in named.items()})
    return {named[words]: carrier for words, carrier in carriers.items()}


def _refuse(file: RuleFile, refused: Mapping[_Key, str], shared: Mapping[_Key, str]) -> None:
    """Of a shared budget, those targets that do not allow it."""
    faults = [
        Fault(f"{file.path(index)}.targets", f"(rule {rule.id}) {reason}")
        for index, rule in enumerate(file.rules)
        for target in rule.targets
        if (reason := refused.get(_key(target)) or (None if allows(target.expression) else shared.get(_key(target))))
    ]
    if faults:
        raise InvalidRules(faults)


def _refuse_twice(file: RuleFile, found: Carriers) -> None:
    """Two campaigns of one shared budget are one field, which a rule sets once."""
    faults: list[Fault] = []
    for index, rule, earlier, target in _twice(file, found):
        names = f"{earlier.entity.level} {earlier.entity.id} and {target.entity.level} {target.entity.id}"
        reason = f"{names} have one {target.field}, that of {in_words(found[_key(target)].resource)}; set it once"
        faults.append(Fault(f"{file.path(index)}.targets", f"(rule {rule.id}) {reason}"))
    if faults:
        raise InvalidRules(faults)


def _twice(file: RuleFile, found: Carriers) -> Iterator[tuple[int, Rule, Target, Target]]:
    """Pairs of targets of one rule, of different entities, that one resource carries."""
    for index, rule in enumerate(file.rules):
        first: dict[tuple[str, Carrier], Target] = {}
        for target in rule.targets:
            earlier = first.setdefault((target.entity.account_id, found[_key(target)]), target)
            if earlier.entity != target.entity:
                yield index, rule, earlier, target
