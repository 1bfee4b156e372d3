"""Which operation of a mutate, and which field of it, Google's errors are about. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from weathertrigger.errors import Conflict, ServiceError, Transient
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, items, text, whole
from weathertrigger.platforms.google_ads.capabilities import KINDS
from weathertrigger.platforms.google_ads.errors import ads_errors, error_of
from weathertrigger.platforms.port import Write
from weathertrigger.platforms.resource_names import kind_of

_OPERATIONS = frozenset({"mutate_operations", "operations"})
_CAPITAL = re.compile(r"[A-Z]")


@dataclass(frozen=True, slots=True)
class _Finding:
    error: ServiceError
    names: frozenset[str]
    """Everything that the path of the error names: `mutate_operations`, `update`, `cpc_bid_micros`."""


@dataclass(frozen=True, slots=True)
class Blame:
    """The errors of one answer by the index of their operation; None: of the whole request."""

    findings: Mapping[int | None, Sequence[_Finding]]
    origin: Origin
    request_id: str | None

    @property
    def is_of_operations(self) -> bool:
        """Whether every error is about an operation."""
        return bool(self.findings) and None not in self.findings

    def for_write(self, index: int, write: Write) -> ServiceError | None:
        """The error of this write in the operation of that index, or None if nothing is held against it.

        An operation is done as a whole or not at all. Where the error names another field of it, this one was not
        refused, only not written: it may go again without its neighbour.
        """
        mine = self.findings.get(index) or self.findings.get(None) or ()
        fields = KINDS[kind_of(write.carrier.resource)].fields
        wire_names = {_snake(name) for name in fields.values()}
        own = _snake(fields[write.carrier.field])
        for finding in mine:
            if own in finding.names or not finding.names & wire_names:
                return finding.error
        return self.neighbour() if mine else None

    def neighbour(self) -> Conflict:
        """For what was not written only because it travelled with something that was refused."""
        said = "Google Ads did not write it, because it refused what travelled in the same request."
        return self.origin.error(Conflict, said, self.request_id)


def blame_of(told: Json, origin: Origin, request_id: str | None, *, status: int = 400) -> Blame | None:
    """What an `error` or a `partialFailureError` says of the operations; None if there is no such thing."""
    if told is None:
        return None
    findings: dict[int | None, list[_Finding]] = {}
    for each in ads_errors(told):
        path = items(dig(each, "location", "fieldPathElements"))
        names = frozenset(text(dig(element, "fieldName")) or "" for element in path)
        finding = _Finding(error_of(each, origin, request_id, status=status), names)
        findings.setdefault(_operation_in(path), []).append(finding)
    if not findings:
        unclear = origin.error(Transient, "Google Ads reports a partial failure without its errors.", request_id)
        findings[None] = [_Finding(unclear, frozenset())]
    return Blame(findings, origin, request_id)


def _operation_in(path: Sequence[Json]) -> int | None:
    """The index of the operation, wherever in the path it stands."""
    indices = (whole(dig(each, "index")) for each in path if text(dig(each, "fieldName")) in _OPERATIONS)
    return next((index for index in indices if index is not None), None)


def _snake(name: str) -> str:
    return _CAPITAL.sub(lambda letter: f"_{letter[0].lower()}", name)
