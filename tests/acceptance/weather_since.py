"""What has happened since a moment: calls, checks, notifications, planned changes, states of rules."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.acceptance.weather_ground import WeatherGround
from weathertrigger.storage import checks
from weathertrigger.storage.database import Row

_NOTIFIED = "SELECT kind, subject, message FROM notifications WHERE id > %(last)s ORDER BY id"
_CHECKED = """
SELECT outcome, substring(reason FROM '[(](OpenWeather|Open-Meteo), observed') AS named,
       count(DISTINCT rule_id) AS rules
FROM automation_executions WHERE executed_at > %(since)s GROUP BY 1, 2
"""
_LATEST = """
SELECT max(executed_at - coalesce(coalesced_from, scheduled_for)) AS late FROM automation_executions
WHERE executed_at > %(since)s AND trigger = 'slot'
"""

Entry = Mapping[str, Any]  # Any: an entry of the journal is a JSON object


class Since:
    """Looks back to the moment at which it was made."""

    def __init__(self, ground: WeatherGround) -> None:
        self._ground = ground
        self._seen = len(ground.sandbox.journal())
        self._at = ground.database.run(checks.clock)
        (self._notified,) = ground.rows("SELECT coalesce(max(id), 0) AS id FROM notifications")[0]
        self._decided = self._decisions()

    def calls(self, service: str) -> list[Entry]:
        """What the sandbox was asked of this service, in the order in which it was done with it."""
        return [one for one in self._ground.sandbox.journal(self._seen) if one["service"] == service]

    def calls_by_place(self, path: str) -> Counter[str]:
        """How often OpenWeather was asked at this path for each place, by the place's id."""
        paths = [one["path"] for one in self.calls("openweather") if one["path"].startswith(path)]
        asked = (re.search(r"lat=([-.\d]+)&lon=([-.\d]+)", one) for one in paths)
        return Counter(f"{match[1]},{match[2]}" for match in asked if match)

    def notifications(self) -> list[tuple[str, str]]:
        """Kind and subject of each, sorted."""
        return sorted((row.kind, row.subject) for row in self.told())

    def told(self) -> list[Row]:
        """The notifications in their order: `kind, subject, message`."""
        return self._ground.rows(_NOTIFIED, last=self._notified)

    def verdicts(self) -> dict[tuple[str, str | None], int]:
        """How many rules had these outcomes, by the provider whom the sentence names."""
        return {(row.outcome, row.named): row.rules for row in self._ground.rows(_CHECKED, since=self._at)}

    def latest_seconds(self) -> float:
        """How late the latest check was."""
        (row,) = self._ground.rows(_LATEST, since=self._at)
        return 0.0 if row.late is None else row.late.total_seconds()

    def nothing_decided(self) -> bool:
        """Whether no change was planned and every rule is in the state in which it was."""
        return self._decided == self._decisions()

    def _decisions(self) -> tuple[int, dict[str, str]]:
        (planned,) = self._ground.rows("SELECT count(*) AS planned FROM ad_changes")
        states = self._ground.rows("SELECT id, state FROM automation_rules")
        return planned.planned, {row.id: row.state for row in states}
