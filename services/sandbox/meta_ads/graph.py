"""One request to the Graph, alone or in a batch: it is counted against the limits, may be in trouble, and is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.sandbox import exchange
from services.sandbox.ad_accounts import META_ADS, Account
from services.sandbox.meta_ads.errors import GraphError
from services.sandbox.meta_ads.limits import READ, WRITE
from services.sandbox.meta_ads.lists import read_edge, read_many, read_node
from services.sandbox.meta_ads.troubles import ROOT, Trouble, TroubleKind
from services.sandbox.meta_ads.writes import write
from services.sandbox.world import World

Parameters = dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one request, none if it did not complete; and the accounts that it was about."""

    status: int
    document: object
    accounts: tuple[Account, ...] = ()
    completed: bool = True


class Graph:
    """The requests of one HTTP exchange, which the world's turn keeps apart from all others."""

    def __init__(self, world: World, now: datetime) -> None:
        self._world = world
        self._now = now

    def handle(self, method: str, path: str, parameters: Parameters) -> Outcome:
        """What comes of one request. A refusal is an outcome too."""
        nodes = parameters["ids"].split(",") if path == ROOT and "ids" in parameters else [path.partition("/")[0]]
        accounts = self._accounts(nodes)
        try:
            for account in accounts or (None,):
                self._world.meta.limits.charge(account, WRITE if method == "POST" else READ, self._now)
            trouble = self.trouble(method, *nodes)
            document = self._do(method, path, parameters) if trouble is None or trouble.applied else None
        except GraphError as error:
            return Outcome(error.status, error.document(), accounts)
        return Outcome(200, document, accounts) if trouble is None else troubled(trouble, accounts)

    def trouble(self, method: str, *nodes: str) -> Trouble | None:
        """The trouble that strikes a request for these nodes; one node's is that of the whole request."""
        return next(filter(None, (self._world.meta.troubles.draw(node, method) for node in nodes)), None)

    def headers(self, accounts: tuple[Account, ...]) -> dict[str, str]:
        """The headers of usage for an answer about these accounts."""
        return self._world.meta.limits.headers(accounts, self._now)

    def _accounts(self, nodes: Sequence[str]) -> tuple[Account, ...]:
        """The account of each node that is there, as often as it is named: Meta counts every id."""
        held = self._world.accounts
        found = (held.get(node_id, META_ADS) or held.meta_account_of(node_id) for node_id in nodes)
        return tuple(account for account in found if account)

    def _do(self, method: str, path: str, parameters: Parameters) -> object:
        accounts, circumstances = self._world.accounts, self._world.meta
        if method == "POST":
            account, changes = write(accounts, path, parameters, circumstances)
            exchange.current().changes.extend(changes)
            document: object = {"success": True}
        elif path == ROOT and "ids" in parameters:
            several, document = read_many(accounts, parameters, circumstances.delivery)
            _note(several)
            return document
        else:
            node_id, _, edge = path.partition("/")
            if edge:
                account, document = read_edge(accounts, node_id, edge, parameters, circumstances.delivery)
            else:
                account, document = read_node(accounts, node_id, parameters, circumstances.delivery)
        _note(account)
        return document


def troubled(trouble: Trouble, accounts: tuple[Account, ...] = ()) -> Outcome:
    """What comes of a request that is in this trouble."""
    match trouble.kind:
        case TroubleKind.UNSUCCESSFUL:
            return Outcome(200, {"success": False}, accounts)
        case TroubleKind.INCOMPLETE:
            return Outcome(503, None, accounts, completed=False)
        case TroubleKind.ERROR:
            return Outcome(trouble.status, trouble.error().document(), accounts)


def _note(account: Account | None) -> None:
    """The journal's account: the one that everything in this request belongs to, None when there are several."""
    taken_down = exchange.current()
    if account is not None:
        taken_down.account = account.id if taken_down.account in {None, account.id} else None
