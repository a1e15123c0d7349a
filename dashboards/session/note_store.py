"""What people add to a run, by a name: kept in its notes, or in the session where nothing can be written."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import param

from dashboards.data.writable import store_refusal
from deepvid.store import Address, Run

K = TypeVar("K")
V = TypeVar("V")


class NoteStore(param.Parameterized, Generic[K, V]):
    """Those of the open run."""

    entries: Mapping[K, V] = param.Dict({}, doc="replaced, never changed")  # type: ignore[assignment]

    def __init__(
        self,
        store: Address,
        fault: Callable[[BaseException], None],
        read: Callable[[Run], Mapping[K, V]],
    ) -> None:
        """`fault` is told what cannot be read or written; `read` is how a run's notes are."""
        super().__init__()
        self._store, self._fault, self._read = store, fault, read
        self._run: Run | None = None
        self._own: dict[str, dict[K, V | None]] = {}  # by the run's id; None: taken back

    @property
    def refusal(self) -> str:
        """Why they stay in this session; empty where the run keeps them."""
        if self._run is not None and self._run.read_only:
            return f"{self._run.id} is only read."
        return store_refusal(self._store)

    def open(self, run: Run | None) -> None:
        """Takes up those of a run."""
        self._run = run
        try:
            self.look()
        except Exception as error:
            self._fault(error)
            self.entries = {}

    def look(self) -> None:
        """Takes up what others have kept meanwhile. Raises DeepVIDError where that cannot be read."""
        run = self._run
        known: dict[K, Any] = {} if run is None else {**self._read(run), **self._own.get(run.id, {})}
        now = {key: value for key, value in known.items() if value is not None}
        if now != self.entries:
            self.entries = now

    def _change(self, key: K, value: V | None, keep: Callable[[Run], None]) -> None:
        run = self._run
        if run is None:
            return
        try:
            if self.refusal:
                self._own.setdefault(run.id, {})[key] = value
            else:
                keep(run)
            self.look()
        except Exception as error:
            self._fault(error)
