"""Loads the statements of one `sql/*.sql` file by name.

A file is a sequence of statements, each under a line `-- name --` and one line of purpose.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_HEADING = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


@cache
def load_queries(aggregate: str) -> Mapping[str, str]:
    """Name to statement, for `sql/<aggregate>.sql`."""
    text = files("weathertrigger.storage").joinpath("sql", f"{aggregate}.sql").read_text(encoding="utf-8")
    _, *parts = _HEADING.split(text)
    return dict(zip(parts[::2], (statement.strip() for statement in parts[1::2]), strict=True))
