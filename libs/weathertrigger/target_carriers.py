"""Which field each target of a rules file means: checked against the accounts, and asked of the ad platforms."""

from collections.abc import Mapping, Sequence

from weathertrigger.domain.change import Carrier, Wanted
from weathertrigger.domain.money import Money
from weathertrigger.domain.rule import ChangePercent, Rule, SetAmount, Target
from weathertrigger.errors import AccountOff, Fault, InvalidRules, ServiceError
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.platforms.port import AdAccount, AdPlatform
from weathertrigger.storage import changes, fields
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database

Carriers = Mapping[tuple[str, Wanted], Carrier]
"""Account and wanted field to the resource that carries it."""


def wanted(target: Target) -> Wanted:
    """The field as the user names it."""
    return Wanted(target.entity.level, target.entity.id, target.field)


def refuse_impossible(
    file_rules: Sequence[Rule], known: Mapping[str, Account], platforms: ByAccount[AdPlatform]
) -> None:
    """Refuses targets that cannot be, without asking anybody.

    Raises:
        InvalidRules: with all of them.
    """
    faults = [
        Fault(f"rules[{index}].targets", f"(rule {rule.id}) {reason}")
        for index, rule in enumerate(file_rules)
        for target in rule.targets
        if (reason := _impossible(target, rule, known, platforms))
    ]
    if faults:
        raise InvalidRules(list(dict.fromkeys(faults)))


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
    possible = platform.levels.get(target.entity.level, frozenset())
    if target.field not in possible:
        return f"{account.platform} has no {target.field} on the level {target.entity.level}"
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
    file_rules: Sequence[Rule],
    known: Mapping[str, Account],
    platforms: ByAccount[AdPlatform],
) -> Carriers:
    """Which resource carries each target's field; a platform is asked only about what no rule has named before.

    Raises:
        InvalidRules: with every target that the platform refuses.
        ServiceError: a platform cannot be asked.
    """
    named = {(target.entity.account_id, wanted(target)) for rule in file_rules for target in rule.targets}
    keys = {
        (account_id, one.level.value, one.entity_id, one.field.value): (account_id, one) for account_id, one in named
    }
    with database.transaction() as tx:
        found = {keys[key]: carrier for key, carrier in fields.carriers_known(tx, keys).items()} if keys else {}
    refused: dict[tuple[str, Wanted], str] = {}
    for account_id in sorted({account_id for account_id, _ in named}):
        account = known[account_id]
        missing = [one for owner, one in named if owner == account_id and (account_id, one) not in found]
        if not missing:
            continue
        for one, answer in _ask(database, platforms.of(account), account, missing).items():
            if isinstance(answer, ServiceError):
                refused[account_id, one] = str(answer)
            else:
                found[account_id, one] = answer
    faults = [
        Fault(f"rules[{index}].targets", f"(rule {rule.id}) {refused[key]}")
        for index, rule in enumerate(file_rules)
        for target in rule.targets
        if (key := (target.entity.account_id, wanted(target))) in refused
    ]
    if faults:
        raise InvalidRules(faults)
    return found


def _ask(
    database: Database,
    platform: AdPlatform,
    account: Account,
    missing: Sequence[Wanted],
) -> Mapping[Wanted, Carrier | ServiceError]:
    calls = 1
    try:
        answer = platform.resolve(AdAccount(account.id, account.external_id, account.currency), missing)
        calls = answer.calls
    finally:
        with database.transaction() as tx:
            changes.count(tx, account.platform, None, account_id=account.id, calls=calls)
    return answer.results
