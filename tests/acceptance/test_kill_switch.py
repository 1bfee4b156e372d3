"""The kill switch against real workers, and then without any and without Redis."""

import json
from contextlib import closing
from pathlib import Path

from redis import Redis

from tests.acceptance.worker_processes import NAMESPACE, PATIENCE_S, Ground, ended
from tests.contract.sandbox_server import sandbox_thread
from tests.integration.engine import Engine
from tests.integration.rule_documents import DRY, META, OWNER, RAIN, budget, campaign_budget, rule
from tests.processes import wait_until
from weathertrigger.broker import make_broker
from weathertrigger.doorbells import ring_accounts
from weathertrigger.embedded import EmbeddedRedis
from weathertrigger.storage.database import Database

RAISED, BACK = ("ad_set/23848", "daily_budget", "9600"), ("ad_set/23848", "daily_budget", "8000")
ACCOUNTS = {META: "meta_ads", "google-acme": "google_ads"}


def test_the_kill_switch(migrated_url: str, tmp_path: Path) -> None:
    """Semantics 28: with two workers that live nothing is written from the pause on; with Redis and every worker killed
    `--direct` puts back what no rule wants any more; what waited goes on after `resume`."""
    with (
        EmbeddedRedis(tmp_path) as server,
        sandbox_thread(tmp_path / "sandbox") as sandbox,
        closing(Redis.from_url(server.url)) as redis,
        closing(Database(migrated_url, application_name="weathertrigger tests", size=8)) as database,
    ):
        urls = {"DATABASE_URL": migrated_url, "REDIS_URL": server.url, "OPENWEATHER_URL": sandbox.url}
        urls |= dict.fromkeys(("META_URL", "GOOGLE_ADS_URL", "GOOGLE_OAUTH_URL"), sandbox.url)
        keys = ("META_ACCESS_TOKEN", "GOOGLE_ADS_CLIENT_ID", "GOOGLE_ADS_CLIENT_SECRET", "GOOGLE_ADS_REFRESH_TOKEN")
        with closing(Ground(database, redis, {**urls, **dict.fromkeys(keys, "sandbox")}, tmp_path)) as ground:
            engine = Engine(database, redis, sandbox, {}, [])
            rules = tmp_path / "rules.json"
            documents = [rule("wet", budget("23848")), rule("other", campaign_budget("111"))]
            rules.write_text(json.dumps({"owner": OWNER, "rules": documents}))
            assert ended(ground.cli("setup", "--sandbox", "--rules", str(rules)))[0] == 0
            workers = [ground.worker(name, "ad-action") for name in ("one", "two")]
            for name in ("one", "two"):
                ground.wait_for(name, "running")

            def ring() -> None:
                """Rings both accounts, and waits until the workers are done with it."""
                done = handled()
                ring_accounts(make_broker(redis, NAMESPACE), ACCOUNTS)
                wait_until(lambda: handled() >= done + len(ACCOUNTS), patience_s=PATIENCE_S)

            def handled() -> int:
                return sum(row.jobs_succeeded for name in ("one", "two") for row in ground.workers(name))

            def say(*arguments: str) -> str:
                code, output = ended(ground.cli(*arguments))
                assert code == 0, output
                return output

            engine.judge(RAIN, "wet")
            ring()
            assert engine.writes() == [RAISED]

            assert "Paused: everything." in say("pause", "--all", "--reason", "budgets run away")
            engine.judge(DRY, "wet")
            engine.judge(RAIN, "other")
            ring()
            ring()
            assert engine.writes() == [RAISED]

            for worker in workers:
                worker.kill()
                worker.wait()
            server.stop()
            shown = say("pause", "--all", "--reason", "budgets run away", "--revert", "--direct")
            assert "Every field is as it was before any rule." in shown
            assert engine.writes() == [RAISED, BACK]

            server.start()
            ground.worker("three", "ad-action")
            ground.wait_for("three", "running")
            say("resume", "--all")
            wait_until(lambda: len(engine.writes()) == 3, patience_s=PATIENCE_S)
            assert engine.writes()[2:] == [("campaign_budget/444", "daily_budget", "60000000")]
