"""The stage that explains images that have a student, by every method, and measures each explanation."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, groupby, islice
from pathlib import Path
from typing import Any, NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from pydantic import ValidationError

from deepvid import config, fields
from deepvid.adapters.contract import Model
from deepvid.attribution import Case, Method, applicable, explain
from deepvid.attribution.judges import ALL
from deepvid.attribution.measures import DeletionInsertion, StrongestPixels, measure
from deepvid.attribution.method import SumOfMaps
from deepvid.config import digest
from deepvid.config.hashing import Fingerprint
from deepvid.cores import at_once
from deepvid.models import Classifier
from deepvid.pipeline.batches import BatchStage, Items
from deepvid.pipeline.stage import Family, StageContext, key_in
from deepvid.pipeline.students import chosen_samples, fit_batch, require_choice, students_stage
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.user_model import UserModel
from deepvid.pipeline.worker_pool import Batch
from deepvid.progress import Progress
from deepvid.store import Run, dataset_of
from deepvid.tier import Tier

LEVELS = 127  # of an int8 on either side of zero
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


@dataclass(frozen=True, kw_only=True)
class ExplanationStage(BatchStage):
    """Its images have students of one kind, which its key tells."""

    students: BatchStage
    ahead: Callable[[StageContext], Items]  # the same items, before all of their students are there

    def beginning(self) -> Self:
        return replace(super().beginning(), items=self.ahead)

    def _groups(self, context: StageContext, items: Items) -> list[tuple[int, ...]]:
        groups = super()._groups(context, items)
        if self.batches is None:
            return groups
        fitted = Fitted.of_run(context.run, self.students)
        return [group for group in groups if all(sample in fitted for sample in group)]

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
        return among(context, Fitted.of_run(context.run, source))

    def ahead(context: StageContext) -> Items:
        return among(context, {*source.items(context).wanted.tolist(), *Fitted.of_run(context.run, source)})

    return ExplanationStage(
        name=section.stage,
        needs=("teacher", "vae"),
        section=section,
        seed=seed,
        version=4,
        choosing=frozenset({"images", "limit"}),
        items=items,
        begin=partial(open_fitted, students=students, seed=seed),
        task=explain_batch,
        check=partial(require_choice, images=section.images),
        students=source,
        ahead=ahead,
    )


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


class Fitted:
    """Students of one kind, by sample."""

    def __init__(self, batches: list[xr.Dataset]) -> None:
        self._batches = batches
        self._places = {
            sample: (number, row)
            for number, batch in enumerate(batches)
            for row, sample in enumerate(batch["sample"].to_numpy().tolist())
        }

    @classmethod
    def of_run(cls, run: Run, stage: BatchStage) -> Self:
        """Those that a run has stored."""
        return cls([batch.open() for batch in stage.stored_in(run)])

    @property
    def key(self) -> str:
        """Of what they were fitted with; empty where there are none."""
        return str(self._batches[0].attrs["settings_key"]) if self._batches else ""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings they were fitted with; empty where there are none."""
        return self._batches[0].attrs["settings"] if self._batches else {}

    @property
    def gradients(self) -> bool:
        """Whether they have the gradient of their neighborhood."""
        # Runs that were written before it was left out have a nan in its place.
        return bool(self.settings.get("gradient_neighbors")) and "neighborhood_gradient" in self._batches[0]

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
                students, rows = self._batches[batch], [self._places[sample][1] for sample in some]
                names = [name for name in READ if name in students]
                found = students[names].isel(student=rows).load()
                yield from ((sample, found.isel(student=row)) for row, sample in enumerate(some))

    def _batch_of(self, sample: int) -> int | None:
        return self._places[sample][0] if sample in self._places else None


class FittedRun(NamedTuple):
    """A run with its models and its students."""

    opened: TrainedRun
    students: Fitted


