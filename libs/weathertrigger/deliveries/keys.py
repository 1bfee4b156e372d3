"""Where Dramatiq 2.2 keeps its messages in Redis, and two keys of our own beside them. A test holds this against
Dramatiq itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueueKeys:
    """The keys of one queue in a broker's namespace."""

    namespace: str
    queue: str

    @property
    def waiting(self) -> str:
        """List of the ids of messages that nobody has taken."""
        return f"{self.namespace}:{self.queue}"

    @property
    def bodies(self) -> str:
        """Hash of id to message, until it is acknowledged."""
        return f"{self.waiting}.msgs"

    @property
    def dead(self) -> str:
        """Sorted set of ids by the time at which they died."""
        return f"{self.waiting}.XQ"

    @property
    def dead_bodies(self) -> str:
        """Hash of id to message."""
        return f"{self.dead}.msgs"

    @property
    def dead_reasons(self) -> str:
        """Hash of id to reason; ours."""
        return f"{self.dead}.why"

    def taken_by(self, broker_id: str) -> str:
        """Set of the ids that a broker has taken and not acknowledged."""
        return f"{self.namespace}:__acks__.{broker_id}.{self.queue}"


def heartbeats_key(namespace: str) -> str:
    """Sorted set of broker ids by the time of their last command, on the clocks of their hosts."""
    return f"{namespace}:__heartbeats__"
