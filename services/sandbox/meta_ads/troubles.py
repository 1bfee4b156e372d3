"""Nodes that answer otherwise: what a test orders about one node, alone or in the middle of a batch."""

from dataclasses import dataclass, field
from enum import StrEnum

from services.sandbox.meta_ads.errors import GraphError

ROOT = ""
"""The node of a request to `/`: a batch, or a read of several ids."""


class TroubleKind(StrEnum):
    """What becomes of the request."""

    INCOMPLETE = "incomplete"  # `null` as its entry of the batch; alone it is an error of code 2
    UNSUCCESSFUL = "unsuccessful"  # {"success": false} under 200
    ERROR = "error"  # an error of any code, under any HTTP status


@dataclass(slots=True)
class Trouble:
    """One order. `times` None: for ever. `applied`: a write has its effect all the same."""

    node: str
    kind: TroubleKind
    method: str | None = None
    times: int | None = None
    applied: bool = False
    code: int = 100
    subcode: int | None = None
    status: int = 400
    message: str = "Ordered of the sandbox"
    is_transient: bool = False

    def error(self) -> GraphError:
        """The error that was ordered."""
        return GraphError(
            self.code, self.message, subcode=self.subcode, status=self.status, is_transient=self.is_transient
        )


@dataclass(slots=True)
class Troubles:
    """The orders in force; the oldest that strikes counts."""

    _ordered: list[Trouble] = field(default_factory=list)

    def order(self, trouble: Trouble) -> None:
        """Puts it in force."""
        self._ordered.append(trouble)

    def end(self) -> None:
        """Takes all of them back."""
        self._ordered.clear()

    def draw(self, node: str, method: str) -> Trouble | None:
        """The trouble that strikes this request, if one does; it is then counted."""
        for trouble in self._ordered:
            if trouble.node == node and trouble.method in {None, method} and trouble.times != 0:
                if trouble.times is not None:
                    trouble.times -= 1
                return trouble
        return None
