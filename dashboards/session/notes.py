"""Selections that are too long for an address: kept in the notes of their run, under a short name."""

from dashboards.data.writable import store_refusal
from dashboards.session.address import rows, steps_of
from dashboards.session.selection import Steps
from deepvid.errors import DataError, StoreError
from deepvid.store import Address, Run, keep_selection, kept_selection


class Notes:
    """What one session keeps and looks up."""

    def __init__(self, store: Address) -> None:
        self._store = store
        self._last: tuple[str, Steps, str] | None = None  # run, steps, name: an address is asked for often

    def keep(self, run: Run, steps: Steps) -> str:
        """The name that a link has for these gestures. Raises StoreError where nothing can be written."""
        if self._last is None or self._last[:2] != (run.id, steps):
            if refusal := store_refusal(self._store):
                raise StoreError("A long selection is kept in the notes of its run", refusal, "Select less")
            self._last = (run.id, steps, keep_selection(run, rows(steps)))
        return self._last[2]

    def find(self, run: Run, name: str) -> Steps:
        """The gestures that a link names. Raises DataError where the run has none of that name."""
        steps = steps_of(kept_selection(run, name) or [])
        if not steps:
            raise DataError(
                "The selection that a link names is in the notes of its run",
                f"none named {name} in {run.id}",
                "Select again, or ask whoever serves that run for the link",
            )
        return steps
