"""Asking Meta for many nodes in few calls, so that one bad id does not spoil its neighbours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from weathertrigger.domain.change import Carrier
from weathertrigger.errors import NotFound, Rejected, ServiceError
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json
from weathertrigger.platforms.meta_ads.reads import FIELDS, IDS_PER_CALL, can_be_asked, node_of, observe
from weathertrigger.platforms.port import AdAccount, Observed
from weathertrigger.platforms.resource_names import by_kind, in_words


@dataclass(frozen=True, slots=True)
class Nodes:
    """Each resource's node or why there is none, and how many calls Meta counts for the asking: one per id."""

    found: Mapping[str, Json | ServiceError]
    calls: int

    def field(self, carrier: Carrier, origin: Origin) -> Observed | ServiceError:
        """What the carrier's node shows of its field."""
        node = self.found[carrier.resource]
        return node if isinstance(node, ServiceError) else observe(node, carrier, origin)


def look_up(
    resources: Sequence[str], account: AdAccount, origin: Origin, ask: Callable[[Sequence[str]], Json]
) -> Nodes:
    """The nodes of all resources; `ask` makes one call for resources of one kind.

    Meta fails a whole call for one id that does not exist, so such a call is halved until the fault is alone with its
    id. After any other error no further call is made: what is left shares that error.

    Raises:
        ServiceError: the first call failed, and not over one of its ids.
    """
    found: dict[str, Json | ServiceError] = {name: _cannot_be_asked(name, origin) for name in resources}
    waiting = by_kind(filter(can_be_asked, resources), IDS_PER_CALL)
    calls = 0
    while waiting:
        names = waiting.pop(0)
        try:
            body = ask(names)
        except (NotFound, Rejected) as final:
            if len(names) > 1:
                waiting[:0] = [names[: len(names) // 2], names[len(names) // 2 :]]
            else:
                found[names[0]] = final
        except ServiceError as fault:
            if calls == 0:
                raise
            found.update((name, fault) for left in (names, *waiting) for name in left)
            return Nodes(found, calls + len(names))
        else:
            found.update((name, node_of(body, name, account, origin)) for name in names)
        calls += len(names)
    return Nodes(found, calls)


def _cannot_be_asked(name: str, origin: Origin) -> ServiceError:
    kinds = ", ".join(FIELDS)
    return origin.error(Rejected, f"Meta has no {in_words(name)}: it has {kinds}, and their ids are numbers.")
