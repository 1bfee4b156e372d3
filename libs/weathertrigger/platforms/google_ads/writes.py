"""How changes travel to Google Ads: `googleAds:mutate` with partial failure, so that each operation stands for itself.

Google refuses a resource that is named twice in a request, so the writes of one resource (status and bid of an ad
group) travel as one operation. Pure. Source: https://developers.google.com/google-ads/api/docs/mutating/overview.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName, Status
from weathertrigger.errors import ServiceError, Transient
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, items
from weathertrigger.platforms.google_ads.blame import Blame, blame_of
from weathertrigger.platforms.google_ads.capabilities import KINDS, MOST_OPERATIONS, resource_name
from weathertrigger.platforms.port import Write
from weathertrigger.platforms.resource_names import id_of, kind_of
from weathertrigger.platforms.whole_units import units_of

_STATUSES = MappingProxyType({Status.ENABLED: "ENABLED", Status.PAUSED: "PAUSED"})


def batches_of(writes: Sequence[Write]) -> list[list[Write]]:
    """At most 10,000 resources a batch, order kept; one field only once in a batch."""
    batches: list[list[Write]] = []
    resources: set[str] = set()
    carriers: set[Carrier] = set()
    for write in writes:
        is_full = len(resources) == MOST_OPERATIONS and write.carrier.resource not in resources
        if not batches or is_full or write.carrier in carriers:
            batches.append([])
            resources, carriers = set(), set()
        batches[-1].append(write)
        resources.add(write.carrier.resource)
        carriers.add(write.carrier)
    return batches


def operations_of(batch: Sequence[Write]) -> list[list[Write]]:
    """The writes of a batch by the operation that carries them: one for each resource."""
    by_resource: dict[str, list[Write]] = {}
    for write in batch:
        by_resource.setdefault(write.carrier.resource, []).append(write)
    return list(by_resource.values())


def mutate_body(customer: str, batch: Sequence[Write], *, validate_only: bool) -> Json:
    """The body of one mutate."""
    operations: list[Json] = [_operation(customer, writes) for writes in operations_of(batch)]
    return {"mutateOperations": operations, "partialFailure": True, "validateOnly": validate_only}


def results_of(
    body: Json, batch: Sequence[Write], origin: Origin, *, validate_only: bool, request_id: str | None
) -> Mapping[Carrier, ServiceError | None]:
    """What became of each write, from an answer with HTTP status 200."""
    blame = blame_of(dig(body, "partialFailureError"), origin, request_id)
    done = items(dig(body, "mutateOperationResponses"))
    unclear = origin.error(Transient, "Google Ads does not say what became of it.", request_id)
    results: dict[Carrier, ServiceError | None] = {}
    for index, writes in enumerate(operations_of(batch)):
        succeeded = bool(dig(done, index)) or (validate_only and isinstance(body, dict))
        for write in writes:
            refusal = blame.for_write(index, write) if blame else None
            results[write.carrier] = refusal or (None if succeeded else unclear)
    return results


def refusals_of(blame: Blame, batch: Sequence[Write]) -> Mapping[Carrier, ServiceError | None]:
    """What became of each write of a request that failed as a whole over some of its operations."""
    return {
        write.carrier: blame.for_write(index, write) or blame.neighbour()
        for index, writes in enumerate(operations_of(batch))
        for write in writes
    }


def _operation(customer: str, writes: Sequence[Write]) -> Json:
    resource = writes[0].carrier.resource
    kind = KINDS[kind_of(resource)]
    update: dict[str, Json] = {"resourceName": resource_name(customer, kind, id_of(resource))}
    update.update({kind.fields[write.carrier.field]: _value(write) for write in writes})
    mask = ",".join(kind.fields[write.carrier.field] for write in writes)
    return {kind.operation: {"updateMask": mask, "update": update}}


def _value(write: Write) -> Json:
    match write.carrier.field:
        case FieldName.STATUS:
            return _STATUSES[Status(write.value)]
        case FieldName.BID_MODIFIER:
            return float(write.value)
        case _:
            return str(units_of(write.value))
