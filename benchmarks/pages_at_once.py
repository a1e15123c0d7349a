"""Twenty pages opened at once: how long whoever works on another page waits, with and without turns.

    python benchmarks/pages_at_once.py STORE

Both servers are asked in turns, in one run; the ratio is that of the longest waits. The figures stand in
docs/decisions/pages_at_once.md.
"""

import argparse
import http.client
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAGES, PAUSE = 20, 0.02  # at once; seconds between two looks of the other page
START = """
import sys
import dashboards.serving.plugin
if sys.argv.pop(1) == "without":
    dashboards.serving.plugin.take_turns = lambda: None
from deepvid.cli.main import main
main(sys.argv[1:])
"""


def main() -> None:
    """Prints each round, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    waits: dict[str, list[float]] = {"without": [], "with": []}
    totals: dict[str, list[float]] = {"without": [], "with": []}
    with served(given.store, "without") as without, served(given.store, "with") as with_turns:
        ports = {"without": without[0], "with": with_turns[0]}
        for port in ports.values():
            asked(port, "/app")
        for number in range(given.rounds):
            for name, port in ports.items():
                total, wait = opened_at_once(port)
                totals[name].append(total)
                waits[name].append(wait)
                print(
                    f"round {number + 1} {name:<8} {PAGES} pages {total:5.1f} s  longest wait {wait:5.2f} s"
                )
    for what, found in (("all pages", totals), ("longest wait", waits)):
        before, after = (statistics.median(found[name]) for name in ("without", "with"))
        print(f"{what}: {before:.2f} s without turns, {after:.2f} s with; ratio {after / before:.2f}")


def opened_at_once(port: int) -> tuple[float, float]:
    """Seconds until all pages are there, and the longest that another request waited meanwhile."""
    waits, done = [], threading.Event()

    def work_on() -> None:
        while not done.is_set():
            waits.append(asked(port, "/app/metadata"))
            time.sleep(PAUSE)

    pages = [threading.Thread(target=asked, args=(port, "/app")) for _ in range(PAGES)]
    other = threading.Thread(target=work_on)
    began = time.perf_counter()
    other.start()
    for page in pages:
        page.start()
    for page in pages:
        page.join()
    total = time.perf_counter() - began
    done.set()
    other.join()
    return total, max(waits)


def asked(port: int, path: str) -> float:
    """Seconds until the whole answer is there."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("localhost", port, timeout=300)
    connection.request("GET", path)
    connection.getresponse().read()
    return time.perf_counter() - began


@contextmanager
def served(store: Path, turns: str) -> Iterator[tuple[int, int]]:
    """Port and process of a server in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = int(probe.getsockname()[1])
    command = ["serve", str(store.resolve()), "--port", str(port), "--no-show"]
    process = subprocess.Popen(
        [sys.executable, "-c", START, turns, *command], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert re.search("/app", process.stdout.readline())
    try:
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("localhost", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
