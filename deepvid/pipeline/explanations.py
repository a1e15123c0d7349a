"""The stage that explains images that have a student, by every method, and measures each explanation."""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import xarray as xr

from deepvid import config, fields
from deepvid.attribution import METHODS
from deepvid.config import digest
from deepvid.config.hashing import Fingerprint
from deepvid.faithfulness import CONTROLS
from deepvid.pipeline.batches import BatchStage, Items
from deepvid.pipeline.explanation_batches import FittedRun, explain_batch
from deepvid.pipeline.stage import Family, Outcome, StageContext, key_in
from deepvid.pipeline.stored_students import StoredStudents
from deepvid.pipeline.students import chosen_samples, fit_batch, require_choice, students_stage
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.user_model import UserModel
from deepvid.pipeline.worker_pool import Batch
from deepvid.progress import Progress
from deepvid.tier import Tier


@dataclass(frozen=True, kw_only=True)
class ExplanationStage(BatchStage):
    """Its images have students of one kind, which its key tells."""

    students: BatchStage
    ahead: Callable[[StageContext], Items]  # the same items, before all of their students are there
    right: BatchStage  # explains right images beside them

    def beginning(self) -> Self:
        return replace(super().beginning(), items=self.ahead)

    def _groups(self, context: StageContext, items: Items) -> list[tuple[int, ...]]:
        groups = super()._groups(context, items)
        if self.batches is None:
            return groups
        fitted = StoredStudents.of_run(context.run, self.students)
        return [group for group in groups if all(sample in fitted for sample in group)]

    def ensure(self, context: StageContext) -> Outcome:
        outcome = super().ensure(context)
        if self.batches is not None:
            return outcome
        beside = self.right.ensure(replace(context, key=key_in(context.run, self.right)))
        return outcome if beside == "reused" else beside

    def key(self, keys: Mapping[str, str], fingerprint: Fingerprint) -> str:
        return digest([super().key(keys, fingerprint), self.students.key(keys, fingerprint)])[:8]


def explanations_stage(
    section: config.Explanations, students: config.Students, *, seed: int
) -> ExplanationStage:
    """Explains the chosen samples that have a student of these settings and no explanation yet."""
    source = students_stage(students, seed=seed)

    def among(context: StageContext, fitted: Container[object]) -> Items:
        chosen = chosen_samples(context, section.images)
        wanted = np.array([sample for sample in chosen if sample in fitted], np.int64)[: section.limit]
        y, x, _ = context.open("dataset")["image"].shape[1:]
        return Items(wanted, len(section.methods) * y * x, f"{len(wanted):,} images that have a student")

    def items(context: StageContext) -> Items:
        return among(context, StoredStudents.of_run(context.run, source))

    def ahead(context: StageContext) -> Items:
        return among(
            context, {*source.items(context).wanted.tolist(), *StoredStudents.of_run(context.run, source)}
        )

    alike: dict[str, Any] = {
        "name": section.stage,
        "needs": ("teacher", "vae"),
        "section": section,
        "seed": seed,
        "version": 5,
        "choosing": frozenset({"images", "limit", "right"}),
        "task": explain_batch,
        "check": partial(require_choice, images=section.images),
    }

    def right(context: StageContext) -> Items:
        errors = items(context)
        beside = section.images == "misclassified" and _needs_no_student(context, section)
        wanted = right_samples(context, min(section.right, len(errors.wanted)) if beside else 0)
        return errors._replace(wanted=wanted, text=f"{len(wanted)} right images")

    return ExplanationStage(
        **alike,
        items=items,
        begin=partial(open_fitted, students=students, seed=seed),
        students=source,
        ahead=ahead,
        right=BatchStage(**alike, items=right, begin=open_without_students),
    )


def _needs_no_student(context: StageContext, section: config.Explanations) -> bool:
    """Whether some method, no control, explains an image without a student, whatever its teacher is."""
    own = "network" in context.open("teacher").attrs
    methods = [METHODS[name] for name in section.methods if name not in CONTROLS]
    return any(not one.needs_student and (own or one.tier <= Tier.PREDICT) for one in methods)


def right_samples(context: StageContext, most: int) -> np.ndarray:
    """Test images that the teacher gives their class, int (sample,): of every class in turn the one that is
    nearest to another, by the margin; none where images have no labels.
    """
    dataset = context.open("dataset", "test")
    if "label" not in dataset or not most:
        return np.zeros(0, np.int64)
    logits = context.open("teacher", "logits")["logits"].to_numpy()
    label = dataset["label"].to_numpy()
    right = np.flatnonzero(dataset["test"].to_numpy() & (logits.argmax(axis=1) == label))
    two = np.sort(logits[right], axis=1)[:, -2:]
    nearest = right[np.argsort(two[:, 1] - two[:, 0], kind="stable")]
    turn = np.empty(len(nearest), np.int64)
    for own in np.unique(label[nearest]):
        rows = np.flatnonzero(label[nearest] == own)
        turn[rows] = np.arange(len(rows))
    return nearest[np.argsort(turn, kind="stable")][:most]


def open_fitted(
    path: Path, named: UserModel | None = None, *, students: config.Students, seed: int
) -> FittedRun:
    """Opens a run, and finds its students of these settings."""
    opened = TrainedRun.open(path, named)
    return FittedRun(opened, StoredStudents.of_run(opened.run, students_stage(students, seed=seed)))


def open_without_students(path: Path, named: UserModel | None = None) -> FittedRun:
    """Opens a run to explain images that have no student."""
    return FittedRun(TrainedRun.open(path, named), StoredStudents.in_memory())


def explain_sample(
    opened: TrainedRun,
    sample: int,
    section: config.Explanations,
    student: config.Students | None,
    *,
    seed: int,
    infill: bool = False,
    progress: Progress,
) -> xr.Dataset:
    """The explanations of one sample, as a batch of one without curves; nothing is written.

    Its student of these settings is fitted for it; without any, the methods that need one are left out.
    With `infill` the autoencoder judges, too.
    """
    fitted = StoredStudents.in_memory()
    if student is not None:
        key = key_in(opened.run, students_stage(student, seed=seed))
        fitted = StoredStudents.in_memory(fit_batch(opened, Batch(student, seed, key, (sample,)), progress))
    key = key_in(opened.run, explanations_stage(section, student or config.Students(), seed=seed))
    batch = Batch(section.replaced(judged=0.0), seed, key, (sample,))
    return explain_batch(FittedRun(opened, fitted), batch, progress, infill=infill)


def _stages(experiment: config.Experiment) -> Iterator[ExplanationStage]:
    yield explanations_stage(experiment.explanations, experiment.students, seed=experiment.seed)


EXPLANATIONS = Family(config.Explanations, _stages, fields.EXPLANATIONS, tier=Tier.PREDICT)
"""The kind of stage that explains and measures; it follows the students."""
