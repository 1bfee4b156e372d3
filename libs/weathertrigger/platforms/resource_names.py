"""The names of resources, the same on every platform: `kind/id`, such as `ad_set/23847` or `ad/222~333`."""

from collections.abc import Iterable


def kind_of(resource: str) -> str:
    """`ad_set` of `ad_set/23847`."""
    return resource.partition("/")[0]


def id_of(resource: str) -> str:
    """`23847` of `ad_set/23847`."""
    return resource.partition("/")[2]


def in_words(resource: str) -> str:
    """`ad set 23847` of `ad_set/23847`."""
    return resource.replace("_", " ").replace("/", " ", 1)


def by_kind(resources: Iterable[str], at_most: int) -> list[list[str]]:
    """The resources, each once, in groups of one kind and at most so many."""
    kinds: dict[str, list[str]] = {}
    for resource in dict.fromkeys(resources):
        kinds.setdefault(kind_of(resource), []).append(resource)
    return [each[start : start + at_most] for each in kinds.values() for start in range(0, len(each), at_most)]
