"""Asking Google Ads for many resources in few searches.

GAQL has one FROM and no OR, so each kind of resource needs a search of its own, with one exception: the row of a
campaign shows its budget too. So budgets are read through the campaigns that rules name them by, which also tells which
of these spend another one by now.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from weathertrigger.errors import HeldBack, NotFound, Rejected, ServiceError
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json
from weathertrigger.platforms.google_ads.capabilities import IDS_PER_SEARCH
from weathertrigger.platforms.google_ads.reads import can_be_asked
from weathertrigger.platforms.resource_names import by_kind, in_words, kind_of


@dataclass(frozen=True, slots=True)
class Rows:
    """Each resource's row or why there is none, how many searches were made, and every row that they gave."""

    found: Mapping[str, Json | ServiceError]
    calls: int
    seen: Mapping[str, Json | ServiceError]


def look_up(
    resources: Mapping[str, Sequence[str]], origin: Origin, ask: Callable[[Sequence[str]], Mapping[str, Json]]
) -> Rows:
    """The rows of all resources, each with the entities that rules name it by; `ask` makes one search
    for resources of one kind. After an error no further search is made: what is left shares that error.

    Raises:
        ServiceError: the first search failed.
    """
    names = [name for name in resources if can_be_asked(name)]
    searches = by_kind([*_campaigns(names, resources), *names], IDS_PER_SEARCH)
    rows: dict[str, Json | ServiceError] = {}
    calls = 0
    for index, search in enumerate(searches):
        left = [name for name in search if name not in rows]
        if not left:
            continue
        calls += 1
        try:
            rows.update(ask(left))
        except ServiceError as fault:
            if calls == 1:
                raise
            calls -= isinstance(fault, HeldBack)
            rows.update((name, fault) for later in searches[index:] for name in later if name not in rows)
            break
    return Rows({name: rows[name] if name in rows else _none(name, origin) for name in resources}, calls, rows)


def _campaigns(names: Sequence[str], named: Mapping[str, Sequence[str]]) -> list[str]:
    """The campaigns among the names, and those of the budgets among them."""
    own = [name for name in names if kind_of(name) == "campaign"]
    of_budgets = [each for name in names if kind_of(name) == "campaign_budget" for each in named[name]]
    return own + [each for each in of_budgets if kind_of(each) == "campaign" and can_be_asked(each)]


def _none(name: str, origin: Origin) -> ServiceError:
    if can_be_asked(name):
        return origin.error(NotFound, f"Google Ads knows no {in_words(name)}.")
    pair = "that of an ad reads 222~333, that of a location 111~1006886"
    return origin.error(Rejected, f"Google Ads has no {in_words(name)}: ids are numbers, {pair}.")