def open_fitted(
    path: Path, named: UserModel | None = None, *, students: config.Students, seed: int
) -> FittedRun:
    """Opens a run, and finds its students of these settings."""
    opened = TrainedRun.open(path, named)
    return FittedRun(opened, Fitted.of_run(opened.run, students_stage(students, seed=seed)))


def explain_sample(
    opened: TrainedRun,
    sample: int,
    section: config.Explanations,
    student: config.Students | None,
    *,
    seed: int,
    progress: Progress,
) -> xr.Dataset:
    """The explanations of one sample, as a batch of one without curves; nothing is written.

    Its student of these settings is fitted for it; without any, the methods that need one are left out.
    """
    fitted: list[xr.Dataset] = []
    if student is not None:
        key = key_in(opened.run, students_stage(student, seed=seed))
        fitted.append(fit_batch(opened, Batch(student, seed, key, (sample,)), progress))
    key = key_in(opened.run, explanations_stage(section, student or config.Students(), seed=seed))
    batch = Batch(section.replaced(judged=0.0), seed, key, (sample,))
    return explain_batch(FittedRun(opened, Fitted(fitted)), batch, progress)


def explain_batch(run: FittedRun, batch: Batch, progress: Progress) -> xr.Dataset:
    """The explanations of `batch` with the variables, dimensions and attributes of such a batch."""
    section = batch.section
    assert isinstance(section, config.Explanations)
    teacher, methods = run.opened.teacher, _methods(run, section, batch.items)
    questions = _questions(run, batch, methods)
    explained: list[dict[str, np.ndarray]] = []
    while some := list(islice(questions, at_once())):
        begun = len(explained) * at_once()
        progress.update(begun, len(batch.items), f"image {begun + 1} of {len(batch.items)}")
        curves = [_judged(section, sample, batch.seed) for sample, _ in some]
        explained.append(_explained(teacher, [case for _, case in some], methods, curves))
    arrays = {name: np.concatenate([one[name] for one in explained]) for name in explained[0]}
    attrs = {
        "settings": section.model_dump(mode="json"),
        "settings_key": batch.key,
        "seed": batch.seed,
        "students": run.students.key,
        "methods": [method.name for method in methods],
        "labels": [method.label for method in methods],
        "judges": list(ALL),
    }
    return dataset_of(fields.EXPLANATIONS, {"sample": np.array(batch.items, np.int32), **arrays}, attrs)


def _questions(run: FittedRun, batch: Batch, methods: list[Method]) -> Iterator[tuple[int, Case]]:
    """Samples with their cases, which have a leading axis."""
    images = run.opened.images(batch.items)
    needs_training = any(method.name == "expected_gradients" for method in methods)
    training = jnp.asarray(run.opened.some_training_images if needs_training else images[:0])[None]
    for number, (sample, student) in enumerate(run.students.read(batch.items)):
        key = jax.random.fold_in(jax.random.key(batch.seed), sample)
        asked = run.opened.contrast(sample) if student is None else student["contrast"].to_numpy()
        case = _without_student(run.opened, images[number : number + 1], asked, key, training)
        yield sample, case if student is None else _with_student(case, student)


def _methods(run: FittedRun, section: config.Explanations, samples: Iterable[int]) -> list[Method]:
    """Those asked for that apply to the network, and to students as they were fitted."""
    known = applicable(run.opened.teacher)
    if not run.students.gradients:
        known.pop("neighborhood_gradient")
    if not all(sample in run.students for sample in samples):
        known = {name: method for name, method in known.items() if not method.needs_student}
    return [known[name] for name in section.methods if name in known]


def _without_student(
    opened: TrainedRun, image: np.ndarray, classes: ArrayLike, key: jax.Array, training: jax.Array
) -> Case:
    """One case, with a leading axis, of an image (1, y, x, channel)."""
    nan = jnp.full(image.shape, jnp.nan)
    return Case(
        image=jnp.asarray(image, jnp.float32) / 255,
        classes=jnp.asarray(classes, jnp.int32)[None],
        key=jax.random.split(key, 1),
        mean_color=jnp.asarray(opened.mean_color)[None],
        student=nan,
        neighborhood_mean=nan,
        neighborhood_gradient=nan,
        training=training,
    )


