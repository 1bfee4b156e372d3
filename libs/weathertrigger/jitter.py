"""How long to wait before the next attempt."""

import secrets

_STEPS = 1_000_000


def full_jitter(attempt: int, *, base: float, cap: float) -> float:
    """Seconds before attempt number `attempt + 1`: uniform between 0 and `base * 2 ** attempt`, at most `cap`.

    Full jitter, after "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015).
    """
    ceiling: float = min(cap, base * 2.0 ** min(attempt, 30))
    return ceiling * secrets.randbelow(_STEPS + 1) / _STEPS
