"""Which rules are tried: one that is stored, or those of a file, which need not be applied."""

import sys
from datetime import timedelta
from pathlib import Path

from weathertrigger.domain.rule import Rule
from weathertrigger.errors import NotThere, UsageError
from weathertrigger.rule_files.load import load_rules
from weathertrigger.rules.rule_documents import read_rule
from weathertrigger.storage import rules
from weathertrigger.storage.database import Database

_STANDARD_INPUT = "-"


def rules_to_try(what: str, rule_id: str | None, minimum_interval: timedelta, database: Database | None) -> list[Rule]:
    """The rules of the file of that name, or of it only the rule of that id; else the stored rule of that name.

    Files of rows are looked for beside the file.

    Raises:
        InvalidRules: with every fault of the file.
        NotThere: neither a file nor a rule, or no such rule in the file.
        UsageError: the rule is to be looked up, and there is no installation.
    """
    if what != _STANDARD_INPUT and not Path(what).is_file():
        if rule_id is not None:
            raise UsageError(f"--rule chooses one of the rules of a file, and there is no file {what!r}.")
        return [_stored(what, database)]
    text, name = (sys.stdin.buffer.read(), "<stdin>") if what == _STANDARD_INPUT else (Path(what).read_bytes(), what)
    found = load_rules(text, name=name, minimum_interval=minimum_interval, folder=Path(name).parent).rules
    chosen = [rule for rule in found if rule_id in (None, rule.id)]
    if not chosen:
        there = ", ".join([rule.id for rule in found]) or "none"
        raise NotThere(f"There is no rule {rule_id!r} in {name}; there are: {there}.")
    return chosen


def _stored(rule_id: str, database: Database | None) -> Rule:
    if database is None:
        raise UsageError(
            f"There is no file {rule_id!r}; to look for a rule of that id, set DATABASE_URL or start an installation "
            "in this directory with `make run`."
        )
    with database.transaction() as tx:
        kept = rules.get(tx, rule_id)
    if kept is None:
        raise NotThere(f"There is neither a file nor a rule {rule_id!r}; `automation-cli rules` lists the rules.")
    return read_rule(kept.document, version=kept.version)
