"""The stage that explains images that have a student, by every method, and measures each explanation."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from deepvid import config, fields
from deepvid.adapters.contract import Model
from deepvid.attribution import METHODS, Case, Method, applicable, bare_case, explain, explain_by_places
from deepvid.attribution.judges import ALL, FILLING
from deepvid.attribution.measures import DeletionInsertion, StrongestPixels, measure
from deepvid.attribution.method import MeasuredMap, SumOfMaps
from deepvid.attribution.removals import StudentOfPlaces
from deepvid.config import digest, names
from deepvid.config.hashing import Fingerprint
from deepvid.cores import at_once
from deepvid.models import VAE, Classifier
from deepvid.pipeline.batches import BatchStage, Items
from deepvid.pipeline.stage import Family, Outcome, StageContext, key_in
from deepvid.pipeline.stored_students import StoredStudents
from deepvid.pipeline.students import chosen_samples, fit_batch, require_choice, students_stage
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.user_model import UserModel
from deepvid.pipeline.worker_pool import Batch
from deepvid.progress import Progress
from deepvid.store import dataset_of
from deepvid.tier import Tier
from deepvid.trust import Infill

LEVELS = 127  # of an int8 on either side of zero


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
    """Whether some method explains an image without a student, whatever its teacher is."""
    own = "network" in context.open("teacher").attrs
    methods = [METHODS[name] for name in section.methods]
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


class FittedRun(NamedTuple):
    """A run with its models and its students."""

    opened: TrainedRun
    students: StoredStudents


def open_fitted(
    path: Path, named: UserModel | None = None, *, students: config.Students, seed: int
) -> FittedRun:
    """Opens a run, and finds its students of these settings."""
    opened = TrainedRun.open(path, named)
    return FittedRun(opened, StoredStudents.of_run(opened.run, students_stage(students, seed=seed)))


def open_without_students(path: Path, named: UserModel | None = None) -> FittedRun:
    """Opens a run to explain images that have no student."""
    return FittedRun(TrainedRun.open(path, named), StoredStudents([]))


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
    fitted: list[xr.Dataset] = []
    if student is not None:
        key = key_in(opened.run, students_stage(student, seed=seed))
        fitted.append(fit_batch(opened, Batch(student, seed, key, (sample,)), progress))
    key = key_in(opened.run, explanations_stage(section, student or config.Students(), seed=seed))
    batch = Batch(section.replaced(judged=0.0), seed, key, (sample,))
    return explain_batch(FittedRun(opened, StoredStudents(fitted)), batch, progress, infill=infill)


def explain_batch(run: FittedRun, batch: Batch, progress: Progress, *, infill: bool = False) -> xr.Dataset:
    """The explanations of `batch` with the variables, dimensions and attributes of such a batch.

    The autoencoder judges images of which curves are taken; with `infill` all.
    """
    section = batch.section
    assert isinstance(section, config.Explanations)
    teacher, methods = run.opened.teacher, _methods(run, section, batch.items)
    questions = _questions(run, batch, methods)
    vae = run.opened.vae if "vae" in run.opened.run.stages else None
    explained: list[dict[str, np.ndarray]] = []
    while some := list(islice(questions, at_once())):
        begun = len(explained) * at_once()
        progress.update(begun, len(batch.items), f"image {begun + 1} of {len(batch.items)}")
        curves = [_judged(section, sample, batch.seed) for sample, _ in some]
        judging = _Judging(teacher, vae, methods, curves, [infill or taken for taken in curves])
        explained.append(_explained([case for _, case in some], judging))
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
    neighbors = run.opened.nearest_of_another_class(batch.items)
    for number, (sample, student) in enumerate(run.students.read(batch.items)):
        key = jax.random.fold_in(jax.random.key(batch.seed), sample)
        asked = run.opened.contrast(sample) if student is None else student["contrast"].to_numpy()
        row, color = slice(number, number + 1), jnp.asarray(run.opened.mean_color)[None]
        image = jnp.asarray(images[row], jnp.float32) / 255
        case = bare_case(image, jnp.asarray(asked)[None], jax.random.split(key, 1), color)
        case = case._replace(training=training, neighbor=jnp.asarray(neighbors[row]))
        yield sample, case if student is None else _with_student(case, student)


def _methods(run: FittedRun, section: config.Explanations, samples: Iterable[int]) -> list[Method]:
    """Those asked for that apply to the network, and to students as they were fitted."""
    known = applicable(run.opened.teacher)
    if not run.students.gradients:
        known.pop("neighborhood_gradient")
    if not all(sample in run.students for sample in samples):
        known = {name: method for name, method in known.items() if not method.needs_student}
    return [known[name] for name in section.methods if name in known]


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


class _Judging(NamedTuple):
    """Methods and judges of some cases."""

    classifier: Classifier | Model
    vae: VAE | None
    methods: list[Method]
    curves: list[bool]  # of each case, whether its curves are taken
    infill: list[bool]  # of each case, whether the VAE judges its maps


def _explained(cases: list[Case], judging: _Judging) -> dict[str, np.ndarray]:
    """Arrays to store of some cases."""
    classifier, vae, methods, *_ = judging
    together = _together(cases)
    explained = _maps(classifier, together, methods)
    maps = jnp.stack([explained[method].map for method in methods], axis=1)
    lost = measure(StrongestPixels(), classifier, together, maps)
    pixels = np.asarray(maps.sum(axis=-1))  # (case, method, y, x)
    scale = np.maximum(np.abs(pixels).max(axis=(2, 3)), 1e-12)
    by_infill = np.full((2, *scale.shape), np.nan, np.float32)
    infill = np.full(len(maps), Infill.NOT_ASKED, np.int8)
    if vae is not None and any(judging.infill):
        some, rows = _those(judging.infill, cases)
        found = measure(StrongestPixels(judges=("infill",)), classifier, some, maps[rows], vae=vae)
        by_infill[:, rows] = found.beyond_chance, found.high
        knows = np.isfinite(by_infill[0, rows]).any(axis=1)
        infill[rows] = np.where(knows, Infill.JUDGED, Infill.KNOWS_NOTHING)
    arrays = {
        "map": np.rint(pixels / scale[..., None, None] * LEVELS).astype(np.int8),
        "scale": scale,
        "total": pixels.sum(axis=(2, 3)),
        "margin_lost": np.asarray(lost.beyond_chance),
        "margin_chance": np.asarray(lost.high),
        "infill_lost": by_infill[0],
        "infill_chance": by_infill[1],
        "infill": infill,
        "faithfulness": _areas(cases, maps, judging),
        "contrast": np.asarray(together.classes),
    }
    for one in explained.values():
        if one.r2 is not None:
            arrays["places_r2"] = np.asarray(one.r2)
    return {name: values[: len(cases)] for name, values in arrays.items()}


def _areas(cases: list[Case], maps: jax.Array, judging: _Judging) -> np.ndarray:
    """Insertion - deletion (case, method, judge), nan of judges that were not asked."""
    areas = np.full((*maps.shape[:2], len(ALL)), np.nan, np.float32)
    if any(judging.curves):
        some, rows = _those(judging.curves, cases)
        known = tuple(name for name in FILLING if name != "neighbors" or not jnp.isnan(some.neighbor).any())
        asked: list[tuple[tuple[names.Judge, ...], VAE | None]] = [(known, None)]
        if judging.vae is not None:
            asked.append((("infill",), judging.vae))
        for judges, vae in asked:
            found = measure(DeletionInsertion(judges), judging.classifier, some, maps[rows], vae=vae)
            columns = np.array([ALL.index(name) for name in judges])
            areas[rows[:, None], :, columns] = np.moveaxis(found.insertion - found.deletion, 2, 1)
    return areas


def _those(chosen: list[bool], cases: list[Case]) -> tuple[Case, np.ndarray]:
    """The chosen of some cases, and their rows."""
    rows = np.flatnonzero(chosen)
    some = _together([cases[row] for row in rows])
    return some, np.resize(rows, len(some.image))


def _maps(classifier: Classifier | Model, cases: Case, methods: list[Method]) -> dict[Method, MeasuredMap]:
    """Each method's; maps that are sums of others are not asked for anew."""
    found: dict[Method, MeasuredMap] = {}
    for method in sorted(methods, key=lambda method: isinstance(method, SumOfMaps)):
        if isinstance(method, SumOfMaps) and found.keys() >= set(method.parts):
            found[method] = MeasuredMap(method.sum([found[part].map for part in method.parts]))
        elif isinstance(method, StudentOfPlaces):
            found[method] = explain_by_places(method, classifier, cases)
        else:
            found[method] = MeasuredMap(explain(method, classifier, cases))
    return found


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
