"""Computations that a page can start: a closed list of commands, whose words no run and no browser says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

Kind = Literal["demo", "continue", "network", "project", "time-travel", "fork"]

TITLES: Mapping[Kind, str] = {
    "demo": "Demo",
    "continue": "Rest of the run",
    "network": "Layers",
    "project": "Map",
    "time-travel": "Time travel",
    "fork": "Fork",
}
"""In the words of a menu."""


class Computation(NamedTuple):
    """A command over a store of this machine; it writes to one run, or to new ones."""

    kind: Kind
    store: Path  # absolute
    run: str = ""  # id; empty: a first run
    options: tuple[str, ...] = ()  # `--name=value` each, made of typed settings

    @property
    def title(self) -> str:
        """Words for it."""
        return TITLES[self.kind]

    @property
    def arguments(self) -> list[str]:
        """Words that follow `deepvid`. A run's id stands behind `--`, where nothing passes for an option."""
        store = ["--store", str(self.store)]
        if self.kind == "demo":
            return ["demo", "--no-serve", *store]
        return [self.kind, *store, *self.options, "--", self.run]

    @property
    def writes_elsewhere(self) -> bool:
        """Whether what it computes becomes runs of their own."""
        return self.kind in ("demo", "fork")
