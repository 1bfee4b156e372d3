"""What a platform says to writes that it is only to check: a dry run goes the whole way up to them (semantics 27)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from weathertrigger.domain.change import Carrier
from weathertrigger.errors import NotFound, Rejected, ServiceError
from weathertrigger.platforms.port import AdAccount, Admit, AdPlatform, Write


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Which writes would be refused, and how many calls the platform counts for the asking."""

    refusals: Mapping[tuple[Carrier, str], Rejected | NotFound]
    calls: int

    def refusal(self, carrier: Carrier, value: str) -> Rejected | NotFound | None:
        """Why the platform would not set this value, if it said so."""
        return self.refusals.get((carrier, value))


def rehearse(platform: AdPlatform, account: AdAccount, writes: Iterable[Write], admit: Admit) -> Rehearsal:
    """Asks the platform to check these writes and to make none. Where it cannot be asked now, nothing is refused: a dry
    run does not wait for it."""
    refusals: dict[tuple[Carrier, str], Rejected | NotFound] = {}
    calls = 0
    for batch in platform.batches(list(dict.fromkeys(writes))):
        try:
            answer = platform.write(account, batch, validate_only=True, admit=admit)
        except ServiceError:
            break
        calls += answer.calls
        for write in batch:
            said = answer.results.get(write.carrier)
            if isinstance(said, Rejected | NotFound):
                refusals[write.carrier, write.value] = said
    return Rehearsal(refusals, calls)
