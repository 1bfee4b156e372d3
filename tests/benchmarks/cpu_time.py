"""CPU seconds of processes with everything that they started, from /proc (Linux)."""

import os
from collections.abc import Mapping
from pathlib import Path

_PROC = Path("/proc")


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """By name; empty where there is no /proc. Children that have ended count with whoever collected them."""
    if not _PROC.exists():
        return {}
    parents, used = _processes()
    total = dict.fromkeys(pids, 0.0)
    names = {pid: name for name, pid in pids.items()}
    for pid, seconds in used.items():
        ancestor = pid
        while ancestor not in names and ancestor in parents:
            ancestor = parents[ancestor]
        if ancestor in names:
            total[names[ancestor]] += seconds
    return total


def cpu_between(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What was used between two looks."""
    return {name: after[name] - seconds for name, seconds in before.items()}


def _processes() -> tuple[dict[int, int], dict[int, float]]:
    """Of every process, its parent and its CPU seconds (proc(5), `stat`, fields 4 and 14 to 17)."""
    ticks = os.sysconf("SC_CLK_TCK")
    parents, used = {}, {}
    for folder in _PROC.iterdir():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended while we were looking
            parents[int(folder.name)] = int(fields[1])
            used[int(folder.name)] = sum(map(int, fields[11:15])) / ticks
    return parents, used
