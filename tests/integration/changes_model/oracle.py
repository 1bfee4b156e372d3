"""What a field should be, told by somebody who reads the rules and knows nothing of leases, answers or attempts.

A world is one order in which things may have happened: whether the platform was looked at between two events is for the
engine to choose, and so are the worlds many. After quiet the platform must be as one of them says.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

Expression = str
"""`+20` (per cent of what was found) or a status."""


@dataclass(frozen=True, slots=True)
class Word:
    """What one rule says of one field now. `otherwise`: `baseline`, `leave` or a status."""

    rule_id: str
    priority: int
    live: bool
    active: bool
    judged: bool
    expression: Expression
    otherwise: str


@dataclass(frozen=True, slots=True)
class World:
    """One field in one order of events. `mine` is the last value that the engine knows of, `value` what is there."""

    value: str
    mine: str
    base: str
    smallest: int = 1  # every amount is a multiple of this one
    mode: str = "rest"  # rest, owned, settling, held, left
    says: tuple[str, str] | None = None  # why (active or otherwise) and what
    resting: str = "baseline"
    retiring: frozenset[str] = frozenset()
    before: str = ""  # what was there before `mine`
    stale: str | None = None  # what a read that lags may still show
    landed: str | None = None  # a late write over a held value
    writes: int = 0
    due: bool = False  # the rules say something else since the platform was looked at


def said(words: Iterable[Word]) -> tuple[str, str, str] | None:
    """Semantics 19: whose word counts: rule, why and what."""
    ranked = sorted(words, key=lambda one: (-one.priority, one.rule_id))
    for one in ranked:
        if one.live and one.active:
            return one.rule_id, "active", one.expression
    for one in ranked:
        if one.live and one.judged and one.otherwise not in {"baseline", "leave"}:
            return one.rule_id, "otherwise", one.otherwise
    return None


def _resting(world: World, words: Iterable[Word]) -> str:
    concerned = sorted(words, key=lambda one: (-one.priority, one.rule_id))
    concerned = [one for one in concerned if one.live or one.rule_id in world.retiring]
    for one in concerned:
        if one.rule_id in world.retiring and one.otherwise not in {"baseline", "leave"}:
            return one.otherwise
    return "leave" if concerned and all(one.otherwise == "leave" for one in concerned) else "baseline"


def meant(expression: str, base: str, smallest: int = 1) -> str:
    """The value that an expression means."""
    if expression[0] not in "+-":
        return expression
    return str((int(base) * (100 + int(expression)) + 50 * smallest) // (100 * smallest) * smallest)


def decided(world: World, words: list[Word], ceased: frozenset[str]) -> World:
    """The rules say something else, and these rules have ceased to be live."""
    if world.mode not in {"rest", "left"}:
        world = replace(world, retiring=world.retiring | ceased)
    world = replace(world, retiring=frozenset(world.retiring - {one.rule_id for one in words if one.live}))
    now = said(words)
    if now:  # a live winner goes before every last word
        world = replace(world, retiring=frozenset())
    resting = _resting(world, words)
    says = (now[1], now[2]) if now else None
    before = world.says
    world = replace(world, says=says, resting=resting, due=world.due or before != says)
    if world.mode == "held" and (before and before[0]) != (says and says[0]):
        return replace(world, mode="settling", base=world.mine)
    return world


def edited(world: World, value: str, *, lags: bool) -> World:
    """A person sets the value by hand."""
    return replace(world, value=value, stale=world.value if lags and world.stale is None else world.stale)


def either_or_forgotten(world: World, value: str) -> set[World]:
    """Perhaps nobody knows any more that this value was ours."""
    return {world, replace(world, value=value, mine="", stale=None)}


def put_back(world: World, value: str) -> World:
    """A person has what a check changed put back; it is held then."""
    return replace(world, mode="held", value=value, mine=value, landed=None, writes=world.writes + 1, due=False)


def released(world: World) -> World:
    """A person gives a held field back to the rules; the value that they wanted is the baseline."""
    return replace(world, mode="settling", base=world.mine, due=True)


def put_right(world: World) -> World:
    """What is there is known as ours, and another value is wanted."""
    return replace(world, value=world.mine, writes=world.writes + 1)


def landed_late(world: World, value: str, *, is_status: bool) -> World:
    """A write of ours lands hours after it was sent. A pause and the baseline look like a person's (semantics 20)."""
    if value == world.base or (is_status and value == "paused"):
        return replace(world, value=value)
    if world.mode == "held":
        return replace(world, landed=value)
    if world.mode == "left":
        return replace(world, value=value, mine=value)
    return replace(world, value=world.mine)


def looked(world: World, *, any_live: bool) -> set[World]:
    """What becomes of a world when the platform is read, and written if need be."""
    world = replace(world, due=False)
    worlds = _looked(replace(world, stale=None), any_live=any_live)
    if world.stale is not None and world.stale != world.value:
        for other in _looked(replace(world, value=world.stale, stale=None), any_live=any_live):
            # Written over what the read did not show; else what is there is still to be seen.
            worlds.add(other if other.writes > world.writes else replace(other, value=world.value))
    return worlds


def busiest(worlds: Iterable[World]) -> set[World]:
    """Of worlds that differ only in how often they wrote, the one that wrote most."""
    most: dict[World, int] = {}
    for world in worlds:
        same = replace(world, writes=0)
        most[same] = max(most.get(same, 0), world.writes)
    return {replace(world, writes=writes) for world, writes in most.items()}


def _looked(world: World, *, any_live: bool) -> set[World]:  # noqa: PLR0911 - one for each thing that a look can find
    if world.mode == "held":
        return {world}
    if world.mode in {"rest", "left"}:
        if world.says is None:
            return {world} | ({_rest(world)} if world.mode == "left" and not any_live else set())
        if world.mode == "rest" or world.value != world.mine:
            world = replace(world, base=world.value, mine=world.value)
        return {_written(replace(world, mode="owned"))}
    wanted = _wanted(world)
    if world.value != world.mine and not (world.says is None and world.value == wanted):
        if world.says and world.mode == "owned":
            return {replace(world, mode="held", mine=world.value)}
        adopted = replace(_rest(world), base=world.value, mine=world.value, resting="baseline")
        return _looked(adopted, any_live=any_live) if world.says else {adopted}
    if world.says is None and world.resting == "leave":
        values = {world.value, world.base, world.before or world.base}
        return {replace(world, mode="left", retiring=frozenset(), value=one, mine=one) for one in values}
    written = _written(world)
    return {written} if written.says else {written, _rest(written)}


def _rest(world: World) -> World:
    return replace(world, mode="rest", retiring=frozenset())


def _wanted(world: World) -> str | None:
    if world.says:
        return meant(world.says[1], world.base, world.smallest)
    return {"baseline": world.base, "leave": None}.get(world.resting, world.resting)


def _written(world: World) -> World:
    wanted = _wanted(world)
    assert wanted is not None
    mode = "owned" if world.says else "settling"
    before = world.value if wanted != world.value else world.before
    writes = world.writes + (wanted != world.value)
    return replace(world, mode=mode, value=wanted, mine=wanted, before=before, writes=writes)
