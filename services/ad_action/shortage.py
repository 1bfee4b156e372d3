"""C5, C8 where calls are short: what goes back or pauses first, and no more than there is room for (semantics 24)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from weathertrigger.domain.change import AdField, Carrier
from weathertrigger.errors import HeldBack, ServiceError
from weathertrigger.platforms.port import AdAccount, Admit, AdPlatform, Observed, ReadAnswer, Write, WriteAnswer


class Gate(Protocol):
    """What stands around the calls for the account; those that are urgent may use what is kept back."""

    def __call__(self, *, urgent: bool) -> Admit: ...


@dataclass(frozen=True, slots=True)
class Shortage:
    """The calls of one account through its gate."""

    platform: AdPlatform
    account: AdAccount
    gate: Gate

    def read(self, due: Sequence[AdField]) -> ReadAnswer:
        """All of them; where there is no room, the urgent ones, or as many as leave as much for their writes, if there
        may be any. The others are held back.

        Raises:
            ServiceError: nothing could be read.
        """
        try:
            return self._read(due, urgent=False)
        except HeldBack as first:
            held, urgent = first, [field for field in due if field.is_urgent and field.is_open]
        if not urgent:
            answer = self._read_some(due, held, urgent=False)
        else:
            try:
                answer = self._read(urgent, urgent=True)
            except HeldBack as still:
                answer = self._read_some(urgent, still, urgent=True)
        waiting: dict[Carrier, Observed | ServiceError] = {field.carrier: held for field in due}
        return replace(answer, results={**waiting, **answer.results})

    def write(self, batch: Sequence[Write], urgent: Collection[Carrier]) -> WriteAnswer:
        """One batch, urgent ones first; where there is no room for all, the urgent ones, or as many as there is room
        for. The others are held back, and were not sent."""
        answer = self._write(batch, urgent=False)
        held = _held(answer)
        if held is None:
            return answer
        chosen = [write for write in batch if write.carrier in urgent]
        if chosen:
            told = self._write(chosen, urgent=True)
            if (still := _held(told)) and still.left:
                told = self._write(chosen[: still.left], urgent=True)
        elif held.left:
            told = self._write(batch[: held.left], urgent=False)
        else:
            return answer
        return replace(told, results={**answer.results, **told.results})

    def _read(self, fields: Sequence[AdField], *, urgent: bool) -> ReadAnswer:
        return self.platform.read(self.account, [one.carrier for one in fields], admit=self.gate(urgent=urgent))

    def _read_some(self, fields: Sequence[AdField], held: HeldBack, *, urgent: bool) -> ReadAnswer:
        some = fields[: held.left // 2 if any(one.is_open for one in fields) else held.left]
        if not some:
            raise held
        return self._read(some, urgent=urgent)

    def _write(self, batch: Sequence[Write], *, urgent: bool) -> WriteAnswer:
        """With the error of all as that of each."""
        try:
            return self.platform.write(self.account, batch, admit=self.gate(urgent=urgent))
        except ServiceError as error:
            return WriteAnswer({write.carrier: error for write in batch}, 0)


def _held(answer: WriteAnswer) -> HeldBack | None:
    """What has held the whole batch back."""
    return next((error for error in answer.results.values() if isinstance(error, HeldBack)), None)
