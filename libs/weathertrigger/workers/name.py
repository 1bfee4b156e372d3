"""What a worker process is called in executions, changes and logs."""

import multiprocessing
import socket


def worker_name(service: str, prefix: str | None) -> str:
    """WORKER_ID (or the host) plus service and process index: `shop-1/rule-evaluator/1`."""
    identity = multiprocessing.current_process()._identity  # noqa: SLF001 - the only place where the index stands
    index = identity[0] if identity else 1
    return f"{prefix or socket.gethostname()}/{service}/{index}"
