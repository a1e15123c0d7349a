"""Labels that a person takes for wrong, with a remark on each."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import param

from dashboards.data.writable import store_refusal
from deepvid.store import Address, Mark, Run, drop_mark, keep_mark, kept_marks


class Marks(param.Parameterized):
    """Those of the open run. They are kept in its notes; where nothing can be written, in this session."""

    known: Mapping[int, Mark] = param.Dict({}, doc="by sample; replaced, never changed")  # type: ignore[assignment]

    def __init__(self, store: Address, fault: Callable[[BaseException], None]) -> None:
        """`fault` is told what cannot be read or written."""
        super().__init__()
        self._store, self._fault = store, fault
        self._run: Run | None = None
        self._own: dict[str, dict[int, Mark | None]] = {}  # by the run's id; None: taken back

    @property
    def refusal(self) -> str:
        """Why marks stay in this session; empty where the run keeps them."""
        if self._run is not None and self._run.read_only:
            return f"{self._run.id} is only read."
        return store_refusal(self._store)

    def open(self, run: Run | None) -> None:
        """Takes up the marks of a run."""
        self._run = run
        try:
            self.look()
        except Exception as error:
            self._fault(error)
            self.known = {}

    def look(self) -> None:
        """Takes up what others have marked meanwhile. Raises DeepVIDError where that cannot be read."""
        run = self._run
        known = {} if run is None else {**kept_marks(run), **self._own.get(run.id, {})}
        marks = {sample: mark for sample, mark in known.items() if mark is not None}
        if marks != self.known:
            self.known = marks

    def put(self, sample: int, remark: str, label: int | None) -> None:
        """Marks a sample, or says something else of it."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._change(sample, Mark(now, remark, label), lambda run: keep_mark(run, sample, remark, label))

    def drop(self, sample: int) -> None:
        """Takes a mark back."""
        self._change(sample, None, lambda run: drop_mark(run, sample))

    def _change(self, sample: int, mark: Mark | None, keep: Callable[[Run], None]) -> None:
        run = self._run
        if run is None:
            return
        try:
            if self.refusal:
                self._own.setdefault(run.id, {})[sample] = mark
            else:
                keep(run)
            self.look()
        except Exception as error:
            self._fault(error)
