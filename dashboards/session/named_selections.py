"""Selections that a person has given a name."""

from collections.abc import Callable, Mapping

from dashboards.session.address import rows, steps_of
from dashboards.session.note_store import NoteStore
from dashboards.session.selection import Steps
from deepvid.store import Address, Run, drop_named, keep_named, kept_named

LONGEST = 80  # letters of a name


class NamedSelections(NoteStore[str, Steps]):
    """By name. What this DeepVID does not understand of one is not shown, and stays in the notes."""

    def __init__(self, store: Address, fault: Callable[[BaseException], None]) -> None:
        super().__init__(store, fault, _understood)

    def put(self, name: str, steps: Steps) -> None:
        """Keeps gestures under a name, in the place of what had it."""
        self._change(name, steps, lambda run: keep_named(run, name, rows(steps)))

    def drop(self, name: str) -> None:
        """Takes a name back."""
        self._change(name, None, lambda run: drop_named(run, name))


def _understood(run: Run) -> Mapping[str, Steps]:
    known = {name: steps_of(kept) for name, kept in kept_named(run).items()}
    return {name: steps for name, steps in known.items() if steps}
