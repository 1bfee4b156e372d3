"""What the model chooses from."""

from hypothesis import strategies as st

from tests.integration.schedule_model.fuse import Kind, Trouble
from tests.integration.schedule_model.installation import HOSTS
from tests.integration.schedule_model.sky import Spell

RULES = ("ash", "birch", "cedar", "dogwood")
INTERVALS = ("1 s", "2 s", "7 s", "30 s", "90 s", "10 min", "1 h", "12 h", "24 h")
HOLDS: tuple[dict[str, str], ...] = ({"for": "20 s"}, {"keep_for": "40 s"}, {"for": "2 h", "keep_for": "1 s"}, {})
LEAPS_MS = (1, 40, 900, 3_100, 8_000, 15_500, 31_000, 61_000, 600_000, 7_200_000, 22_000_000, 90_000_000)
LATE_MS = (-1, 0, 1, 700, 15_000)
DISPATCH, FETCH, EVALUATE, EDIT, SWEEP = 24, 104, 14, 11, 5
"""How many points a step has for trouble, or a few more."""
LONGEST_LEASE_MS = 31_000
"""A step's lease of 15 s, and as much more for a check that travels alone."""
BEGUN = 9
"""A point at which the fetcher has begun its checks, and has not told their end."""
ENOUGH = 11
"""Deaths after which a check is ended, whatever happened before them."""

names = st.sampled_from(RULES)
hosts = st.integers(0, HOSTS - 1)
picks = st.integers(0, 60)
leaps = st.sampled_from(LEAPS_MS)
spells = st.none() | st.sampled_from(Spell)
every = st.sampled_from(INTERVALS)
edits = st.one_of(
    st.fixed_dictionaries({"every": every}),
    st.fixed_dictionaries({"enabled": st.booleans()}, optional={"every": every}),
    st.fixed_dictionaries({"above": st.sampled_from((0.5, 1.5, 5.0))}),
    st.fixed_dictionaries({"catch_up": st.sampled_from(("1 s", "40 s", "24 h"))}),
    st.fixed_dictionaries({"place": st.sampled_from((0, 1))}),
    st.fixed_dictionaries({"hold": st.sampled_from(HOLDS)}),
)
wishes = edits | st.fixed_dictionaries({"schedule": st.none() | every})
"""An edit of the rule; or a check now, with another interval or without."""
pauses, runs, more_often = {"enabled": False}, {"schedule": None}, {"schedule": "2 s"}
contenders = st.sampled_from(
    ["check", "check", "check", runs, runs, more_often, pauses, {"every": "2 s"}, {"every": "1 h"}, {"above": 5.0}]
)


def troubles_at(points: int) -> st.SearchStrategy[Trouble | None]:
    """No trouble, or any at one of so many points."""
    kinds = st.sampled_from((Kind.FREEZE, Kind.CRASH, Kind.BLIP, Kind.OUTAGE, Kind.FREEZE))
    some = st.builds(Trouble, kinds, st.integers(1, points))
    return st.one_of(st.none(), some, some)


troubles_of_a_check = st.tuples(*map(troubles_at, (DISPATCH, FETCH, EVALUATE)))
