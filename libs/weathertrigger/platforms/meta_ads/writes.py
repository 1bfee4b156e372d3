"""How changes travel to Meta: always as a Graph batch, even a single one, so that there is one way out and one back.

Pure. Every value is absolute: a write that is repeated sets the same again.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName, Status
from weathertrigger.errors import Rejected, ServiceError
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import dig
from weathertrigger.platforms.meta_ads import batch
from weathertrigger.platforms.meta_ads.batch import Call, Entry
from weathertrigger.platforms.meta_ads.capabilities import CALLS_PER_BATCH, PARAMETERS
from weathertrigger.platforms.port import Write
from weathertrigger.platforms.resource_names import id_of, in_words, kind_of
from weathertrigger.platforms.whole_units import units_of

_STATUSES = MappingProxyType({Status.ENABLED: "ACTIVE", Status.PAUSED: "PAUSED"})
_REHEARSAL = MappingProxyType({"execution_options": '["validate_only"]'})


def batches_of(writes: Sequence[Write]) -> list[list[Write]]:
    """At most 50 a batch. Its calls run side by side, so never two of one entity, nor two ad sets of one campaign (Meta
    refuses those).

    Each write goes into the first batch that can take it: the writes of an entity keep their order, and no write has to
    wait for one that came after it.
    """
    batches: list[list[Write]] = []
    for write in writes:
        earliest = _after_its_entity(write, batches)
        first = next((each for each in batches[earliest:] if _fits(write, each)), None)
        if first is None:
            batches.append([write])
        else:
            first.append(write)
    return batches


def calls_of(writes: Sequence[Write], *, validate_only: bool) -> list[Call]:
    """One POST per write, in order."""
    rehearsal = _REHEARSAL if validate_only else {}
    return [batch.post(id_of(write.carrier.resource), {**_parameter(write), **rehearsal}) for write in writes]


def never_to_be_sent(writes: Sequence[Write], origin: Origin) -> dict[Carrier, ServiceError]:
    """Amounts of nothing, each refused: what Meta would make of a budget of 0 nobody has to find out."""
    return {
        write.carrier: origin.error(
            Rejected, f"{in_words(write.carrier.resource)}: a {write.carrier.field} of nothing is never sent to Meta."
        )
        for write in writes
        if write.carrier.field.is_money and units_of(write.value) == 0
    }


def results_of(
    entries: Sequence[Entry], writes: Sequence[Write], origin: Origin
) -> Mapping[Carrier, ServiceError | None]:
    """What became of each write; entries come in the order of the calls."""
    return {write.carrier: _result(entry, origin) for write, entry in zip(writes, entries, strict=True)}


def _result(entry: Entry, origin: Origin) -> ServiceError | None:
    succeeded = entry.is_good() and dig(entry.body, "success") is True
    return None if succeeded else entry.failure(origin)


def _after_its_entity(write: Write, batches: Sequence[Sequence[Write]]) -> int:
    for index in range(len(batches), 0, -1):
        if any(other.carrier.resource == write.carrier.resource for other in batches[index - 1]):
            return index
    return 0


def _fits(write: Write, others: Sequence[Write]) -> bool:
    return len(others) < CALLS_PER_BATCH and not any(_may_be_siblings(write, other) for other in others)


def _may_be_siblings(write: Write, other: Write) -> bool:
    if any(kind_of(each.carrier.resource) != "ad_set" for each in (write, other)):
        return False
    # An ad set whose campaign is not known may be anybody's sibling.
    return write.sibling_key == other.sibling_key or None in {write.sibling_key, other.sibling_key}


def _parameter(write: Write) -> dict[str, str]:
    is_status = write.carrier.field is FieldName.STATUS
    value = _STATUSES[Status(write.value)] if is_status else str(units_of(write.value))
    return {PARAMETERS[write.carrier.field]: value}
