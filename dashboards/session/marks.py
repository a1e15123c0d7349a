"""Labels that a person takes for wrong, with a remark on each."""

from collections.abc import Mapping
from datetime import UTC, datetime

from dashboards.session.keeping import Kept
from deepvid.store import Mark, Run, drop_mark, keep_mark, kept_marks


class Marks(Kept[int, Mark]):
    """By sample."""

    def _read(self, run: Run) -> Mapping[int, Mark]:
        return kept_marks(run)

    def put(self, sample: int, remark: str, label: int | None) -> None:
        """Marks a sample, or says something else of it."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._change(sample, Mark(now, remark, label), lambda run: keep_mark(run, sample, remark, label))

    def drop(self, sample: int) -> None:
        """Takes a mark back."""
        self._change(sample, None, lambda run: drop_mark(run, sample))
