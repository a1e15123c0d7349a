"""The students of a run that were fitted already, as those who explain them read them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby, islice
from typing import Any, Self

import xarray as xr
from pydantic import ValidationError

from deepvid import config
from deepvid.pipeline.batches import BatchStage
from deepvid.pipeline.stage import key_in
from deepvid.pipeline.students import students_stage
from deepvid.store import Run

OPENED = 64  # batches at once
AT_ONCE = 16  # students, as many as lie in a chunk of the store
READ = (
    "smoothness",
    "contrast",
    "row",
    "weights",
    "shared_weights",
    "neighborhood_mean",
    "neighborhood_gradient",
)


class StoredStudents:
    """Students of one kind, by sample. A batch is opened when one of its students is read."""

    def __init__(self, samples: Sequence[Sequence[int]], open_batch: Callable[[int], xr.Dataset]) -> None:
        """`samples` of each batch; `open_batch` is asked by its number."""
        self._open = lru_cache(maxsize=OPENED)(open_batch)
        self._places = {
            sample: (number, row) for number, batch in enumerate(samples) for row, sample in enumerate(batch)
        }

    @classmethod
    def of_run(cls, run: Run, stage: BatchStage) -> Self:
        """Those that a run has stored."""
        batches = stage.stored_in(run)
        return cls([batch.samples for batch in batches], lambda number: batches[number].open_batch())

    @classmethod
    def in_memory(cls, *batches: xr.Dataset) -> Self:
        """Those of batches that no run has; of none, none."""
        return cls([batch["sample"].to_numpy().tolist() for batch in batches], batches.__getitem__)

    @property
    def key(self) -> str:
        """Of what they were fitted with; empty where there are none."""
        return str(self._open(0).attrs["settings_key"]) if self._places else ""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings they were fitted with; empty where there are none."""
        return self._open(0).attrs["settings"] if self._places else {}

    @property
    def gradients(self) -> bool:
        """Whether they have the gradient of their neighborhood."""
        # Runs that were written before it was left out have a nan in its place.
        return bool(self.settings.get("gradient_neighbors")) and "neighborhood_gradient" in self._open(0)

    def __contains__(self, sample: object) -> bool:
        return sample in self._places

    def __iter__(self) -> Iterator[int]:
        return iter(self._places)

    def read(self, samples: Iterable[int]) -> Iterator[tuple[int, xr.Dataset | None]]:
        """Samples in their order, each with what explanations read of its student, in memory; None where it
        has none. Of those that follow one another in a batch a few are read at once.
        """
        for batch, beside in groupby(samples, key=self._batch_of):
            if batch is None:
                yield from ((sample, None) for sample in beside)
                continue
            while some := list(islice(beside, AT_ONCE)):
                students, rows = self._open(batch), [self._places[sample][1] for sample in some]
                names = [name for name in READ if name in students]
                found = students[names].isel(student=rows).load()
                yield from ((sample, found.isel(student=row)) for row, sample in enumerate(some))

    def _batch_of(self, sample: int) -> int | None:
        return self._places[sample][0] if sample in self._places else None


def latest_students(run: Run, own: config.Students, *, seed: int) -> config.Students:
    """The settings of the students that were fitted last, as pages show them; the run's `own` without any.

    Students of an earlier version of the method do not count: they lack what is explained.
    """
    for batch in reversed(run.batches("students")):
        kind = batch.name.partition("/")[2].partition("-")[0]
        stored = batch.open("settings").attrs["settings"]
        try:
            settings = config.Students.model_validate(stored)
        except ValidationError:
            continue
        if key_in(run, students_stage(settings, seed=seed)) == kind:
            return settings.replaced(images=own.images, limit=own.limit)
    return own
