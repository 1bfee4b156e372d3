"""The scripted server that adapters are tested against."""

from collections.abc import Iterator

import pytest

from tests.contract.wire import Wire, serve


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A scripted HTTP server on a free port."""
    with serve() as running:
        yield running
