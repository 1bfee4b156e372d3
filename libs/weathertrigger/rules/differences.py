"""What is different between two documents of the same kind, place by place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import orjson

Path = tuple[str | int, ...]

ABSENT = object()
"""What stands where there is nothing; null may be a value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that became another; `ABSENT` before or after: it is new, or gone. The path reads like `when.all[0]`;
    in a list it counts as the list was before for what is gone, and as it is afterwards for the rest."""

    path: str
    before: object
    after: object


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> list[Difference]:
    """Every difference, in the order of the document as it is afterwards; what is gone comes last at its level."""
    return list(_between(before, after, ()))


def _between(before: object, after: object, path: Path) -> Iterator[Difference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping) and (not path or before.keys() & after.keys()):
        for key in [*after, *(key for key in before if key not in after)]:
            yield from _between(before.get(key, ABSENT), after.get(key, ABSENT), (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _between_lists(before, after, path)
    elif before is ABSENT or after is ABSENT or _text(before) != _text(after):
        yield Difference(_spelled(path), before, after)


def _between_lists(before: Sequence[object], after: Sequence[object], path: Path) -> Iterator[Difference]:
    matcher = SequenceMatcher(None, [_text(one) for one in before], [_text(one) for one in after], autojunk=False)
    for word, first, end, first_after, end_after in matcher.get_opcodes():
        if word == "equal":
            continue
        both = min(end - first, end_after - first_after)
        for offset in range(both):
            yield from _between(before[first + offset], after[first_after + offset], (*path, first_after + offset))
        for index in range(first_after + both, end_after):
            yield Difference(_spelled((*path, index)), ABSENT, after[index])
        for index in range(first + both, end):
            yield Difference(_spelled((*path, index)), before[index], ABSENT)


def _text(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _spelled(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
