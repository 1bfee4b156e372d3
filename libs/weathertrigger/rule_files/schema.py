"""The two outer schemas of a rules file: the file, and one rule of it. The parts have a file each."""

from marshmallow import ValidationError

from weathertrigger.domain.hold import NO_HOLD, OnNoData
from weathertrigger.domain.rule import ManualChange, Mode
from weathertrigger.rule_files.active_hours import active_from, dates_from, time_of_day_from
from weathertrigger.rule_files.caps import caps_from
from weathertrigger.rule_files.conditions import when_from
from weathertrigger.rule_files.durations import catch_up_from, interval_from
from weathertrigger.rule_files.holds import hold_from
from weathertrigger.rule_files.places import place_from
from weathertrigger.rule_files.scalars import name_from, own_id_from, priority_from, word_of, yes_or_no_from
from weathertrigger.rule_files.shapes import shaped
from weathertrigger.rule_files.strict import Read, StrictSchema
from weathertrigger.rule_files.targets import targets_from

MOST_RULES = 10_000
"""Rules in one file."""


@shaped({"type": "array"})
def _rules_from(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValidationError("is not a list of rules; write each after a '-'")
    if not 0 < len(value) <= MOST_RULES:
        raise ValidationError(f"has {len(value)} rules; write 1 to {MOST_RULES}")
    return value


class FileSchema(StrictSchema):
    """`owner` and `rules`. The rules stay as they are, to be read one by one."""

    error_messages = {"type": "a rules file holds owner: and rules:"}  # noqa: RUF012 - marshmallow reads it from the class

    owner = Read(own_id_from, required=True)
    rules = Read(_rules_from, required=True)


class RuleSchema(StrictSchema):
    """One rule, to a dict of `domain.rule.Rule`'s own words but for owner and version."""

    error_messages = {"type": "a rule is a mapping with id, place, every, when and targets"}  # noqa: RUF012 - as above

    not_yet = frozenset({"cases", "places", "quorum", "notify"})

    id = Read(own_id_from, required=True)
    name = Read(name_from)
    place = Read(place_from, required=True)
    interval = Read(interval_from, key="every", required=True)
    at = Read(time_of_day_from)
    catch_up = Read(catch_up_from)
    condition = Read(when_from, key="when", required=True)
    spans = Read(active_from, key="active")
    dates = Read(dates_from)
    hold = Read(hold_from, default=NO_HOLD)
    on_no_data = Read(word_of(OnNoData, "what to do without data"), default=OnNoData.HOLD)
    targets = Read(targets_from, required=True)
    priority = Read(priority_from, default=0)
    mode = Read(word_of(Mode, "a mode"), default=Mode.DRY_RUN)
    enabled = Read(yes_or_no_from, default=True)
    largest_raise = Read(caps_from, key="caps")
    on_manual_change = Read(word_of(ManualChange, "an answer to a change by hand"), default=ManualChange.YIELD)


FILE_SCHEMA, RULE_SCHEMA = FileSchema(), RuleSchema()
