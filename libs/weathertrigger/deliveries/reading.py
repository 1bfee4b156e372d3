"""Reads what stands in a queue, which may be anything."""

import dataclasses
from collections.abc import Container
from typing import Any  # what an actor gives back: nothing, here

import dramatiq

_KINDS: dict[str, type] = {
    "queue_name": str,
    "actor_name": str,
    "kwargs": dict,
    "options": dict,
    "message_id": str,
}


def read_message(body: bytes, redis_id: bytes, *, queue: str, actors: Container[str]) -> dramatiq.Message[Any]:
    """The message of a body, if it is one for this queue and one of these actors. Of its options none is kept: nobody
    here sends any, and Dramatiq would act on them.

    Raises:
        ValueError, TypeError: what is wrong with it.
    """
    message = _decoded(body)
    if message.queue_name != queue:
        raise ValueError(f"it is for the queue {message.queue_name!r:.100}")
    if message.actor_name not in actors:
        raise ValueError(f"nobody here is called {message.actor_name!r:.100}")
    if "eta" in message.options:
        raise ValueError("it is delayed, and nothing is delayed here")
    return dataclasses.replace(message, options={"redis_message_id": redis_id})


def _decoded(body: bytes) -> dramatiq.Message[Any]:
    try:
        message: dramatiq.Message[Any] = dramatiq.Message.decode(body)
    except dramatiq.DecodeError as error:
        is_json = not isinstance(error.error, (ValueError, dramatiq.DecodeError))
        raise ValueError("it is no message" if is_json else "it is no JSON") from error
    for field, kind in _KINDS.items():
        if not isinstance(getattr(message, field), kind):
            raise TypeError(f"its {field} is no {kind.__name__}")
    return message
