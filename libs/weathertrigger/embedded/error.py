"""The one error of the embedded servers."""

from weathertrigger.errors import UsageError


class EmbeddedServerError(UsageError):
    """An embedded server cannot be started; the sentence says why, with the server's own last word where it had one."""


class PortTaken(EmbeddedServerError):
    """Somebody took the port between the choice and the start. Never leaves this package."""