def _with_student(case: Case, student: xr.Dataset) -> Case:
    smoothest = int(student["smoothness"].to_numpy().argmax())
    ((first, second),) = np.asarray(case.classes)
    rows = student["row"].to_numpy() if "row" in student else np.arange(student.sizes["class"])
    stored = student["shared_weights" if "row" in student else "weights"].isel(fit=smoothest)
    weights = stored.to_numpy().astype(np.float32)
    temperature = float(student.attrs["settings"]["temperature"])
    case = case._replace(
        student=temperature * jnp.asarray(weights[rows[first]] - weights[rows[second]])[None],
        neighborhood_mean=jnp.asarray(student["neighborhood_mean"].to_numpy(), jnp.float32)[None] / 255,
    )
    if "neighborhood_gradient" not in student:
        return case
    gradient = student["neighborhood_gradient"].to_numpy()
    return case._replace(neighborhood_gradient=jnp.asarray(gradient, jnp.float32)[None])


def _explained(
    classifier: Classifier | Model, cases: list[Case], methods: list[Method], curves: list[bool]
) -> dict[str, np.ndarray]:
    """Arrays to store of some cases; `curves`: of which curves are taken."""
    together = _together(cases)
    maps = jnp.stack(_maps(classifier, together, methods), axis=1)
    lost = measure(StrongestPixels(), classifier, together, maps)
    faithfulness = np.full((len(maps), len(methods), len(ALL)), np.nan, np.float32)
    if any(curves):
        rows = np.flatnonzero(curves)
        of = _together([cases[row] for row in rows])
        rows = np.resize(rows, len(of.image))
        areas = measure(DeletionInsertion(), classifier, of, maps[rows])
        faithfulness[rows] = np.asarray(areas.insertion - areas.deletion)
    pixels = np.asarray(maps.sum(axis=-1))  # (case, method, y, x)
    scale = np.maximum(np.abs(pixels).max(axis=(2, 3)), 1e-12)
    arrays = {
        "map": np.rint(pixels / scale[..., None, None] * LEVELS).astype(np.int8),
        "scale": scale,
        "total": pixels.sum(axis=(2, 3)),
        "margin_lost": np.asarray(lost.beyond_chance),
        "margin_chance": np.asarray(lost.high),
        "faithfulness": faithfulness,
        "contrast": np.asarray(together.classes),
    }
    return {name: values[: len(cases)] for name, values in arrays.items()}


def _maps(classifier: Classifier | Model, cases: Case, methods: list[Method]) -> list[jax.Array]:
    """Each method's; maps that are sums of others are not asked for anew."""
    found: dict[Method, jax.Array] = {}
    for method in sorted(methods, key=lambda method: isinstance(method, SumOfMaps)):
        if isinstance(method, SumOfMaps) and found.keys() >= set(method.parts):
            found[method] = method.sum([found[part] for part in method.parts])
        else:
            found[method] = explain(method, classifier, cases)
    return [found[method] for method in methods]


def _together(cases: list[Case]) -> Case:
    """In one, begun again up to a power of two: a program serves many numbers of them."""
    count = 1 << (len(cases) - 1).bit_length()
    return jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *islice(cycle(cases), count))


def _judged(section: config.Explanations, sample: int, seed: int) -> bool:
    """Whether the curves of a sample are taken: drawn by its index alone, whatever else is explained."""
    return bool(np.random.default_rng([sample, seed]).random() < section.judged)


def _stages(experiment: config.Experiment) -> Iterator[ExplanationStage]:
    yield explanations_stage(experiment.explanations, experiment.students, seed=experiment.seed)


EXPLANATIONS = Family(config.Explanations, _stages, fields.EXPLANATIONS, tier=Tier.PREDICT)
"""The kind of stage that explains and measures; it follows the students."""
