"""How changes travel to Meta: always as a Graph batch, even a single one, so that there is one way out and one back.

Pure. Source: https://developers.facebook.com/docs/graph-api/batch-requests.
"""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from urllib.parse import urlencode

from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName, Status
from weathertrigger.errors import ServiceError, Transient
from weathertrigger.http import strict_json
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, whole
from weathertrigger.platforms.meta_ads.errors import failure
from weathertrigger.platforms.port import Write
from weathertrigger.platforms.resource_names import id_of, kind_of
from weathertrigger.platforms.whole_units import units_of

WRITES_PER_BATCH = 50

_STATUSES = MappingProxyType({Status.ENABLED: "ACTIVE", Status.PAUSED: "PAUSED"})


def batches_of(writes: Sequence[Write]) -> list[list[Write]]:
    """At most 50 a batch. Its calls run side by side, so never two of one entity, nor two ad sets of one campaign (Meta
    refuses those).

    Each write goes into the first batch that can take it: the writes of an entity keep their order, and no write has to
    wait for one that came after it.
    """
    batches: list[list[Write]] = []
    for write in writes:
        earliest = _after_its_entity(write, batches)
        batch = next((each for each in batches[earliest:] if _fits(write, each)), None)
        if batch is None:
            batches.append([write])
        else:
            batch.append(write)
    return batches


def batch_form(batch: Sequence[Write], *, validate_only: bool) -> dict[str, str]:
    """The parameter `batch`: one POST per write, in order."""
    calls = [
        {
            "method": "POST",
            "relative_url": f"{id_of(write.carrier.resource)}/",
            "body": urlencode(_fields(write, validate_only=validate_only)),
        }
        for write in batch
    ]
    return {"batch": json.dumps(calls, separators=(",", ":"))}


def results_of(body: Json, batch: Sequence[Write], origin: Origin) -> Mapping[Carrier, ServiceError | None]:
    """What became of each write; entries come in the order of the calls.

    Raises:
        ServiceError: the body is the error of the whole batch, or no answer to it.
    """
    if dig(body, "error") is not None:
        raise failure(200, body, origin)
    if not isinstance(body, list) or len(body) != len(batch):
        raise origin.error(Transient, "Meta's answer does not fit the batch that was sent.")
    return {write.carrier: _result(entry, origin) for write, entry in zip(batch, body, strict=True)}


def _result(entry: Json, origin: Origin) -> ServiceError | None:
    if entry is None:
        return origin.error(Transient, "Meta did not complete this call of the batch.")
    status = whole(dig(entry, "code")) or 0
    inner = dig(entry, "body")
    try:
        answer = strict_json.parse(inner) if isinstance(inner, str) else None
    except strict_json.NotJson:
        answer = None
    if status == 200 and dig(answer, "success") is True and dig(answer, "error") is None:  # noqa: PLR2004 - HTTP's OK
        return None
    return failure(status, answer, origin)


def _after_its_entity(write: Write, batches: Sequence[Sequence[Write]]) -> int:
    for index in range(len(batches), 0, -1):
        if any(other.carrier.resource == write.carrier.resource for other in batches[index - 1]):
            return index
    return 0


def _fits(write: Write, batch: Sequence[Write]) -> bool:
    return len(batch) < WRITES_PER_BATCH and not any(_may_be_siblings(write, other) for other in batch)


def _may_be_siblings(write: Write, other: Write) -> bool:
    if any(kind_of(each.carrier.resource) != "ad_set" for each in (write, other)):
        return False
    # An ad set whose campaign is not known may be anybody's sibling.
    return write.sibling_key == other.sibling_key or None in {write.sibling_key, other.sibling_key}


def _fields(write: Write, *, validate_only: bool) -> dict[str, str]:
    if write.carrier.field is FieldName.STATUS:
        fields = {"status": _STATUSES[Status(write.value)]}
    else:
        fields = {str(write.carrier.field): str(units_of(write.value))}
    return {**fields, "execution_options": '["validate_only"]'} if validate_only else fields
