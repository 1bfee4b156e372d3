"""Redis: its version, whether it keeps what it is given, and whether it is ours alone. Nothing here reads every key."""

import re
from collections.abc import Mapping
from typing import Any as Info  # what INFO says: text and numbers, as the server has them
from typing import cast

from redis import Redis, ResponseError

from services.automation_cli.doctor.finding import Finding, fault, ok, warning
from weathertrigger.workers.redis_safety import SAFE_POLICY

_OLDEST = (6, 2)
_FULL = 0.6
_MANY_KEYS = 10_000


def server(_: Redis, info: Mapping[str, Info]) -> Finding:
    """Its version. Valkey says which Redis it is as good as."""
    version = str(info.get("redis_version", "unknown"))
    found = f"version {version}"
    if "valkey_version" in info:
        found = f"Valkey {info['valkey_version']} (as Redis {version})"
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < _OLDEST:
        return fault(found, "Use Redis 6.2 or newer, or Valkey.")
    return ok(found)


def eviction(_: Redis, info: Mapping[str, Info]) -> Finding:
    """Whether Redis may throw our keys away."""
    policy = str(info.get("maxmemory_policy", "unknown"))
    if policy != SAFE_POLICY:
        return fault(policy, f"Set maxmemory-policy to {SAFE_POLICY}: the services do not start without.")
    return ok(policy)


def memory(_: Redis, info: Mapping[str, Info]) -> Finding:
    """How full it is."""
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    if not most:
        return ok(f"{_mib(used)} used, no limit")
    found = f"{_mib(used)} of {_mib(most)} used ({used / most:.0%})"
    if used > _FULL * most:
        return warning(found, "Raise maxmemory, or find out what fills it: a full Redis takes no new work.")
    return ok(found)


def persistence(redis: Redis, info: Mapping[str, Info]) -> Finding:
    """Whether a restart of Redis loses the queues."""
    if info.get("aof_enabled"):
        return ok("append-only file")
    try:
        saves = cast("Mapping[str, str]", redis.config_get("save"))
    except ResponseError:  # managed servers do not let everybody ask
        return warning("no append-only file; snapshots cannot be told", "See that a restart keeps the data.")
    if saves.get("save"):
        return ok(f"snapshots ({saves['save']})")
    return warning("none", "Set appendonly to yes: after a restart, bells and queues are rebuilt, up to a minute late.")


def keys(redis: Redis, _: Mapping[str, Info]) -> Finding:
    """Whether others keep much in the same database: ours are few, whatever the number of rules."""
    count = redis.dbsize()
    if count > _MANY_KEYS:
        return warning(f"{count} keys", "Most are not ours; give WeatherTrigger a Redis of its own.")
    return ok(f"{count} keys")


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
