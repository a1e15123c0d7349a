"""One image's student at every point of a grid: held-out KL, agreement, stability and faithfulness.

KL is comparable between points only where all are asked the same: every student is examined on the neighbors
that the run's own settings hold out (in its band, of the largest number), at temperature 1. Faithfulness is
insertion - deletion of W(x - x̄), as `deepvid evaluate` measures it.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, UInt8

from deepvid import config
from deepvid.attribution import Case, bare_case
from deepvid.attribution.measures import DeletionInsertion, measure
from deepvid.cores import one_thread_each
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import Progress
from deepvid.statistics import wilson
from deepvid.students.decoding import Inputs, Plan
from deepvid.students.fidelity import fidelity
from deepvid.students.students import plan_for, plan_of, values_of
from deepvid.students.teacher_oracle import Neighborhood, label_neighborhood
from deepvid.students.teachers import traced
from deepvid.students.tuning import Exam, exam_of, fit_points, points_of
from deepvid.tuning import Tuned, point

CHUNK = 8  # points between two reports
CURVES = DeletionInsertion(judges=("colors",))
SPARSE = 5  # times as long as others take points with L1 or total variation, about


class Image(NamedTuple):
    """Image to explain."""

    pixels: UInt8[np.ndarray, "y x channel"]
    sample: int
    label: int  # without labels the runner-up
    mean_color: Float[np.ndarray, " channel"]  # of the training images


def images_of(opened: TrainedRun, samples: Sequence[int]) -> Iterator[Image]:
    """Images of a run, each read when it is asked for. Raises StoreError where the run has none."""
    for sample in samples:
        (pixels,), (label,) = opened.images([sample]), opened.labels([sample])
        yield Image(pixels, sample, int(label), opened.mean_color)


def tune(
    opened: TrainedRun,
    image: Image,
    own: config.Students,
    settings: Sequence[config.Students],
    *,
    seed: int,
    progress: Progress,
) -> Tuned:
    """Measures an image at the points `settings` of a grid, among which is `own`."""
    with one_thread_each(), traced(opened.teacher):
        return _Tuner(opened, image, own, settings, seed).run(progress)


class _Chunk(NamedTuple):
    """Points of one band that one program fits."""

    places: tuple[int, ...]
    settings: tuple[config.Students, ...]

    @property
    def cost(self) -> int:
        return len(self.places) * (SPARSE if _sparse(self.settings[0]) else 1)


class _Tuner:
    """One image's grid under way."""

    def __init__(
        self,
        opened: TrainedRun,
        image: Image,
        own: config.Students,
        settings: Sequence[config.Students],
        seed: int,
    ) -> None:
        self._opened, self._image, self._own, self._seed = opened, image, own, seed
        self._settings = tuple(settings)
        self._most = max(each.neighbors for each in settings)

    def run(self, progress: Progress) -> Tuned:
        """Looks around once for each band, and fits and measures a few points at a time."""
        chunks = list(_chunks(self._settings))
        total, done, told = sum(chunk.cost for chunk in chunks), 0, 0
        count = len(self._settings)
        progress.update(0, total, "drawing neighbors")
        near = self._around(self._own)
        exam = exam_of(near)
        logits = np.empty((count, *exam.logits.shape), np.float32)
        stability = np.empty(count, np.float32)
        faithfulness: list[np.ndarray] = [np.empty(0)] * count
        for band, same in groupby(chunks, lambda chunk: chunk.settings[0].band):
            around = near if band == self._own.band else self._around(self._own.replaced(band=band))
            for chunk in same:
                progress.update(done, total, f"{told} of {count} settings")
                said, stable, areas = self._measured(around, exam, chunk)
                for place, *values in zip(chunk.places, said, stable, areas, strict=True):
                    logits[place], stability[place], faithfulness[place] = values
                done, told = done + chunk.cost, told + len(chunk.places)
        progress.update(total, total, f"{count} settings")
        measured = fidelity(np.asarray(exam.logits)[None], logits)
        equal = (measured.teacher_class == measured.student_class).sum(axis=1)
        held_out = len(exam.logits)
        return Tuned(
            self._image.sample,
            self._settings,
            self._settings.index(point(self._own)),
            held_out,
            measured.kl.astype(np.float32),
            np.array([wilson(int(same), held_out) for same in equal], np.float32),
            stability,
            np.stack(faithfulness),
        )

    def _around(self, settings: config.Students) -> Neighborhood:
        """As many neighbors as any point has, in the band of these settings."""
        largest = settings.replaced(neighbors=self._most)
        opened, image = self._opened, self._image
        inputs = Inputs(image.pixels, np.int32(image.sample), np.int32(image.label))
        values = values_of(largest, opened.band(largest), self._seed)
        return label_neighborhood(opened.teacher, opened.vae, inputs, values, self._plan(largest))

    def _plan(self, settings: config.Students) -> Plan:
        return plan_for(self._opened.teacher, settings)

    def _measured(
        self, around: Neighborhood, exam: Exam, chunk: _Chunk
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The logits of the exam, the stability and the faithfulness of each point of a chunk."""
        some = chunk.settings[0]
        plan, count = self._plan(some), len(chunk.places)
        strengths = values_of(some, np.zeros(1, np.float32), self._seed).strengths
        found = fit_points(
            around, exam, points_of(chunk.settings, CHUNK), strengths, plan.anchor, plan.method
        )
        curves = measure(CURVES, self._opened.teacher, self._case(around), found.map[None])
        areas = np.asarray(curves.insertion - curves.deletion)[0]
        return np.asarray(found.logits)[:count], np.asarray(found.stability)[:count], areas[:count]

    def _case(self, around: Neighborhood) -> Case:
        """As the stage of explanations has it, with a leading axis."""
        key = jax.random.fold_in(jax.random.key(self._seed), self._image.sample)
        color = jnp.asarray(self._image.mean_color)[None]
        return bare_case(around.image[None], around.classes[None, :2], jax.random.split(key, 1), color)


def _chunks(settings: Sequence[config.Students]) -> Iterator[_Chunk]:
    """The points by band, of which each has what one program fits."""
    bands = list(dict.fromkeys(each.band for each in settings))
    for band in bands:
        for sparse in (False, True):
            places = [
                place for place, each in enumerate(settings) if each.band == band and _sparse(each) == sparse
            ]
            for first in range(0, len(places), CHUNK):
                some = tuple(places[first : first + CHUNK])
                yield _Chunk(some, tuple(settings[place] for place in some))


def _sparse(settings: config.Students) -> bool:
    return plan_of(settings).method.sparse
