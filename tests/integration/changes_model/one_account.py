"""The engine's real steps on one account in memory, which nobody edits: for the small machines about pace and calls."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.integration.changes_model.oracle import Word, said
from tests.integration.changes_model.platform import Landed, PlatformInMemory
from tests.integration.engine import Engine
from tests.integration.redis_time import pass_time
from tests.integration.rule_documents import META, Document
from tests.integration.schedule_model.ground import Ground
from weathertrigger.domain.change import Carrier
from weathertrigger.domain.weather import Metric, Value
from weathertrigger.instants import to_ms


class OneAccount(RuleBasedStateMachine):
    """`found` is what is there at first, `priorities` are those of the rules, `targets` what each wants of which field,
    `otherwise` where that is not the baseline."""

    ground: Ground
    found: Mapping[Carrier, str]
    priorities: Mapping[str, int]
    targets: Mapping[str, Mapping[Carrier, str]]
    otherwise: Mapping[tuple[str, Carrier], str] = {}

    def __init__(self) -> None:
        super().__init__()
        self.ground.reset()
        self.engine: Engine = self.ground.engine
        self.engine.execute("UPDATE ad_accounts SET lease_until = NULL, fence = fence + 1, largest_raise_a_day = NULL")
        self.platform = PlatformInMemory(dict(self.found), self.ground.now)
        self.engine.platforms = {"meta_ads": self.platform}
        self.engine.apply(*(self.document(rule_id) for rule_id in self.targets))
        self.enabled = dict.fromkeys(self.targets, True)

    def document(self, rule_id: str, **more: object) -> Document:
        raise NotImplementedError

    def judge(self, rule_id: str, weather: Mapping[Metric, Value]) -> None:
        if self.enabled[rule_id]:
            self.engine.judge(weather, rule_id)

    def edit(self, rule_id: str, *, enabled: bool) -> None:
        self.enabled[rule_id] = enabled
        self.engine.apply(self.document(rule_id, enabled=enabled))

    def act(self) -> list[Landed]:
        """A doorbell; gives what was written."""
        known = len(self.platform.journal)
        self.engine.act(META)
        return self.platform.journal[known:]

    def advance(self, passed: timedelta, *, working: bool) -> None:
        """Time passes; where ad-action works, every look is made when it is due."""
        until = self.ground.now() + passed
        while working and (due := self.next_due()) and due < until:
            self.put_clock(max(self.ground.now(), due) + timedelta(milliseconds=1))
            self.act()
        self.put_clock(max(self.ground.now(), until))

    def next_due(self) -> datetime | None:
        """When there is something to do and nobody at the account."""
        due: datetime | None = self.engine.value(
            "SELECT greatest(min(f.next_at), min(a.lease_until)) FROM ad_fields f"
            " JOIN ad_accounts a ON a.id = f.account_id WHERE f.next_at IS NOT NULL"
        )
        return due

    def put_clock(self, at: datetime) -> None:
        """Of PostgreSQL, of the platform, and of Redis."""
        pass_time(self.engine.redis, at - self.ground.now())
        self.ground.put_clock(to_ms(at))

    def word(self, carrier: Carrier) -> tuple[str, str, str] | None:
        """Semantics 19: whose word counts on the field, if anybody's."""
        states = {row.id: row.state for row in self.engine.rows("SELECT id, state FROM automation_rules")}
        return said(
            Word(
                rule_id,
                self.priorities[rule_id],
                live=self.enabled[rule_id],
                active=states[rule_id] == "active",
                judged=states[rule_id] != "unjudged",
                expression=targets[carrier],
                otherwise=self.otherwise.get((rule_id, carrier), "baseline"),
            )
            for rule_id, targets in self.targets.items()
            if carrier in targets
        )


def run_histories(
    engine: Engine, machine: type[RuleBasedStateMachine], examples: int, steps: int, *set_up: str, **options: Any
) -> None:
    """Runs so many histories of the machine on the ground of this engine, whose database is set up so once."""
    ground = Ground(engine)
    ground.set_up()
    for statement in set_up:
        engine.execute(statement)
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **options,
    )
    run_state_machine_as_test(type("Machine", (machine,), {"ground": ground}), settings=chosen)
