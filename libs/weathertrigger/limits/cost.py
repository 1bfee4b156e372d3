"""What a call costs, and how far it may go into a limit."""

from dataclasses import dataclass
from fractions import Fraction

from weathertrigger.call_limits import CallLimit

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Cost:
    """So many `calls` as the service counts them.

    Attributes:
        smallest: the least that would be of use; with so many left, the caller may ask for less.
        keep_back: the share of every limit that is left to calls that are urgent; 0 for those.
        own: a limit that the account has of its own.
    """

    calls: int = 1
    smallest: int = 1
    keep_back: Fraction = NOTHING
    own: CallLimit | None = None

    def __post_init__(self) -> None:
        if self.calls < 1 or self.smallest < 1 or not 0 <= self.keep_back < 1:
            raise ValueError(self)

    def room(self, limit: int) -> int:
        """How many of the limit's calls this one may be among."""
        return limit - self.kept(limit)

    def kept(self, limit: int) -> int:
        """How many of the limit's calls are not for this one; rounded up, so that a small limit keeps one too."""
        return -(-limit * self.keep_back.numerator // self.keep_back.denominator)
