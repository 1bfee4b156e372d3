"""The three switches between live and dry run: installation, account, rule; the strictest applies (semantics 27)."""

from weathertrigger.domain.rule import Mode
from weathertrigger.storage.database import Transaction
from weathertrigger.storage.pauses import Covered, Scope
from weathertrigger.storage.queries import load_queries

_SQL = "modes"


def rules_concerned(tx: Transaction, covered: Covered) -> list[str]:
    """The rules that a switch of this scope may make live, or stop; a rule by its name also where it has no targets."""
    if covered.scope is Scope.RULE:
        return [covered.subject]
    rows = tx.rows(load_queries(_SQL)["rules_concerned"], _named(covered))
    return [row.rule_id for row in rows]


def set_installation(tx: Transaction, mode: Mode) -> Mode | None:
    """Switches the installation; gives what it was, None where that was never said."""
    row = tx.row(load_queries(_SQL)["set_installation"], {"mode": mode})
    return Mode(row.mode) if row else None


def set_accounts(tx: Transaction, covered: Covered, mode: Mode) -> list[str]:
    """Switches an account, or those of a user; gives those that stood otherwise."""
    rows = tx.rows(load_queries(_SQL)["set_accounts"], {**_named(covered), "mode": mode})
    return sorted(row.id for row in rows)


def in_dry_run(tx: Transaction, covered: Covered) -> list[Covered]:
    """What keeps something of the scope in dry run: the installation, accounts, enabled rules."""
    rows = tx.rows(load_queries(_SQL)["standing"], _named(covered))
    return [Covered(Scope(row.scope), row.subject) for row in rows]


def _named(covered: Covered) -> dict[str, object]:
    return {"scope": covered.scope.value, "subject": covered.subject}
