"""The sandbox as the outside world of the model: the real adapters over real HTTP, its clock that of the model."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.contract.sandbox_server import GOOGLE as CUSTOMER
from tests.contract.sandbox_server import META as META_ACCOUNT
from tests.contract.sandbox_server import SandboxClient, sandbox_thread
from tests.integration.changes_model.outside import LANDS_WITHIN
from tests.integration.changes_model.platform import Landed, Mood
from tests.integration.changes_model.scene import FOUND, G
from weathertrigger.domain.change import Carrier
from weathertrigger.domain.rule import FieldName
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.platforms.registry import CREDENTIALS, PLATFORMS

_WRITES = ({"service": "meta_ads", "method": "POST"}, {"service": "google_ads", "path": ":mutate$"})
_ORDERS: Mapping[Mood, Mapping[str, object]] = {
    Mood.ANSWER_LOST: {"kind": "reset_after_applying"},
    Mood.REQUEST_LOST: {"kind": "reset"},
    Mood.FAILED: {"kind": "status", "status": 500},
    Mood.LATE: {"kind": "late"},
    Mood.LIMITED: {"kind": "rate_limit", "retry_after": 300},
}
_STATUSES = {"ACTIVE": "enabled", "PAUSED": "paused"}
_AT_META = {ours: theirs for theirs, ours in _STATUSES.items()}
_TEN_DAYS_S = 10 * 24 * 60 * 60


class InSandbox:
    """Implements `Outside`. Reads do not lag here."""

    lags = False

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._open = ExitStack()
        directory = self._open.enter_context(tempfile.TemporaryDirectory(prefix="weathertrigger-model-"))
        self._sandbox: SandboxClient = self._open.enter_context(sandbox_thread(Path(directory), now))
        keys = {name: dict.fromkeys(names.required, "sandbox") for name, names in CREDENTIALS.items()}
        urls = {"base_url": self._sandbox.url, "oauth_url": self._sandbox.url}
        self.clients: Mapping[str, AdPlatform] = {name: PLATFORMS[name]({**keys[name], **urls}) for name in PLATFORMS}
        self._mood = Mood.REFUSED
        self.be_in(Mood.TAKEN)
        self._landed: list[Landed] = []
        self._last = 0

    @property
    def journal(self) -> Sequence[Landed]:
        for entry in self._sandbox.journal(self._last):
            self._last = entry["seq"]
            by_hand = entry["service"] == "person"
            self._landed += [_landed(change, by_hand=by_hand) for change in entry["changes"]]
        return self._landed

    def value(self, carrier: Carrier) -> str:
        value = self._sandbox.value(carrier.resource, carrier.field, _account_of(carrier))
        return _STATUSES.get(value, value)

    def edit(self, carrier: Carrier, value: str) -> None:
        path = f"entities/{_account_of(carrier)}/{carrier.resource}"
        self._order(path, **{carrier.field: _AT_META.get(value, value)})

    def be_in(self, mood: Mood) -> None:
        if mood is self._mood:
            return
        self._mood = mood
        for orders in ("faults", "meta_ads/troubles", "google_ads"):
            self._delete(orders)
        self._order("google_ads", token_lifetime_s=_TEN_DAYS_S)  # what arrives late is not refused for its token
        if mood is Mood.REFUSED:
            self._refuse()
        for writes in _WRITES if mood in _ORDERS else ():
            self._order("faults", **writes, **_ORDERS[mood])
        for service in self.clients if mood is Mood.AWAY else ():
            self._order("faults", service=service, kind="status")

    def let_reads_lag(self, lags: bool) -> None:
        """They do not."""

    def under_way(self) -> int:
        return len(self._late())

    def arrive(self, which: int) -> Sequence[Landed]:
        is_too_late = self._now() - datetime.fromisoformat(self._late()[which]["time"]) >= LANDS_WITHIN
        changes = [] if is_too_late else self._order(f"late/{which}")["changes"]
        return [_landed(change, by_hand=False) for change in changes]

    def lose(self) -> None:
        self._delete("late")

    def close(self) -> None:
        self._open.close()

    def _late(self) -> list[Any]:  # Any: JSON
        late: list[Any] = self._sandbox.get("/_sandbox/late").json()["late"]
        return late

    def _refuse(self) -> None:
        for carrier in FOUND:
            if carrier == G:
                error = {"error": "rangeError.TOO_HIGH", "resource": carrier.resource, "count": 1000}
                self._order(f"google_ads/{CUSTOMER}/errors", **error)
            else:
                node = carrier.resource.partition("/")[2]
                self._order("meta_ads/troubles", node=node, kind="error", method="POST", code=100)

    def _order(self, path: str, /, **wanted: object) -> Any:  # Any: JSON
        answer = self._sandbox.json(f"/_sandbox/{path}", wanted)
        assert answer.ok, answer.text
        return answer.json()

    def _delete(self, path: str) -> None:
        assert self._sandbox.session.delete(f"{self._sandbox.url}/_sandbox/{path}", timeout=20).ok


def _account_of(carrier: Carrier) -> str:
    return CUSTOMER if carrier == G else META_ACCOUNT


def _landed(change: Mapping[str, str], *, by_hand: bool) -> Landed:
    before, after = (_STATUSES.get(change[name], change[name]) for name in ("from", "to"))
    return Landed(Carrier(change["resource"], FieldName(change["field"])), before, after, by_hand)
