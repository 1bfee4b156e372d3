"""The fields of the model at the two platforms, and what its rules make of them."""

from collections.abc import Mapping

from tests.integration import rule_documents
from tests.integration.rule_documents import GOOGLE, META, Document
from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName

A, B = Carrier("ad_set/23848", FieldName.DAILY_BUDGET), Carrier("ad_set/23868", FieldName.DAILY_BUDGET)
S = Carrier("ad_set/23847", FieldName.STATUS)
G = Carrier("campaign_budget/446", FieldName.DAILY_BUDGET)
"""The budget that two campaigns share at Google."""
FOUND = {A: "8000", B: "4000", S: "paused", G: "120000000"}
ACCOUNTS = {META: (A, B, S), GOOGLE: (G,)}
CAMPAIGNS = {"wet": "113", "low": "114"}
"""By which campaign each rule names the budget that is shared."""
SMALLEST = {A: 1, B: 1, S: 1, G: 10_000}
"""Every amount is a multiple of this one: a cent, in the platform's own form."""
PRIORITIES = {"wet": 10, "hot": 5, "low": 1}
TARGETS: Mapping[str, Mapping[Carrier, tuple[str, str]]] = {
    "wet": {A: ("+20", "baseline"), S: ("enabled", "baseline"), G: ("+25", "baseline")},
    "hot": {A: ("+50", "baseline"), S: ("enabled", "paused")},
    "low": {A: ("-10", "leave"), B: ("+30", "leave"), G: ("+40", "leave")},
}
"""What each rule wants while it is active, in per cent or as a status, and otherwise."""


def persons_choice(carrier: Carrier, there: str, which: int) -> str:
    """The other status; or one of three amounts, or what was found at first."""
    if carrier == S:
        return "enabled" if there == "paused" else "paused"
    return (FOUND[carrier], *(str(amount * SMALLEST[carrier]) for amount in (7000, 7100, 7200)))[which]


def document(rule_id: str, targets: Mapping[Carrier, tuple[str, str]], wanted: Mapping[str, object]) -> Document:
    """The rule as a file would say it; `wanted` is what people have made of it."""
    written = [_target(rule_id, carrier, *says) for carrier, says in targets.items()]
    return rule_documents.rule(rule_id, *written, **{"priority": PRIORITIES[rule_id], **wanted})


def _target(rule_id: str, carrier: Carrier, expression: str, otherwise: str) -> Document:
    entity = carrier.resource.partition("/")[2]
    if carrier == S:
        then = otherwise if otherwise == "baseline" else {"status": otherwise}
        return rule_documents.status(entity, expression, otherwise=then)
    if carrier == G:
        allowed = {"otherwise": otherwise, "shared_budget": "allow"}
        return rule_documents.campaign_budget(CAMPAIGNS[rule_id], f"{expression} %", **allowed)
    return rule_documents.budget(entity, f"{expression} %", otherwise=otherwise)
