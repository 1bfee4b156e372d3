"""Answers that are none, and good answers spoiled: what gateways, portals and broken servers send instead."""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType

from flask import Response

from services.sandbox.faults import Fault, FaultKind

_JSON = "application/json; charset=UTF-8"
_CHUNK = b" " * 65_536
_CHUNKS = 800  # of 64 KiB: 52 MB
_GZIP = 16  # what zlib calls the format
_TEXT_OR_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*')
_STREAM_FAILED = b"Unexpected error while streaming data: timeoutReached"


def _page(fault: Fault) -> Response:
    text = f"<html><head><title>{fault.status}</title></head><body><h1>The gateway is at lunch.</h1></body></html>"
    return Response(text, fault.status, content_type="text/html")


def _huge() -> Response:
    def body() -> Iterator[bytes]:
        for _ in range(_CHUNKS):
            yield _CHUNK

    return Response(body(), 200, {"Content-Length": str(_CHUNKS * len(_CHUNK))}, content_type=_JSON)


@cache
def _bomb() -> bytes:
    """52 MB of blanks in 51 KB, packed piece by piece."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | _GZIP)
    return b"".join([*(packer.compress(_CHUNK) for _ in range(_CHUNKS)), packer.flush()])


def _cut(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _without_numbers(body: bytes) -> bytes:
    """Every number outside a text, replaced: JSON has no NaN, but servers write it and clients read it."""
    return _TEXT_OR_NUMBER.sub(lambda part: part[0] if part[0].startswith('"') else "NaN", body.decode()).encode()


INSTEAD: Mapping[FaultKind, Callable[[Fault], Response]] = MappingProxyType(
    {
        FaultKind.HTML: _page,
        FaultKind.REDIRECT: lambda _: Response("", 302, {"Location": "/_sandbox/health"}),
        FaultKind.GARBAGE: lambda _: Response("Welcome to the free network of this hotel.", content_type=_JSON),
        FaultKind.HUGE: lambda _: _huge(),
        FaultKind.GZIP_BOMB: lambda _: Response(_bomb(), 200, {"Content-Encoding": "gzip"}, content_type=_JSON),
    }
)
"""What is answered without asking the imitated API."""

SPOILED: Mapping[FaultKind, Callable[[bytes], bytes]] = MappingProxyType(
    {
        FaultKind.MALFORMED: _cut,
        FaultKind.BROKEN_STREAM: lambda body: _cut(body) + _STREAM_FAILED,
        FaultKind.NAN: _without_numbers,
    }
)
"""What becomes of the body that the imitated API answered."""
