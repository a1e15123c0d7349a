"""Labels that a person takes for wrong, with a remark on each."""

from collections.abc import Callable
from datetime import UTC, datetime

from dashboards.session.note_store import NoteStore
from deepvid.store import Address, Mark, drop_mark, keep_mark, kept_marks


class Marks(NoteStore[int, Mark]):
    """By sample."""

    def __init__(self, store: Address, fault: Callable[[BaseException], None]) -> None:
        super().__init__(store, fault, kept_marks)

    def put(self, sample: int, remark: str, label: int | None) -> None:
        """Marks a sample, or says something else of it."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._change(sample, Mark(now, remark, label), lambda run: keep_mark(run, sample, remark, label))

    def drop(self, sample: int) -> None:
        """Takes a mark back."""
        self._change(sample, None, lambda run: drop_mark(run, sample))
