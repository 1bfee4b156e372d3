"""A cell of a CSV file: text, since a CSV knows nothing else, and a number or a yes where one is asked for."""

from weathertrigger.rule_files.read import plain


class Cell(str):
    """Stays text where text is wanted: the id 007 keeps its zeros."""

    __slots__ = ()


def typed(value: object) -> object:
    """A cell as it would be read without quotes in a rules file: 0.5, true, a word. Anything else stays as it is."""
    return plain(value) if isinstance(value, Cell) else value
