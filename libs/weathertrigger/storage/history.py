"""What was checked and what was changed, for people."""

from dataclasses import asdict, dataclass
from datetime import datetime

from weathertrigger.domain.change import ChangeState
from weathertrigger.domain.rule import FieldName
from weathertrigger.storage.database import Row, Transaction
from weathertrigger.storage.queries import load_queries

_SQL = "history"


def executions(tx: Transaction, *, rule_id: str | None = None, limit: int) -> list[Row]:
    """The newest checks first; every column of the table, `rule` for the rule's id."""
    statement = "executions" if rule_id is None else "executions_of_rule"
    return tx.rows(load_queries(_SQL)[statement], {"rule_id": rule_id, "limit": limit})


def execution(tx: Transaction, execution_id: int) -> Row | None:
    """One check, in the columns of `executions`."""
    return tx.row(load_queries(_SQL)["execution"], {"execution_id": execution_id})


def changes_of_execution(tx: Transaction, rule_id: str, execution_id: int) -> list[Row]:
    """The changes that a check of the rule asked for, the first one first; values in the platform's form."""
    return tx.rows(load_queries(_SQL)["changes_of_execution"], {"rule_id": rule_id, "execution_id": execution_id})


@dataclass(frozen=True, slots=True)
class Wished:
    """Which changes are asked for: those that are as all of these say. `field` is the name of one, such as `status`."""

    change_id: int | None = None
    rule_id: str | None = None
    execution_id: int | None = None
    account_id: str | None = None
    field_id: int | None = None
    field: FieldName | None = None
    state: ChangeState | None = None
    since: datetime | None = None


def changes(tx: Transaction, wished: Wished, *, limit: int) -> list[Row]:
    """The newest changes first, with the field that each one is of; values in the platform's form."""
    return tx.rows(load_queries(_SQL)["changes"], {**asdict(wished), "limit": limit})
