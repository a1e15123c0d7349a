"""A page of a store of 20,000 runs against one of a store of one: CPU time and memory of their servers.

    python benchmarks/many_runs.py RUN [--runs 20000]

RUN is the folder of a finished run. Both servers open its page in turns, after a first one; the ratio is of
the medians. Memory is what a page adds.
"""

import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path

from pages_at_once import asked, served

PAGES = 12


def main() -> None:
    """Prints both servers and their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--runs", type=int, default=20_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="deepvid-many-") as folder:
        one, many = Path(folder) / "one", Path(folder) / "many"
        for store, runs in ((one, 1), (many, given.runs)):
            shutil.copytree(given.run, store / given.run.name)
            for number in range(1, runs):
                (other := store / f"other-{number:08x}").mkdir()
                shutil.copy(given.run / "journal.jsonl", other)
        path = f"/app?run={given.run.name}"
        with served(one, "with") as first, served(many, "with") as second:
            for port, _ in (first, second):
                asked(port, path)
            before = [memory(process) for _, process in (first, second)]
            seconds = [[opened(*server, path) for server in (first, second)] for _ in range(PAGES)]
            grown = [
                (memory(server[1]) - old) / PAGES for server, old in zip((first, second), before, strict=True)
            ]
    few, lots = (statistics.median(column) for column in zip(*seconds, strict=True))
    print(f"a page with 1 run: {few:.2f} s CPU, {grown[0]:.1f} MB")
    print(f"a page with {given.runs:,} runs: {lots:.2f} s CPU, {grown[1]:.1f} MB; ratio {lots / few:.2f}")


def opened(port: int, process: int, path: str) -> float:
    """CPU seconds of a server until a page is there."""
    before = cpu(process)
    asked(port, path)
    return cpu(process) - before


def cpu(process: int) -> float:
    """Seconds of all threads so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> float:
    """Resident megabytes."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
