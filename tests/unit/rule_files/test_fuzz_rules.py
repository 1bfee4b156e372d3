"""A rule in which anything was changed is refused with named faults, or judged in any weather without an exception."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from tests import strategies
from tests.unit.rule_files.loading import FIVE_MINUTES
from tests.unit.rule_files.test_fuzz import DOCUMENTS
from weathertrigger.domain.memory import NOTHING
from weathertrigger.domain.rule import Rule
from weathertrigger.errors import InvalidRules
from weathertrigger.rule_files.load import load_rules
from weathertrigger.rule_files.spelling import spelled
from weathertrigger.rules.judge import THE_PLACE, PlaceWeather, criteria_of, judge

_HERE = ZoneInfo("America/New_York")


def _loaded(text: str, folder: Path | None = None) -> tuple[Rule, ...]:
    """The rules; none where there are faults, which all name themselves in one printable line."""
    try:
        return load_rules(text, name="x", minimum_interval=timedelta(seconds=1), folder=folder).rules
    except InvalidRules as error:
        faults = error.faults
    assert faults
    assert all(str(fault).isprintable() for fault in faults)
    return ()


@given(strategies.all_rules, st.data())
def test_a_changed_rule_is_refused_or_judged(rule: Rule, data: st.DataObject) -> None:
    """One value anywhere in a rule is another one, is gone, or is there twice."""
    document: dict[str, Any] = json.loads(json.dumps(spelled(rule)))
    _change(document, data)
    for loaded in _loaded(json.dumps({"owner": "a", "rules": [document]})):
        seen, around = data.draw(strategies.looks())
        places = [place.id for place in loaded.places] if loaded.other_places else [THE_PLACE]
        weather = dict.fromkeys(places, PlaceWeather(seen, around))
        criteria = criteria_of(loaded, _HERE, *(_HERE for _ in loaded.other_places))
        first = judge(criteria, NOTHING, weather, around.at)
        assert first.truth in {True, False, None}
        again = judge(
            criteria, first.memory, {place: PlaceWeather(None, reason="gone") for place in weather}, around.at
        )
        assert again.truth in {True, False, None}


def _change(document: Any, data: st.DataObject) -> None:
    """Walks down to a value of the document and changes it."""
    here = document
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = here[key]
        if isinstance(inner, dict | list) and inner and data.draw(st.integers(0, 4)):
            here = inner
            continue
        match data.draw(st.sampled_from(["other", "other", "gone", "moved"])):
            case "other":
                here[key] = data.draw(DOCUMENTS)
            case "gone":
                del here[key]
            case _ if isinstance(here, list):
                here.append(inner)
            case _:
                here[data.draw(st.sampled_from(["release", "at", "cases", "places", "quorum", "over", "for_each"]))] = (
                    inner
                )
        return


@given(rows=DOCUMENTS)
def test_any_rows_are_answered(rows: object) -> None:
    """`for_each` may be any JSON."""
    rule = {"id": "a-{n}", "for_each": rows, "place": "{place}", "every": "{n}", "when": "{w}", "targets": ["{n}"]}
    _loaded(json.dumps({"owner": "a", "rules": [rule]}))


@example(content=b'""\x01\t')
@given(content=st.binary(max_size=200) | st.text(alphabet='n,;"\n\r\t {}1é', max_size=60).map(str.encode))
def test_any_csv_is_answered(tmp_path_factory: Any, content: bytes) -> None:
    """The file of rows may hold any bytes."""
    folder = tmp_path_factory.getbasetemp()
    (folder / "rows.csv").write_bytes(content)
    target = {"account": "a", "ad_set": "{n}", "set": {"status": "enabled"}}
    when = {"metric": "rain", "above": "{n}", "unit": "mm/h"}
    rule = {"id": "a-{n}", "for_each": {"csv": "rows.csv"}, "place": "1,2", "every": "1 h", "when": when}
    _loaded(json.dumps({"owner": "a", "rules": [{**rule, "targets": [target]}]}), folder)


def test_long_conditions_are_looked_at_in_a_moment() -> None:
    """Two hundred comparisons nested twenty deep, in a rule of many cases, are no trap for the advice."""

    def nest(depth: int, above: int) -> dict[str, Any]:
        leaf = {"metric": "rain", "above": above, "unit": "mm/h"}
        word = "all" if depth % 2 else "any"
        return leaf if depth == 1 else {word: [leaf, {**leaf, "above": above + depth}, nest(depth - 1, above)]}

    cases = [{"when": nest(4, number), "set": {"status": "enabled"}} for number in range(20)]
    rule = {"place": "1,2", "every": "1 h", "targets": [{"account": "a", "ad_set": "1"}]}
    deep = {**rule, "when": nest(19, 1), "targets": [{"account": "a", "ad_set": "2", "set": {"status": "paused"}}]}
    rules = [{**rule, "id": "cases", "cases": cases}, *({**deep, "id": f"deep-{number}"} for number in range(50))]
    file = load_rules(json.dumps({"owner": "a", "rules": rules}), name="x", minimum_interval=FIVE_MINUTES)
    assert len(file.rules) == 51
