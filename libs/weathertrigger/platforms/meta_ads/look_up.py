"""Asking Meta for many nodes in few calls, so that one bad id does not spoil its neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass

from weathertrigger.domain.change import Carrier
from weathertrigger.errors import HeldBack, NotFound, Rejected, ServiceError
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json
from weathertrigger.platforms.meta_ads import batch
from weathertrigger.platforms.meta_ads.capabilities import IDS_PER_CALL
from weathertrigger.platforms.meta_ads.graph import Graph
from weathertrigger.platforms.meta_ads.reads import FIELDS, can_be_asked, node_of, observe, query_for
from weathertrigger.platforms.port import AdAccount, Observed
from weathertrigger.platforms.resource_names import by_kind, id_of, in_words
from weathertrigger.platforms.usage import Usage, highest


@dataclass(slots=True)
class Nodes:
    """Each resource's node or why there is none, how many calls Meta counts for the asking (one per id), and how much
    of its limits is used."""

    found: dict[str, Json | ServiceError]
    calls: int = 0
    usage: Usage | None = None

    def field(self, carrier: Carrier, origin: Origin) -> Observed | ServiceError:
        """What the carrier's node shows of its field."""
        node = self.found[carrier.resource]
        return node if isinstance(node, ServiceError) else observe(node, carrier, origin)


def look_up(resources: Sequence[str], account: AdAccount, origin: Origin, graph: Graph) -> Nodes:
    """The nodes of all resources, 50 of one kind a call.

    Meta fails a whole read for one id that does not exist; what was in it is then asked in a batch, where each answers
    for itself. After any other error no further call is made: what is left shares that error.

    Raises:
        ServiceError: the first call failed, and not over one of its ids.
    """
    nodes = Nodes({name: _cannot_be_asked(name, origin) for name in resources})
    groups = by_kind(filter(can_be_asked, resources), IDS_PER_CALL)
    for asked, names in enumerate(groups):
        try:
            _ask(nodes, names, account, origin, graph)
        except ServiceError as fault:
            if nodes.calls == 0:
                raise
            nodes.calls += 0 if isinstance(fault, HeldBack) else len(names)
            nodes.found.update((name, fault) for left in groups[asked:] for name in left)
            break
    return nodes


def _ask(nodes: Nodes, names: Sequence[str], account: AdAccount, origin: Origin, graph: Graph) -> None:
    try:
        query = {"ids": ",".join(map(id_of, names)), **query_for(names[0])}
        told = graph.read(query, origin, calls=len(names))
    except (NotFound, Rejected) as final:
        nodes.calls += len(names)
        if len(names) == 1:
            nodes.found[names[0]] = final
        else:
            _ask_each(nodes, names, account, origin, graph)
    else:
        nodes.calls += len(names)
        nodes.found.update((name, node_of(told.body, name, account, origin)) for name in names)
        nodes.usage = highest([nodes.usage, told.usage])


def _ask_each(nodes: Nodes, names: Sequence[str], account: AdAccount, origin: Origin, graph: Graph) -> None:
    answers = graph.batch([batch.get(id_of(name), query_for(name)) for name in names], origin)
    nodes.calls += len(names)
    for name, entry in zip(names, answers.entries, strict=True):
        keyed: Json = {id_of(name): entry.body}
        nodes.found[name] = node_of(keyed, name, account, origin) if entry.is_good() else entry.failure(origin)
    nodes.usage = highest([nodes.usage, answers.usage])


def _cannot_be_asked(name: str, origin: Origin) -> ServiceError:
    kinds = ", ".join(FIELDS)
    return origin.error(Rejected, f"Meta has no {in_words(name)}: it has {kinds}, and their ids are numbers.")
