"""Fitting a student while a person waits, for whichever view it is asked in."""

from collections.abc import Callable
from functools import partial

import xarray as xr

from dashboards.data.writable import store_refusal
from dashboards.session.engine_task import EngineTask
from dashboards.session.session import Session
from deepvid import config
from deepvid.engine.requests import FitStudent
from deepvid.store import Run, keep_student


class FitTask(EngineTask):
    """What is fitted is shown where its image is, and kept in the notes of its run where it can be."""

    def fit(
        self, run: Run, sample: int, settings: config.Students, then: Callable[[], None] | None = None
    ) -> None:
        """Returns at once. The run is the one it belongs to, also when another is open by then; `then()` is
        called when the student is there.
        """
        request = FitStudent(run.address, sample, settings, int(run.config.get("seed", 0)))
        keep = None if unkept(self._session) else partial(keep_student, run)

        def arrived(batch: xr.Dataset) -> None:
            self._session.take_student(run, batch)
            if then is not None:
                then()

        self.ask(f"#{sample}", request, arrived, keep)


def unkept(session: Session) -> str:
    """Why a student that is fitted stays in this page; empty where its run keeps it."""
    only_read = session.run is None or session.run.read_only
    refusal = "The run is only read." if only_read else store_refusal(session.store)
    return f"It stays in this page. {refusal}" if refusal else ""
