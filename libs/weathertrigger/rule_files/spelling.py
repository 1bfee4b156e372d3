"""A rule as a person would write it: the canonical document without what goes without saying, lengths in large units.

It loads again to the same rule. What is not made friendlier here is left as the canonical document has it.
"""

from datetime import timedelta

from weathertrigger.domain.rule import Ending, Rule
from weathertrigger.rule_files.durations import spoken
from weathertrigger.rules.canonical import Document
from weathertrigger.rules.rule_documents import rule_document

_DEFAULTS: Document = {"priority": 0, "enabled": True}
_USUAL_ENDING = ("otherwise", Ending.BASELINE.value)
_LENGTHS = frozenset({"every", "catch_up", "for", "keep_for"})


def spelled(rule: Rule, *, whole: bool = False) -> Document:
    """The rule, as it stands under `rules:` of its owner's file; `whole`: with what goes without saying."""
    document = rule_document(rule)
    silent = {"owner"} if whole else {"owner", *_unsaid(rule, document)}
    return {key: _friendly(key, value, whole=whole) for key, value in document.items() if key not in silent}


def _unsaid(rule: Rule, document: Document) -> set[str]:
    unsaid = {key for key, default in _DEFAULTS.items() if document[key] == default}
    return unsaid | {"name"} if rule.name == rule.id else unsaid


def _friendly(key: str, value: object, *, whole: bool) -> object:
    if key == "place":
        return _place(value)
    if key == "places" and isinstance(value, list):
        return {place["name"]: _place({key: said for key, said in place.items() if key != "name"}) for place in value}
    if key in _LENGTHS and isinstance(value, str):
        return spoken(timedelta(seconds=float(value.removesuffix(" s"))))
    if isinstance(value, dict):
        said = {inner: one for inner, one in value.items() if whole or (inner, one) != _USUAL_ENDING}
        return {inner: _friendly(inner, one, whole=whole) for inner, one in said.items()}
    return [_friendly("", one, whole=whole) for one in value] if isinstance(value, list) else value


def _place(place: object) -> object:
    """Two numbers, where there is nothing else to say."""
    if isinstance(place, dict) and place.keys() == {"latitude", "longitude"}:
        return f"{place['latitude']},{place['longitude']}"
    return place
