"""Which runs the store has: looked at again when its folder changes, at the cost of a `stat` when not."""

import time
from pathlib import Path

from deepvid.store import Address, RunListing, choose, is_url, list_runs

RESTING = 2_000_000_000  # ns since the last change of a store after which its runs are listed for good


class RunCatalog:
    """The runs of one store as one session knows them, the latest first."""

    def __init__(self, store: Address) -> None:
        self.store = store
        self.runs: list[RunListing] = []
        self._modified: int | None = None  # when the store last was, as of the last look

    def look(self) -> list[RunListing]:
        """Lists the runs. Raises StoreError for a URL that cannot be read."""
        modified = _modified(self.store)
        resting = modified is None or abs(time.time_ns() - modified) > RESTING
        self._modified = modified if resting else 0  # a run's folder is there before its journal: look again
        self.runs = list_runs(self.store)
        return self.runs

    @property
    def changed(self) -> bool:
        """Whether a run was added or taken away since the last look, as far as a `stat` tells."""
        return self._modified != _modified(self.store)

    @property
    def newest(self) -> str:
        """The id of the latest run that can be read; empty where there is none."""
        return next((run.id for run in self.runs if run.error is None), "")

    def find(self, prefix: str) -> RunListing:
        """The one run whose id begins so. Raises StoreError where none does, or several."""
        return choose(self.runs, prefix, self.store)


def _modified(store: Address) -> int | None:
    """When a run was last added to a store on this machine or taken away; else None."""
    try:
        return None if is_url(store) else Path(store).stat().st_mtime_ns
    except OSError:
        return None
