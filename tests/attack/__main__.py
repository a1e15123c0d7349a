"""Attacks that take too long for `make test`, with the real command line and a real server: `make attack`.

    PYTHONPATH=tests python -m attack [--only FAMILY ...] [--seed N]

Prints a table of what was tried and what was answered; ends with 1 where a promise is broken.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from attack import (
    archives_of_strangers,
    commands,
    damaged_runs,
    files_of_strangers,
    neighbors,
    places,
    served_page,
)
from attack.ground import Ground

FAMILIES = {
    "runs": damaged_runs.attack,
    "archives": archives_of_strangers.attack,
    "files": files_of_strangers.attack,
    "neighbors": neighbors.attack,
    "places": places.attack,
    "commands": commands.attack,
    "page": served_page.attack,
}


def main() -> None:
    """Every family, or those named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", choices=FAMILIES, default=[*FAMILIES])
    parser.add_argument("--seed", type=int, default=0, help="of the bits that are flipped")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="deepvid-attack-") as folder:
        Path(folder).chmod(0o755)
        ground = Ground(Path(folder), given.seed)
        print(
            "| attack | cases | exit codes | what is promised | held |",
            "| --- | --- | --- | --- | --- |",
            sep="\n",
        )
        for name in given.only:
            FAMILIES[name](ground)
    broken = sum(bool(row.broken) for row in ground.rows)
    print(
        f"\n{sum(row.cases for row in ground.rows)} cases in {len(ground.rows)} rows, {broken} rows broken."
    )
    print(
        "V verify, I import, S show, L list, A archive, C compare, R rm, F fit-students, D import-dvi, "
        "T run, K continue."
    )
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
