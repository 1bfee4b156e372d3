"""All that can be wrong with a wish before a service is started: settings, keys, the rules file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.automation_cli.rule_advice import read_rule_file
from services.automation_cli.up.ground import Ground
from services.automation_cli.up.settings import UpSettings
from services.automation_cli.up.wiring import sandbox_environment
from services.automation_cli.up.wish import Wish
from services.automation_cli.worker_commands import ROOT
from weathertrigger.embedded.ports import HOST
from weathertrigger.errors import UsageError
from weathertrigger.outside.ads import ad_platforms
from weathertrigger.outside.by_account import ByAccount
from weathertrigger.outside.weather import weather_providers
from weathertrigger.platforms.port import AdPlatform
from weathertrigger.rule_files.load import RuleFile

_SAMPLE_RULES = ROOT / "examples" / "newark.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a wish comes to.

    Attributes:
        world: what the services' environment has for the outside world.
        platforms: the ad platforms, as the services will see them.
        file: the rules to apply, if any.
    """

    settings: UpSettings
    world: Mapping[str, str]
    platforms: ByAccount[AdPlatform]
    file: RuleFile | None


def prepare(wish: Wish, ground: Ground, environ: Mapping[str, str]) -> Prepared:
    """Reads everything.

    Raises:
        SettingsError, InvalidRules: with all that is wrong.
    """
    world = sandbox_environment(f"http://{HOST}:{ground.sandbox_port}", environ) if ground.has_sandbox else {}
    settings = UpSettings.from_environment({**environ, **world})
    weather_providers(settings)
    rules = wish.rules or (_SAMPLE_RULES if ground.has_sandbox else None)
    return Prepared(
        settings=settings,
        world=world,
        platforms=ad_platforms(settings),
        file=_read(rules, settings) if rules else None,
    )


def _read(rules: Path, settings: UpSettings) -> RuleFile:
    try:
        text = rules.read_bytes()
    except OSError as error:
        raise UsageError(f"{rules} cannot be read: {error.strerror}.") from None
    return read_rule_file(text, name=str(rules), minimum_interval=settings.minimum_interval, settings=settings)
