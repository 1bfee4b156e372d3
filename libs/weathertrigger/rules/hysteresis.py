"""The last results of leaves with a `release` (semantics 7), from one judgement to the next.

A leaf is remembered by its number among those of its rule that have a release and, where the rule looks at several
places, by the place. Only what was measured is a result: what
is unknown, and what `if_missing` settles, leaves the last one as it was. Leaves that are equal are one.
"""

from collections.abc import Iterable, Iterator, Sequence

from weathertrigger.domain.condition import Comparison, Truth, When
from weathertrigger.domain.memory import Memory
from weathertrigger.rules.evaluation import LeafResult, Result
from weathertrigger.rules.needs import leaves_of


def with_release(condition: When) -> tuple[Comparison, ...]:
    """The leaves that have one, equal ones once, in the order in which they are written."""
    found = [leaf for leaf in leaves_of(condition) if isinstance(leaf, Comparison) and leaf.release is not None]
    return tuple(dict.fromkeys(found))


def on_of(leaves: Sequence[Comparison], memory: Memory, place_id: str = "") -> list[Comparison]:
    """Those of the leaves that were true at their last result at this place."""
    if not memory.on:
        return []
    return [leaf for number, leaf in enumerate(leaves) if _key(number, place_id) in memory.on]


def with_last_results(
    memory: Memory, leaves: Sequence[Comparison], results: Iterable[Result], place_id: str = ""
) -> Memory:
    """The memory with what these leaves came to at this place; itself if that is what it says already."""
    measured = {leaf: truth for result in results for leaf, truth in _measured(result)}
    keys = {_key(number, place_id): leaf for number, leaf in enumerate(leaves)}
    here = {key for key, leaf in keys.items() if measured.get(leaf, key in memory.on)}
    on = memory.on.difference(keys) | here
    return memory if on == memory.on else memory._replace(on=on)


def _key(number: int, place_id: str) -> str:
    return f"{number} {place_id}" if place_id else str(number)


def _measured(result: Result) -> Iterator[tuple[Comparison, Truth]]:
    if not isinstance(result, LeafResult):
        for part in result.parts:
            yield from _measured(part)
    elif isinstance(result.leaf, Comparison) and result.leaf.release is not None and result.missing is None:
        yield result.leaf, result.truth
