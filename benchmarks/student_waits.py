"""How long does a person wait for one student? All cores share it, in a process that has fitted one before.

The dashboard's "Fit now" asks the same of the same code, and then reads the image and draws the answer.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from records import Record, arguments, lower_is_better, seconds_of, show


def measure(options: Namespace) -> Iterator[Record]:
    from student_world import CHAINS, name_of, world

    shared = world(options.data)
    rows = shared.wrong[: 3 if options.quick else 10].tolist()
    for neighbors, gradient in CHAINS[:1] if options.quick else CHAINS:
        chains = [shared.chain(row, neighbors, gradient) for row in rows]
        chains[0]()
        value = 1e3 * median(map(seconds_of, chains))
        yield lower_is_better(name_of(neighbors, gradient), value, "ms")


if __name__ == "__main__":
    parser = ArgumentParser()
    parser.add_argument("--data", type=Path, help="folder to look for data sets in")
    parser.add_argument("--cores", type=int, nargs="*", help="these only (default: all this process may use)")
    chosen = arguments(__doc__, parser)
    if chosen.cores and sys.platform == "linux":
        os.sched_setaffinity(0, chosen.cores)
    from deepvid.cores import use_cores  # counts them, and must come before anything that computes

    use_cores()
    show(measure(chosen), chosen)
