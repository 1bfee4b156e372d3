"""The fault runs in short, for every `make test`: everything that the long ones do one after the other, at once."""

import random
from pathlib import Path
from signal import SIGQUIT

from tests.acceptance.fault_fleet import WORKERS
from tests.acceptance.fault_ground import NAMESPACE, every_second, fault_ground
from tests.acceptance.fault_rules import frequent_rules
from tests.acceptance.message_doubler import MessageDoubler

_KILLS = {0: WORKERS, 2: ("scheduler",), 3: WORKERS, 6: ("scheduler",)}  # in these seconds


def test_everything_at_once(tmp_path: Path) -> None:
    """Kills, messages that come twice, a Redis that forgets and a PostgreSQL that crashes: every slot is recorded once.

    What a killed worker had in hand rings again after its lease of 15 s, so there the run spends its time.
    """
    chance = random.Random(20130611)  # noqa: S311 - a run that can be repeated
    with fault_ground(tmp_path) as ground:
        ground.add_rules(frequent_rules(30, intervals=(1, 2, 3)), daily=1)
        with MessageDoubler(ground.redis.url, NAMESPACE, chance) as doubler:
            for number in every_second(8):
                ground.fleet.kill_one(chance, *_KILLS.get(number, ()))
                if number == 1:
                    ground.client.flushall()
                if number == 5:
                    ground.crash(ground.postgres, SIGQUIT)
                    ground.start(ground.postgres)
            result = ground.settled(f"in short: {ground.fleet.kills} kills, all comes twice")
    assert ground.fleet.kills == len(_KILLS)
    assert doubler.messages > 10
    assert not result.found
    assert result.late(100) <= 45_000
