"""The product's own server, started as a person starts it: `deepvid serve` in a process of its own."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple


class Served(NamedTuple):
    """A server in a process of its own."""

    address: str
    port: int
    process: subprocess.Popen[str]


@contextmanager
def serve_command(
    store: Path,
    *arguments: str,
    python: Sequence[str] = (sys.executable,),
    port: int | None = None,
    **options: Any,
) -> Iterator[Served]:
    """`deepvid serve STORE` as a person types it, from when it prints its address until it is interrupted."""
    port = port or free_port()
    command = [*python, "-m", "deepvid", "serve", str(store), "--port", str(port), "--no-show", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
    assert process.stdout is not None
    said = re.search(rf"http://\S+:{port}/app\S*", process.stdout.readline())
    assert said is not None
    assert listens(port)  # it says so once it does
    try:
        yield Served(said.group(), port, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("localhost", port)) == 0


def sleep() -> None:
    time.sleep(0.03)


def wait_until(true: Callable[[], Any], timeout: float = 30.0, pause: Callable[[], None] = sleep) -> Any:
    """Polls until `true()` is truthy and returns it; an assertion inside it is retried too."""
    end = time.monotonic() + timeout
    while True:
        try:
            value, failure = true(), None
        except (AssertionError, AttributeError, LookupError) as error:
            value, failure = None, error
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("what was waited for did not happen") from failure
        pause()
