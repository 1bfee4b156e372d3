"""A rule with `for_each` becomes one rule for each row, as if each were written out, before anything is validated."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from marshmallow import ValidationError

from weathertrigger.rule_files.csv_rows import Row, room, rows_of_csv
from weathertrigger.rule_files.placeholders import Budget, Exhausted, Filler, has_placeholder
from weathertrigger.rule_files.read import Block, Items
from weathertrigger.rule_files.schema import MOST_RULES
from weathertrigger.rule_files.sentences import printable, shown
from weathertrigger.rule_files.shapes import TEXT, shaped
from weathertrigger.rule_files.strict import Read, StrictSchema, each

FOR_EACH = "for_each"

MOST_FAULTY_ROWS = 100
"""After so many the rest of a template's rows is not looked at."""

MOST_VALUES = 1_000_000
"""Words, numbers, mappings and lists of all rules that the templates of one file make."""


class Origin(NamedTuple):
    """Where a rule comes from: its place in the file and, of a template, the row."""

    rule: int
    row: str | None = None


class WrittenOut(Items):
    """The rules of a file with every template written out. The lines are those of the file."""

    __slots__ = ("origins", "rows")

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.origins: list[Origin] = []
        self.rows: Counter[int] = Counter()
        """How many rows of each template were looked at."""

    def add(self, rule: object, origin: Origin, line: int) -> None:
        """One more rule."""
        self.append(rule)
        self.origins.append(origin)
        self.lines.append(line)


class Refusal(NamedTuple):
    """What is wrong with a template as such, or with one row of it: nested messages, as marshmallow has them."""

    origin: Origin
    messages: object


def write_out(rules: Items, folder: Path | None) -> tuple[WrittenOut, list[Refusal]]:
    """The rules with every template written out, and what could not be; files of rows are looked for in the folder."""
    written = WrittenOut(rules.line)
    refused: list[Refusal] = []
    budget = Budget(MOST_VALUES)
    for index, (rule, line) in enumerate(zip(rules, rules.lines, strict=True)):
        if not isinstance(rule, Block) or FOR_EACH not in rule:
            written.add(rule, Origin(index), line)
            continue
        try:
            rows = _rows_of(rule, folder, most=MOST_RULES - len(written))
            refused += _write_rows(rule, rows, index, budget, written)
        except ValidationError as error:
            refused.append(Refusal(Origin(index), error.messages))
        except Exhausted:
            too_much = {FOR_EACH: [f"makes too much: more than {MOST_VALUES} values; nothing was looked at"]}
            return WrittenOut(rules.line), [Refusal(Origin(index), too_much)]
    return written, refused


def _write_rows(rule: Block, rows: Sequence[Row], index: int, budget: Budget, written: WrittenOut) -> Iterator[Refusal]:
    """Writes the rule of every row; gives what is wrong with the others."""
    template = Block(rule.line)
    template.lines = rule.lines
    template.update({key: value for key, value in rule.items() if key != FOR_EACH})
    faulty = 0
    for row in rows:
        origin = Origin(index, row.spoken)
        written.rows[index] += 1
        try:
            written.add(Filler(row, budget).value(template), origin, rule.line)
        except ValidationError as error:
            faulty += 1
            yield Refusal(origin, error.messages)
        if faulty == MOST_FAULTY_ROWS:
            more = f"{MOST_FAULTY_ROWS} rows have faults; the rows after them were not looked at"
            yield Refusal(Origin(index), {FOR_EACH: [more]})
            return


def _rows_of(rule: Block, folder: Path | None, *, most: int) -> Sequence[Row]:
    try:
        rows = _rows(rule[FOR_EACH], folder, most)
    except ValidationError as error:
        raise ValidationError({FOR_EACH: error.messages}) from error
    name = rule.get("id")
    if len(rows) > 1 and isinstance(name, str) and not has_placeholder(name):
        column = next(iter(rows[0].values), "store")
        raise ValidationError(
            {"id": [f"is the same for all {len(rows)} rows; write {printable(name)}-{{{printable(column)}}}"]}
        )
    return rows


@shaped(TEXT)
def _path_from(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValidationError(f"{shown(value)} is not the name of a file; write for example stores.csv")
    return value


class _CsvSchema(StrictSchema):
    csv = Read(_path_from, required=True)


CSV = _CsvSchema()


def _rows(value: object, folder: Path | None, most: int) -> Sequence[Row]:
    if isinstance(value, dict):
        path: str = CSV.read(value)["csv"]
        if folder is None:
            raise ValidationError({"csv": ["no file can be read here; write the rows as a list"]})
        try:
            return rows_of_csv(path, folder, most=most)
        except ValidationError as error:
            raise ValidationError({"csv": error.messages}) from error
    if not isinstance(value, Items):
        raise ValidationError(f"{shown(value)} is neither {{csv: stores.csv}} nor a list of mappings")
    if not value:
        raise ValidationError("is empty; name at least one row")
    if len(value) > most:
        raise ValidationError(f"has {len(value)} rows; {room(most)}")
    mappings = each(value, _mapping)
    return [
        Row(f"row {number} (line {line})", mapping, "its row")
        for number, (mapping, line) in enumerate(zip(mappings, value.lines, strict=True), 1)
    ]


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValidationError(f"{shown(value)} is not a mapping; write for example {{store: lyon}}")
    return value
