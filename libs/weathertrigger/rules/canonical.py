"""The canonical JSON of rules and their parts: what is stored, compared and exported.

The modules `*_documents.py` write and read it.
It is the language of rule files in its strictest spelling: but for `owner`, which stands once in a file, a canonical
rule under `rules:` loads again.
Money and percentages are text ("60.00 EUR", "+20 %"), keys come in one order, equal parts have equal documents.
Readers expect what the writer beside them made; of a document that cannot be read, those that go through
`read_canonical` raise ValueError, never another error. What reads a part for them raises whatever the look-up raises.
"""

from collections.abc import Callable
from typing import Any as Json  # JSON of our own making: its shape is checked by reading it
from typing import TypeVar

Document = dict[str, object]

_T = TypeVar("_T")


def read_canonical(reader: Callable[[Json], _T], document: Json, what: str) -> _T:
    """What the reader makes of the document, which is called `what` if it is none.

    Raises:
        ValueError: whatever the reader did not find in it.
    """
    try:
        return reader(document)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"not a canonical {what}: {error!r}") from error
