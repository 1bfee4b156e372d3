"""Bodies of messages that nobody of ours has sent, and what is said of each."""

from tests.integration.workers import forged

UNREADABLE: dict[bytes, str] = {
    b"": "it is no JSON",
    b"hello": "it is no JSON",
    b"\xff\xfe\x00\x80": "it is no JSON",
    forged()[:40]: "it is no JSON",
    b"[]": "it is no message",
    b"null": "it is no message",
    b"17": "it is no message",
    b'"text"': "it is no message",
    b'{"actor_name": "apply_changes"}': "it is no message",
    b"[" * 100_000: "it is no message",
    b"9" * 5000: "it is no JSON",
    forged(more=1): "it is no message",
    forged(args=7): "it is no message",
    forged(kwargs=[1]): "its kwargs is no dict",
    forged(kwargs=None): "its kwargs is no dict",
    forged(options=[]): "its options is no dict",
    forged(options=None): "its options is no dict",
    forged(actor_name=7): "its actor_name is no str",
    forged(actor_name=None): "its actor_name is no str",
    forged(message_id=None): "its message_id is no str",
    forged(queue_name=[[[[7]]]]): "its queue_name is no str",
    forged(queue_name="weather"): "it is for the queue 'weather'",
    forged(queue_name="\x00" * 50_000): r"it is for the queue '\x00",
    forged(options={"eta": 1}): "it is delayed",
    forged(options={"eta": None}): "it is delayed",
    forged(actor_name="nobody"): "nobody here is called 'nobody'",
    forged(actor_name="half a pair \ud800, a NUL \x00"): r"nobody here is called 'half a pair \ud800, a NUL \x00'",
}
"""Not even readable, and why."""

BREAKING: dict[bytes, str] = {
    forged(kwargs={"self": 1}): "TypeError: ",
    forged(kwargs={"self": 1}, options={"throws": "everything"}): "TypeError: ",
    forged(kwargs={"self": 1}, options={"time_limit": "long"}, message_timestamp={}): "TypeError: ",
}
"""What Dramatiq or Python stumble over when they call the actor, and what they say."""

REFUSED: dict[bytes, str] = {
    forged(kwargs={"version": 999, "account_id": "a"}): "version",
    forged(kwargs={}): "account_id",
    forged(args=["a"]): "positional",
    forged(args="abc"): "positional",
    forged(args={"a": 1}, kwargs={"\ud800": "\x00"}): "positional",
}
"""Refused by the actor with this word."""
