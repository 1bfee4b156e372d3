"""One check of one rule: what rang it, what came of it."""

from enum import StrEnum


class Trigger(StrEnum):
    """What a check answers: a slot of the grid, the end of a hold or of active hours, or somebody's wish."""

    SLOT = "slot"
    BOUNDARY = "boundary"
    MANUAL = "manual"


class Outcome(StrEnum):
    """What came of a check. Only `met` and `not_met` are verdicts."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"  # a reading was there, but a metric that the condition needs was not
    NO_DATA = "no_data"  # no reading could be had in time
    MISSED = "missed"  # older than the catch-up window
    SUPERSEDED = "superseded"  # an edit, a pause or a delete came first
    FAILED = "failed"  # the rule's own data could not be evaluated
