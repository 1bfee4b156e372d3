"""A valid rule to vary, and the faults of a text as plain lines."""

from datetime import timedelta

from weathertrigger.errors import InvalidRules
from weathertrigger.rule_files.load import RuleFile, load_rules

FIVE_MINUTES = timedelta(minutes=5)

# Every key on its own line, so that a test can replace it and knows its line.
VALID = """\
owner: user-456
rules:
  - id: rain
    place: "40.69,-74.17"
    every: 30 min
    when: {metric: rain, above: 0.5, unit: mm/h}
    targets:
      - account: meta-acme
        ad_set: "23847"
        set: {status: enabled}
"""


def load(text: str | bytes) -> RuleFile:
    """Loads with the ordinary smallest interval."""
    return load_rules(text, name="rules.yaml", minimum_interval=FIVE_MINUTES)


def varied(old: str, new: str) -> str:
    """The valid file with one piece replaced.

    Raises:
        ValueError: the piece does not stand there exactly once.
    """
    if VALID.count(old) != 1:
        raise ValueError(f"{old!r} does not stand once in the valid file")
    return VALID.replace(old, new)


def faults(text: str | bytes) -> list[str]:
    """The faults of a file, each as a user sees it; none if it loads."""
    try:
        load(text)
    except InvalidRules as error:
        return [str(fault) for fault in error.faults]
    return []
