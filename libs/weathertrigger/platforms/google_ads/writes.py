"""How changes travel to Google Ads: `googleAds:mutate` with partial failure, so that each operation stands for itself.

Pure. Source: https://developers.google.com/google-ads/api/docs/mutating/overview.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import Status
from weathertrigger.errors import ServiceError, Transient
from weathertrigger.http.client import Origin
from weathertrigger.http.strict_json import Json, dig, items, whole
from weathertrigger.platforms.google_ads.errors import ads_errors, error_of
from weathertrigger.platforms.port import Write
from weathertrigger.platforms.resource_names import id_of, kind_of
from weathertrigger.platforms.whole_units import units_of

# Google takes 10,000, but thousands of operations may outlast the time-out of one call.
WRITES_PER_BATCH = 200

_OPERATIONS = MappingProxyType(
    {
        "campaign": ("campaignOperation", "campaigns"),
        "campaign_budget": ("campaignBudgetOperation", "campaignBudgets"),
        "ad_group": ("adGroupOperation", "adGroups"),
        "ad": ("adGroupAdOperation", "adGroupAds"),
    }
)
_STATUSES = MappingProxyType({Status.ENABLED: "ENABLED", Status.PAUSED: "PAUSED"})


def batches_of(writes: Sequence[Write]) -> list[list[Write]]:
    """At most 200 a batch, order kept; one resource only once in a batch, since Google refuses it twice."""
    batches: list[list[Write]] = []
    for write in writes:
        full = not batches or len(batches[-1]) == WRITES_PER_BATCH
        if full or any(write.carrier.resource == other.carrier.resource for other in batches[-1]):
            batches.append([])
        batches[-1].append(write)
    return batches


def mutate_body(customer: str, batch: Sequence[Write], *, validate_only: bool) -> Json:
    """The body of one mutate: one operation per write, in order."""
    operations: list[Json] = [_operation(customer, write) for write in batch]
    return {"mutateOperations": operations, "partialFailure": True, "validateOnly": validate_only}


def results_of(
    body: Json, batch: Sequence[Write], origin: Origin, *, validate_only: bool, request_id: str | None
) -> Mapping[Carrier, ServiceError | None]:
    """What became of each write. Errors find their operation by index; one without an index speaks for all."""
    errors: dict[int | None, ServiceError] = {}
    for told in ads_errors(dig(body, "partialFailureError")):
        errors.setdefault(_index(told), error_of(told, origin, request_id))
    if not errors and dig(body, "partialFailureError") is not None:
        errors[None] = origin.error(Transient, "Google Ads reports a partial failure without its errors.", request_id)
    done = items(dig(body, "mutateOperationResponses"))
    results: dict[Carrier, ServiceError | None] = {}
    for index, write in enumerate(batch):
        succeeded = bool(dig(done, index)) or (validate_only and isinstance(body, dict))
        unclear = (
            None if succeeded else origin.error(Transient, "Google Ads does not say what became of it.", request_id)
        )
        results[write.carrier] = errors.get(index) or errors.get(None) or unclear
    return results


def _operation(customer: str, write: Write) -> Json:
    kind = kind_of(write.carrier.resource)
    operation, collection = _OPERATIONS[kind]
    field, value = _field(kind, write.value)
    update: Json = {"resourceName": f"customers/{customer}/{collection}/{id_of(write.carrier.resource)}", field: value}
    return {operation: {"updateMask": field, "update": update}}


def _field(kind: str, value: str) -> tuple[str, str]:
    if kind == "campaign_budget":
        return "amountMicros", str(units_of(value))
    return "status", _STATUSES[Status(value)]


def _index(told: Json) -> int | None:
    return whole(dig(told, "location", "fieldPathElements", 0, "index"))
