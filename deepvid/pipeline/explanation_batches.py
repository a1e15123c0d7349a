"""Batches of explanations: every method's maps of some images, each judged."""

from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from deepvid import config, fields
from deepvid.adapters.contract import Model
from deepvid.attribution import Case, Method, applicable, bare_case, explain, explain_by_places
from deepvid.attribution.judges import ALL, FILLING
from deepvid.attribution.measures import DeletionInsertion, MarginLost, StrongestPixels, measure
from deepvid.attribution.method import MeasuredMap, SumOfMaps
from deepvid.attribution.removals import StudentOfPlaces
from deepvid.config import names
from deepvid.cores import at_once
from deepvid.errors import UserError
from deepvid.models import VAE, Classifier
from deepvid.pipeline.stored_students import StoredStudents
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.worker_pool import Batch
from deepvid.progress import Progress, current
from deepvid.store import dataset_of
from deepvid.trust import Infill

LEVELS = 127  # of an int8 on either side of zero


class FittedRun(NamedTuple):
    """A run with its models and its students."""

    opened: TrainedRun
    students: StoredStudents


def explain_batch(run: FittedRun, batch: Batch, progress: Progress, *, infill: bool = False) -> xr.Dataset:
    """The explanations of `batch` with the variables, dimensions and attributes of such a batch.

    The autoencoder judges images of which curves are taken; with `infill` all.
    """
    section = batch.section
    assert isinstance(section, config.Explanations)
    teacher, methods = run.opened.teacher, _methods(run, section, batch.items)
    questions = _questions(run, batch, section, methods)
    vae = run.opened.vae if "vae" in run.opened.run.stages else None
    explained: list[dict[str, np.ndarray]] = []
    while some := list(islice(questions, at_once())):
        begun = len(explained) * at_once()
        progress.update(begun, len(batch.items), f"image {begun + 1} of {len(batch.items)}")
        curves = [_judged(section, sample, batch.seed) for sample, _ in some]
        procedure = _Procedure(teacher, vae, methods, curves, [infill or taken for taken in curves])
        explained.append(_explained([case for _, case in some], procedure))
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


def _questions(
    run: FittedRun, batch: Batch, section: config.Explanations, methods: list[Method]
) -> Iterator[tuple[int, Case]]:
    """Samples with their cases, which have a leading axis."""
    images = run.opened.images(batch.items)
    needs_training = any(method.name == "expected_gradients" for method in methods)
    training = jnp.asarray(run.opened.some_training_images if needs_training else images[:0])[None]
    judged = [sample for sample in batch.items if _judged(section, sample, batch.seed)]
    neighbors = dict(zip(judged, run.opened.nearest_of_another_class(judged), strict=True))
    for number, (sample, student) in enumerate(run.students.read(batch.items)):
        key = jax.random.fold_in(jax.random.key(batch.seed), sample)
        asked = run.opened.contrast(sample) if student is None else student["contrast"].to_numpy()
        row, color = slice(number, number + 1), jnp.asarray(run.opened.mean_color)[None]
        image = jnp.asarray(images[row], jnp.float32) / 255
        case = bare_case(image, jnp.asarray(asked)[None], jax.random.split(key, 1), color)
        case = case._replace(training=training)
        if sample in neighbors:
            case = case._replace(neighbor=jnp.asarray(neighbors[sample])[None])
        yield sample, case if student is None else _with_student(case, student)


def _methods(run: FittedRun, section: config.Explanations, samples: Iterable[int]) -> list[Method]:
    """Those asked for that apply to the network, and to students as they were fitted. Raises UserError where
    none does.
    """
    known = applicable(run.opened.teacher)
    if not run.students.gradients:
        known.pop("neighborhood_gradient")
    if not all(sample in run.students for sample in samples):
        known = {name: method for name, method in known.items() if not method.needs_student}
    if not (methods := [known[name] for name in section.methods if name in known]):
        raise UserError(
            "Some method of a run applies to its network, and where there is no student needs none",
            ", ".join(section.methods),
            "Fit a student of the image, or ask for other methods: deepvid evaluate RUN --methods all",
        )
    return methods


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


class _Procedure(NamedTuple):
    """Methods and judges of some cases, and which of these they are asked about."""

    classifier: Classifier | Model
    vae: VAE | None
    methods: list[Method]
    curves: list[bool]  # of each case, whether its curves are taken
    infill: list[bool]  # of each case, whether the VAE judges its maps


def _explained(cases: list[Case], procedure: _Procedure) -> dict[str, np.ndarray]:
    """Arrays to store of some cases."""
    classifier, vae, methods, *_ = procedure
    together = _together(cases)
    explained = _maps(classifier, together, methods)
    maps = jnp.stack([explained[method].map for method in methods], axis=1)
    lost = measure(StrongestPixels(), classifier, together, maps)
    _let_pass(lost)
    pixels = np.asarray(maps.sum(axis=-1))  # (case, method, y, x)
    scale = np.maximum(np.abs(pixels).max(axis=(2, 3)), 1e-12)
    by_infill = np.full((2, *scale.shape), np.nan, np.float32)
    infill = np.full(len(maps), Infill.NOT_ASKED, np.int8)
    if vae is not None and any(procedure.infill):
        some, rows = _those(procedure.infill, cases)
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
        "faithfulness": _areas(cases, maps, procedure),
        "contrast": np.asarray(together.classes),
    }
    for one in explained.values():
        if one.r2 is not None:
            arrays["places_r2"] = np.asarray(one.r2)
    return {name: values[: len(cases)] for name, values in arrays.items()}


def _areas(cases: list[Case], maps: jax.Array, procedure: _Procedure) -> np.ndarray:
    """Insertion - deletion (case, method, judge), nan of judges that were not asked."""
    areas = np.full((*maps.shape[:2], len(ALL)), np.nan, np.float32)
    if any(procedure.curves):
        some, rows = _those(procedure.curves, cases)
        known = tuple(name for name in FILLING if name != "neighbors" or not jnp.isnan(some.neighbor).any())
        asked: list[tuple[tuple[names.Judge, ...], VAE | None]] = [(known, None)]
        if procedure.vae is not None:
            asked.append((("infill",), procedure.vae))
        for judges, vae in asked:
            found = measure(DeletionInsertion(judges), procedure.classifier, some, maps[rows], vae=vae)
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
        _let_pass(found[method])
    return found


def _let_pass(begun: MeasuredMap | MarginLost) -> None:
    """Waits until it is computed: a safe point, where a page's other questions go first."""
    jax.block_until_ready(begun)
    current().check()


def _together(cases: list[Case]) -> Case:
    """In one, begun again up to a power of two: a program serves many numbers of them."""
    count = 1 << (len(cases) - 1).bit_length()
    return jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *islice(cycle(cases), count))


def _judged(section: config.Explanations, sample: int, seed: int) -> bool:
    """Whether the curves of a sample are taken: drawn by its index alone, whatever else is explained."""
    return bool(np.random.default_rng([sample, seed]).random() < section.judged)
