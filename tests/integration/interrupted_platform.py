"""An ad platform that lets a test act when things go wrong: before a call leaves, after it landed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from weathertrigger.domain.change import Carrier, ChangeLimit, Wanted
from weathertrigger.domain.money import MoneyCodec
from weathertrigger.domain.rule import FieldName, Level
from weathertrigger.platforms.port import (
    AdAccount,
    Admit,
    AdPlatform,
    ReadAnswer,
    ResolveAnswer,
    Write,
    WriteAnswer,
    at_once,
)


def _nothing() -> None:
    """No interruption."""


@dataclass
class InterruptedPlatform:
    """The real adapter; each interruption happens once. `looked` comes when something was read and nothing is decided,
    `decided` after the intention was committed and before the last look, `leaving` just before the call, `landed` when
    its effect is there and its answer is not."""

    real: AdPlatform
    looked: Callable[[], object] = _nothing
    decided: Callable[[], object] = _nothing
    leaving: Callable[[], object] = _nothing
    landed: Callable[[], object] = _nothing

    @property
    def name(self) -> str:
        return self.real.name

    @property
    def levels(self) -> Mapping[Level, frozenset[FieldName]]:
        return self.real.levels

    @property
    def fields_at_once(self) -> int:
        return self.real.fields_at_once

    @property
    def money(self) -> MoneyCodec:
        return self.real.money

    def resolve(self, account: AdAccount, wanted: Sequence[Wanted], *, admit: Admit = at_once) -> ResolveAnswer:
        return self.real.resolve(account, wanted, admit=admit)

    def read(self, account: AdAccount, carriers: Sequence[Carrier], *, admit: Admit = at_once) -> ReadAnswer:
        answer = self.real.read(account, carriers, admit=admit)
        self._once("looked")
        return answer

    def change_limit(self, carrier: Carrier) -> ChangeLimit | None:
        return self.real.change_limit(carrier)

    def batches(self, writes: Sequence[Write]) -> list[list[Write]]:
        batches = self.real.batches(writes)
        if batches:
            self._once("decided")
        return batches

    def write(
        self, account: AdAccount, batch: Sequence[Write], *, validate_only: bool = False, admit: Admit = at_once
    ) -> WriteAnswer:
        self._once("leaving")
        answer = self.real.write(account, batch, validate_only=validate_only, admit=admit)
        self._once("landed")
        return answer

    def _once(self, moment: str) -> None:
        interruption: Callable[[], object] = getattr(self, moment)
        setattr(self, moment, _nothing)
        interruption()
