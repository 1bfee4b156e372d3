"""A host clock that is wrong by CLOCK_SHIFT_SECONDS. Python imports this first where its folder is on PYTHONPATH."""
# mypy: ignore-errors
# Its class pretends to be another one, which is just what types forbid.

import datetime as dt
import os
import time

_SHIFT = int(os.environ["CLOCK_SHIFT_SECONDS"])
_time, _time_ns, _Datetime = time.time, time.time_ns, dt.datetime


class _LooksLikeDatetime(type):
    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, _Datetime)


class _ShiftedDatetime(_Datetime, metaclass=_LooksLikeDatetime):
    """Makes nothing but true datetimes, for C code that looks at their exact type."""

    def __new__(cls, *args: int, **kwargs: int) -> _Datetime:
        return _Datetime(*args, **kwargs)

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> _Datetime:
        return _Datetime.now(tz) + dt.timedelta(seconds=_SHIFT)

    @classmethod
    def utcnow(cls) -> _Datetime:
        return cls.now(dt.UTC).replace(tzinfo=None)


time.time = lambda: _time() + _SHIFT
time.time_ns = lambda: _time_ns() + _SHIFT * 1_000_000_000
dt.datetime = _ShiftedDatetime
