"""Meta's limits of calls, and the headers that say how much of them is used.

Three of them, each over a rolling window: the app's calls, an ad account's calls of ads management, and an ad account's
score, in which a write weighs three times a read. Sizes are those of the standard tier; the control API sets others.
They start empty with every start of the sandbox.
"""

import math
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import orjson

from services.sandbox.ad_accounts import Account
from services.sandbox.meta_ads.errors import GraphError, too_many_calls

READ, WRITE = 1, 3
"""Points of the score."""
_ACTIVE_AD = 40
_LEAST_SHOWN = 1  # percent: whoever has hardly called gets no header
_TIER = "standard_access"


class LimitName(StrEnum):
    """Which limit."""

    APP = "app"
    ADS_MANAGEMENT = "ads_management"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Size:
    """So many points in a window; whoever goes over is refused for `block`, or (None) until there is room again."""

    most: int
    window: timedelta
    block: timedelta | None = None


_SIZES = {
    LimitName.APP: Size(200_000, timedelta(hours=1)),
    LimitName.ADS_MANAGEMENT: Size(100_000, timedelta(hours=1)),
    LimitName.SCORE: Size(9000, timedelta(seconds=300), timedelta(seconds=60)),
}


@dataclass(slots=True)
class RollingLimit:
    """One limit of one account, or the app's."""

    size: Size
    extra: int = 0
    _spent: deque[tuple[datetime, int]] = field(default_factory=deque)
    _sum: int = 0
    _blocked_until: datetime | None = None

    def has_room(self, points: int, now: datetime) -> bool:
        """Whether so many fit in now; the first that do not start the block."""
        if self.wait(now):
            return False
        missing = self._total(now) + points - self.size.most - self.extra
        if missing > 0:
            self.block(now, self.size.block or self._until_free(missing, now))
        return missing <= 0

    def spend(self, points: int, now: datetime) -> None:
        """Counts them."""
        self._spent.append((now, points))
        self._sum += points

    def block(self, now: datetime, length: timedelta) -> None:
        """Nothing is taken for so long."""
        self._blocked_until = now + length

    def wait(self, now: datetime) -> timedelta:
        """How long nothing is taken, zero if something is."""
        return max(self._blocked_until - now, timedelta()) if self._blocked_until else timedelta()

    def percent(self, now: datetime) -> float:
        """How much is used."""
        return 100.0 if self.wait(now) else 100 * self._total(now) / (self.size.most + self.extra)

    def reset(self, now: datetime) -> timedelta:
        """How long until all of it is forgotten."""
        last = self._spent[-1][0] + self.size.window - now if self._spent else timedelta()
        return max(last, self.wait(now))

    def _total(self, now: datetime) -> int:
        while self._spent and self._spent[0][0] <= now - self.size.window:
            self._sum -= self._spent.popleft()[1]
        return self._sum

    def _until_free(self, points: int, now: datetime) -> timedelta:
        for at, spent in self._spent:
            points -= spent
            if points <= 0:
                return at + self.size.window - now
        return self.size.window


class Limits:
    """All limits, of the app and of every account that was called."""

    def __init__(self) -> None:
        self._sizes = dict(_SIZES)
        self._made: dict[tuple[LimitName, str | None], RollingLimit] = {}

    def of(self, name: LimitName, account: Account | None) -> RollingLimit:
        """The limit of that account; of the app whatever the account."""
        key = name, None if name is LimitName.APP or account is None else account.id
        if key not in self._made:
            ads = account.of_kind("ad") if account and name is LimitName.ADS_MANAGEMENT else ()
            active = sum(ad.values["status"] == "ACTIVE" for ad in ads)
            self._made[key] = RollingLimit(self._sizes[name], extra=_ACTIVE_AD * active)
        return self._made[key]

    def resize(self, name: LimitName, size: Size) -> None:
        """For all accounts from now on; what was counted is forgotten. Active ads still add to ads management."""
        self._sizes[name] = size
        self._made = {key: limit for key, limit in self._made.items() if key[0] is not name}

    def charge(self, account: Account | None, points: int, now: datetime) -> None:
        """Counts one call against every limit that it falls under, or against none.

        Raises:
            GraphError: one of them has no room.
        """
        names = LimitName if account else (LimitName.APP,)
        due = {name: points if name is LimitName.SCORE else 1 for name in names}
        for name, count in due.items():
            if not self.of(name, account).has_room(count, now):
                raise _refusal(name)
        for name, count in due.items():
            self.of(name, account).spend(count, now)

    def headers(self, accounts: Collection[Account], now: datetime) -> dict[str, str]:
        """What an answer about these accounts says of usage: three JSON texts, each only once there is enough to tell.

        The header of the score tells of one account: the fullest.
        """
        called = {account.id: account for account in accounts}.values()
        shown = {}
        if (app := self.of(LimitName.APP, None)).percent(now) >= _LEAST_SHOWN:
            shown["X-App-Usage"] = _text(_shares(app, now))
        scores = [self.of(LimitName.SCORE, account) for account in called]
        score = max(scores, key=lambda each: each.percent(now), default=None)
        if score and score.percent(now) >= _LEAST_SHOWN:
            shown["X-Ad-Account-Usage"] = _text(_score(score, now))
        cases = {account.id.removeprefix("act_"): self.of(LimitName.ADS_MANAGEMENT, account) for account in called}
        told = {key: [_use_case(case, now)] for key, case in cases.items() if case.percent(now) >= _LEAST_SHOWN}
        return {**shown, "X-Business-Use-Case-Usage": _text(told)} if told else shown


def _refusal(name: LimitName) -> GraphError:
    match name:
        case LimitName.APP:
            return GraphError(4, "(#4) Application request limit reached", subcode=1504022)
        case LimitName.ADS_MANAGEMENT:
            return too_many_calls()
        case LimitName.SCORE:
            return GraphError(17, "(#17) User request limit reached", subcode=2446079)


def _shares(limit: RollingLimit, now: datetime) -> dict[str, object]:
    percent = int(limit.percent(now))
    return {"call_count": percent, "total_time": percent // 2, "total_cputime": percent // 4}


def _score(limit: RollingLimit, now: datetime) -> dict[str, object]:
    """`reset_time_duration` is in seconds."""
    reset = math.ceil(limit.reset(now).total_seconds())
    percent = round(limit.percent(now), 2)
    return {"acc_id_util_pct": percent, "reset_time_duration": reset, "ads_api_access_tier": _TIER}


def _use_case(limit: RollingLimit, now: datetime) -> dict[str, object]:
    """`estimated_time_to_regain_access` is in minutes."""
    return {
        "type": LimitName.ADS_MANAGEMENT,
        **_shares(limit, now),
        "estimated_time_to_regain_access": math.ceil(limit.wait(now) / timedelta(minutes=1)),
        "ads_api_access_tier": _TIER,
    }


def _text(document: object) -> str:
    return orjson.dumps(document).decode()
