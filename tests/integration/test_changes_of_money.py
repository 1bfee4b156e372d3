"""Money through the whole of ad-action, in currencies of every kind, at both platforms (semantics 16, 22, 23, 31)."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, OWNER, RAIN, rule
from weathertrigger.domain.rule import Mode
from weathertrigger.messages import ApplyChanges
from weathertrigger.storage import accounts
from weathertrigger.storage.accounts import Account

# What each platform holds, and 17 % more of it: Meta's own integers, Google's micros in whole units of the currency.
META: dict[str, tuple[str, str]] = {
    "JPY": ("6001", "7021"),  # 7021.17
    "KRW": ("55001", "64351"),  # 64351.17
    "HUF": ("12345", "14444"),  # 14443.65
    "TWD": ("1003", "1174"),  # 1173.51
    "BHD": ("1001", "1171"),  # 10.01, offset 100: 11.7117
    "USD": ("5003", "5854"),  # 58.5351
}
GOOGLE: dict[str, tuple[str, str]] = {
    "JPY": ("6001000000", "7021000000"),
    "KRW": ("55001000000", "64351000000"),
    "HUF": ("12345000000", "14444000000"),
    "TWD": ("1003000000", "1174000000"),
    "BHD": ("10010000", "11710000"),
    "USD": ("50030000", "58540000"),
}


def entities_of(platform: str, number: int, value: str) -> tuple[str, list[dict[str, Any]], dict[str, Any]]:
    """The account's id there, what is in it, and how a rule names the entity with the budget."""
    if platform == "meta_ads":
        campaign = {"resource": f"campaign/66{number}", "status": "ACTIVE", "daily_budget": value}
        return f"act_66{number}", [campaign], {"campaign": f"66{number}"}
    budget = {"resource": f"campaign_budget/66{number}", "daily_budget": value}
    campaign = {"resource": f"campaign/77{number}", "status": "ENABLED", "budget": budget["resource"]}
    return f"66666666{number:02}", [budget, campaign], {"campaign": f"77{number}"}


@pytest.mark.parametrize(("platform", "table"), [("meta_ads", META), ("google_ads", GOOGLE)])
def test_every_currency_goes_up_and_back_to_the_same_integer(
    engine: Engine, platform: str, table: dict[str, tuple[str, str]]
) -> None:
    """Semantics 22 and 23: 17 % more by the decimal sum, in the platform's own integer; and back to the stored one."""
    seeds, targets, names = [], [], {}
    for number, (currency, (found, _)) in enumerate(table.items()):
        external_id, entities, entity = entities_of(platform, number, found)
        seeds.append({"platform": platform, "id": external_id, "currency": currency, "entities": entities})
        names[currency] = account_id = f"{platform}-{currency}"
        with engine.database.transaction() as tx:
            accounts.add(tx, Account(account_id, OWNER, platform, external_id, currency, Mode.LIVE))
        targets.append({"account": account_id, **entity, "set": {"daily_budget": {"change": "+17 %"}}})
    assert engine.sandbox.json("/_sandbox/entities", {"accounts": seeds}).status_code == 201
    engine.apply(rule("wet", *targets))
    for weather in (RAIN, DRY):
        engine.judge(weather, "wet")
        for account_id in names.values():
            engine.action()(ApplyChanges(account_id))
    changes = engine.rows(
        "SELECT f.account_id, c.* FROM ad_changes c JOIN ad_fields f ON f.id = c.field_id ORDER BY c.id"
    )
    made = {
        currency: [(one.from_value, one.to_value) for one in changes if one.account_id == name]
        for currency, name in names.items()
    }
    assert made == {currency: [(found, raised), (raised, found)] for currency, (found, raised) in table.items()}
    assert {one.state for one in changes} == {"confirmed"}
    written = [value for _, _, value in engine.writes()]
    assert sorted(written) == sorted(value for pair in table.values() for value in pair)


@pytest.mark.parametrize(("currency", "found", "raised"), [(one, *pair) for one, pair in META.items()])
def test_the_table_of_this_test_is_a_decimal_sum(currency: str, found: str, raised: str) -> None:
    """Semantics 23: the expectation itself, worked out without the engine."""
    exact = Decimal(found) * Decimal("1.17")
    assert raised == str(exact.quantize(Decimal(1), ROUND_HALF_UP)), currency


def test_a_change_keeps_everything_that_an_auditor_asks(engine: Engine) -> None:
    """Semantics 31: rule, execution, from, to, why, who, the platform's id of the request, times; each row stays."""
    engine.apply(
        rule("wet", {"account": "google-acme", "campaign": "111", "set": {"daily_budget": {"change": "+20 %"}}})
    )
    up = engine.judge(RAIN, "wet")["wet"]
    engine.act()
    first = engine.changes("campaign_budget/444", "daily_budget")
    down = engine.judge(DRY, "wet")["wet"]
    engine.act()
    changes = engine.changes("campaign_budget/444", "daily_budget")
    assert changes[:1] == first
    raised, back = changes
    assert [(one.rule_id, one.execution_id) for one in changes] == [("wet", up.id), ("wet", down.id)]
    assert (raised.from_value, raised.to_value) == (back.to_value, back.from_value) == ("50000000", "60000000")
    assert raised.why.startswith("Fired: rain")
    assert back.why.startswith("Did not fire: rain")
    assert raised.arithmetic == "60.00 USD = baseline 50.00 USD + 20 %"
    assert all(one.request_id and one.worker_id and one.created_at <= one.finished_at for one in changes)
