"""What `up` is told by PostgreSQL: every check once, however transactions interleave, and totals that add up."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest

from services.automation_cli.up.watch import Watch
from weathertrigger.storage import activity
from weathertrigger.storage.database import Database
from weathertrigger.storage.migrate import migrate
from weathertrigger.storage.notifications import notify

_AT = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
_INSERT = """
INSERT INTO automation_executions (rule_id, scheduled_for, trigger, executed_at, success, conditions_met, outcome,
    reason, execution_metrics, worker_id)
VALUES (%s, %s, 'slot', %s, true, true, 'met', 'Fired.', '{"weatherApiCalls": 1, "metaApiCalls": 2}', 'w')
"""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Migrated, with one check from before."""
    database = Database(database_url, application_name="test")
    migrate(database)
    with closing(psycopg2.connect(database_url)) as connection:
        connection.cursor().execute(_INSERT, ("before", _AT, _AT))
        connection.commit()
    yield database
    database.close()


def test_a_check_that_is_committed_after_a_younger_one_is_not_missed(database: Database, database_url: str) -> None:
    """Ids are given before the commit: the first transaction commits last, and both checks are told, once each."""
    watch = Watch(database, database.run(activity.starting_point))
    with closing(psycopg2.connect(database_url)) as slow, closing(psycopg2.connect(database_url)) as quick:
        slow.cursor().execute(_INSERT, ("slow", _AT, _AT))
        quick.cursor().execute(_INSERT, ("quick", _AT, _AT))
        quick.commit()
        assert [check.rule_id for check in watch.look().checks] == ["quick"]
        slow.commit()
        assert [check.rule_id for check in watch.look().checks] == ["slow"]
    assert list(watch.look().checks) == []
    assert watch.checks_seen == 2


def test_totals_count_from_the_starting_point(database: Database, database_url: str) -> None:
    """Checks, calls (those apart too) and lateness since then; a slot from before the first check has no lateness,
    because the services were still starting."""
    with closing(psycopg2.connect(database_url)) as connection:
        cursor = connection.cursor()
        cursor.execute("INSERT INTO calls_apart (service, calls) VALUES ('meta_ads', 10)")
        connection.commit()
        watch = Watch(database, database.run(activity.starting_point))
        cursor.execute(_INSERT, ("a", _AT, _AT + timedelta(seconds=60)))
        cursor.execute(_INSERT, ("a", _AT + timedelta(seconds=90), _AT + timedelta(seconds=90, milliseconds=40)))
        cursor.execute("UPDATE calls_apart SET calls = calls + 3")
        connection.commit()
    totals = watch.final_totals()
    assert totals.checks == 2
    assert totals.outcomes == {"met": 2}
    assert totals.api_calls == {"openweather": 2, "meta_ads": 7, "google_ads": 0}
    assert (totals.lateness_p50, totals.lateness_p99) == (40, 40)


def test_what_people_are_told_is_told_once(database: Database) -> None:
    """A notification of after the starting point, in one look; not those of before."""
    database.run(lambda tx: notify(tx, kind="rule_paused", subject="wet", message="Rule wet is paused."))
    watch = Watch(database, database.run(activity.starting_point))
    database.run(lambda tx: notify(tx, kind="rule_paused", subject="dry", message="Rule dry is paused."))
    assert [one.message for one in watch.look().told] == ["Rule dry is paused."]
    assert list(watch.look().told) == []
