"""Says which ads are paused now and would be enabled: a rule that enables is consent to that (semantics 21)."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from services.automation_cli.output import say
from weathertrigger.domain.change import Carrier, FieldState
from weathertrigger.domain.rule import FieldName, Mode, SetStatus, Status
from weathertrigger.errors import AccountOff, ServiceError
from weathertrigger.outside.ad_gates import Admissions
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.platforms.port import AdAccount, AdPlatform, Observed
from weathertrigger.platforms.resource_names import in_words
from weathertrigger.storage import accounts, rule_targets, rules
from weathertrigger.storage.accounts import Account
from weathertrigger.storage.database import Database

_Enabling = dict[str, dict[Carrier, str]]  # account, field, rule


def tell_paused_targets(
    database: Database, rule_ids: Collection[str], platforms: ByAccount[AdPlatform], admissions: Admissions
) -> None:
    """Of these rules, as far as they are live. What no rule has the say over is looked at; that a platform cannot be
    asked is said."""
    with database.transaction() as tx:
        live = [one for one in rule_ids if (kept := rules.get(tx, one)) and kept.mode == Mode.LIVE and kept.enabled]
        enabling: _Enabling = defaultdict(dict)
        for rule_id in live:
            for field, target in rule_targets.of_rule(tx, rule_id):
                enables = any(one == SetStatus(Status.ENABLED) for one in target.expressions)
                if field.state is FieldState.FREE and field.carrier.field is FieldName.STATUS and enables:
                    enabling[field.account_id].setdefault(field.carrier, rule_id)
        known = {account.id: account for account in accounts.all_accounts(tx)}
    for account_id, each in enabling.items():
        for sentence in _paused(known[account_id], each, platforms, admissions):
            say(sentence)


def _paused(
    account: Account, enabling: dict[Carrier, str], platforms: ByAccount[AdPlatform], admissions: Admissions
) -> Iterator[str]:
    ours = AdAccount(account.id, account.external_id, account.currency)
    try:
        admit = admissions.admit(account, urgent=False)
        seen = platforms.of(account).read(ours, list(enabling), admit=admit).results
    except (AccountOff, ServiceError) as error:
        yield f"It could not be seen which ads of {account.id} are paused now: {error}"
        return
    for carrier, rule_id in enabling.items():
        now = seen.get(carrier)
        if isinstance(now, Observed) and now.value == Status.PAUSED:
            yield f"{account.id} {in_words(carrier.resource)} is paused now; rule {rule_id} enables it when it fires."
