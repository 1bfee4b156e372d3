"""Reading account documents: the seed file, `POST /_sandbox/entities` and what that left in the data directory.

`{"accounts": [{"platform", "id", "name", "currency", "time_zone", "entities": [...]}]}`, an entity being
`{"resource", "parent", "name", "status", "daily_budget", ...}`.
"""

import re
from collections.abc import Mapping
from typing import Any

from services.sandbox.ad_accounts import GOOGLE_ADS, META_ADS, Account, AdAccounts, Entity

_FIELDS = {
    META_ADS: {
        "campaign": {"status", "daily_budget", "lifetime_budget"},
        "ad_set": {"status", "daily_budget", "lifetime_budget", "bid_amount"},
        "ad": {"status", "bid_amount"},
    },
    GOOGLE_ADS: {
        "campaign": {"status"},
        "campaign_budget": {"daily_budget"},
        "ad_group": {"status", "cpc_bid_micros"},
        "ad": {"status"},
        "location": {"status", "bid_modifier"},
    },
}
_WHOLE = re.compile(r"[0-9]{1,18}")
_MODIFIER = re.compile(r"[0-9]{1,2}(\.[0-9]{1,6})?")
_PARENTS = {"ad_set": "campaign", "ad_group": "campaign", "location": "campaign"}
_ABOUT = {"resource", "parent", "name", "budget", "explicitly_shared"}
_STATUSES = {META_ADS: {"ACTIVE", "PAUSED", "DELETED", "ARCHIVED"}, GOOGLE_ADS: {"ENABLED", "PAUSED", "REMOVED"}}

Document = Mapping[str, Any]  # Any: a JSON object from outside, checked below


class UnusableSeed(Exception):
    """An account document that cannot be taken; the text says what and where, for a person."""


def writable(platform: str, kind: str) -> frozenset[str]:
    """The fields that an entity of that kind can carry."""
    return frozenset(_FIELDS[platform][kind])


def check_value(platform: str, name: str, value: object) -> str:
    """The value of a field as the platform's wire writes it.

    Raises:
        UnusableSeed: it is not one.
    """
    text = str(value)
    if name == "status" and text not in _STATUSES[platform]:
        raise UnusableSeed(f"status is one of {', '.join(sorted(_STATUSES[platform]))}, not {text!r}.")
    if name == "bid_modifier" and not _MODIFIER.fullmatch(text):
        raise UnusableSeed(f"bid_modifier is a number such as 1.25, not {text!r}.")
    if name not in {"status", "bid_modifier"} and not _WHOLE.fullmatch(text):
        raise UnusableSeed(f"{name} is a whole number in the platform's own unit, not {text!r}.")
    return text


def take_in(accounts: AdAccounts, document: object) -> int:
    """Adds the accounts and entities that are not there yet; gives how many entities that were. All or nothing.

    Raises:
        UnusableSeed: nothing was added.
    """
    if not isinstance(document, dict) or not isinstance(document.get("accounts"), list):
        raise UnusableSeed('An account document is an object with a list "accounts".')
    read = [_account(item, accounts) for item in document["accounts"]]
    return sum(accounts.add(accounts.open(account), entities) for account, entities in read)


def _account(item: Document, accounts: AdAccounts) -> tuple[Account, list[Entity]]:
    where = f"account {item.get('id')!r}" if isinstance(item, dict) else repr(item)
    try:
        found = accounts.get(item["id"])
        account = found or Account(
            item["platform"], item["id"], item.get("name", item["id"]), item["currency"], item.get("time_zone", "UTC")
        )
        kinds = _FIELDS[account.platform]
        entities = [_entity(account, kinds, entry) for entry in item.get("entities", [])]
        _check_containers(account, entities, accounts)
    except (KeyError, TypeError, AttributeError) as fault:
        raise UnusableSeed(f"{where}: {fault} is missing or not known.") from None
    except UnusableSeed as fault:
        raise UnusableSeed(f"{where}: {fault}") from None
    return account, entities


def _entity(account: Account, kinds: Mapping[str, set[str]], entry: Document) -> Entity:
    resource = entry["resource"]
    fields = kinds[resource.partition("/")[0]]
    unknown = entry.keys() - fields - _ABOUT
    if unknown:
        raise UnusableSeed(f"{resource}: {', '.join(sorted(unknown))} cannot be set there.")
    values = {name: check_value(account.platform, name, entry[name]) for name in sorted(fields & entry.keys())}
    if "status" in fields and "status" not in values:
        raise UnusableSeed(f"{resource}: status is missing.")
    return Entity(
        account=account.id,
        resource=resource,
        values=values,
        name=entry.get("name", resource),
        parent=entry.get("parent"),
        budget=entry.get("budget"),
        explicitly_shared=entry.get("explicitly_shared", False),
    )


def _check_containers(account: Account, entities: list[Entity], accounts: AdAccounts) -> None:
    """Every parent and budget is there, and of the right kind; ids of Meta's nodes belong to one account."""
    known = account.entities.keys() | {entity.resource for entity in entities}
    for entity in entities:
        kind = _PARENTS.get(entity.kind) or ("ad_set" if account.platform == META_ADS else "ad_group")
        if entity.kind in {"ad_set", "ad_group", "ad", "location"} and not (entity.parent or "").startswith(f"{kind}/"):
            raise UnusableSeed(f"{entity.resource}: its parent has to be a {kind}.")
        if account.platform == GOOGLE_ADS and entity.kind == "campaign" and entity.budget is None:
            raise UnusableSeed(f"{entity.resource}: budget is missing.")
        missing = {container for container in (entity.parent, entity.budget) if container} - known
        if missing:
            raise UnusableSeed(f"{entity.resource}: {', '.join(sorted(missing))} is not in the account.")
        owner = accounts.meta_account_of(entity.id) if account.platform == META_ADS else None
        if owner is not None and owner.id != account.id:
            raise UnusableSeed(f"{entity.resource}: {owner.id} has that id already.")
