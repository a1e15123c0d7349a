"""The experiment of an archive once more, and how far its results are those that were archived."""

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import xarray as xr

from deepvid.config import Experiment, Projection, Students, Teacher, TimeTravel, experiment_from
from deepvid.config.sections.network import NETWORK, TOGETHER, apart
from deepvid.errors import StoreError
from deepvid.fields import FORMER, PARTS, TRAINING, parts_of
from deepvid.pipeline.identity import identity_of
from deepvid.pipeline.network import stage_of
from deepvid.pipeline.projection import projection_stage
from deepvid.pipeline.runner import RunOptions, extend_run, run_experiment
from deepvid.pipeline.stage import GroupStage
from deepvid.pipeline.time_travel import time_travel_stage
from deepvid.pipeline.user_model import UserModel
from deepvid.store import Run, Stage, import_archive, list_runs, open_run

RELATIVE, ABSOLUTE = 1e-4, 1e-5
"""Floats are equal within tolerance where |a - b| <= ABSOLUTE + RELATIVE |a|; what is kept in half precision
has two of its last digits for RELATIVE; all else must be equal."""
STUDENTS = 0.02
"""ABSOLUTE of students: a fiftieth of a logit, two of a hundred neighbors. The optimum of a flat objective
moves by more than the models it is fitted to, which other versions of packages give within the tolerance."""
KAPPA = 0.1
"""ABSOLUTE of a student's kappa, which one neighbor of a hundred moves by that where one label is common."""
DERIVATIVES = frozenset(
    {"weights", "shared_weights", "neighborhood_gradient", "jacobian", "occlusion", "map"}
)
DERIVED = 0.02
"""ABSOLUTE of derivatives, of weights that are pulled to them and of explanations, of the largest value: last
digits decide on which side of a kink a neighbor lies, and which pixels are the strongest tenth."""

SERIES = "series "

Unequal = Literal["newer version", "different", "missing"]
Outcome = Literal["not asked for", "from the archive", "equal bytes", "equal within tolerance", Unequal]


class Reproduced(NamedTuple):
    """One stage, or one series with a `series ` before its name.

    Images of a person's own are `from the archive`: they are taken, for nobody else may have the files; so
    is what was asked to be. Batches that somebody had computed beside the configuration are `not asked for`
    by it, and not computed again. A batch has a `newer version` where the same settings give another key: its
    stage, or one that it needs, computes otherwise now. `largest` is the largest absolute difference of a
    float, `relative` the largest over the largest value of its variable; `where` is the variable, or the
    group, that is different or missing; `metrics` are rows (what, archived, now) of what a stage that is
    different says of itself.
    """

    name: str
    outcome: Outcome
    largest: float = 0.0
    relative: float = 0.0
    where: str = ""
    metrics: tuple[tuple[str, Any, Any], ...] = ()


class Reproduction(NamedTuple):
    """`versions` are rows (what, archived, now) that differ: packages, Python, processor, devices."""

    run: Path
    stages: tuple[Reproduced, ...]
    versions: tuple[tuple[str, Any, Any], ...]

    @property
    def ok(self) -> bool:
        return not any(stage.outcome in get_args(Unequal) for stage in self.stages)


def reproduce(file: Path, store: Path, options: RunOptions, take: Collection[str] = ()) -> Reproduction:
    """Runs the experiment of an archive in `store`, which may hold an earlier part of this and nothing else.

    The run gets the archived one's id and keys, however they were hashed. The stages that `take` names are
    taken from the archive: a training amplifies the last digits, in which other versions differ, and what is
    computed from it can be compared only where it is the same.

    Raises StoreError where other runs are there, for from these equal stages would be copied, and for a
    stage to be taken that the archive has not; DamagedError for an archive that is not what was archived; and
    what a stage raises.
    """
    with tempfile.TemporaryDirectory(prefix="deepvid-reproduce-") as folder:
        original = open_run(import_archive(file, Path(folder)))
        experiment = experiment_from(original.config, origin=file.name)
        _require_empty(store, original)
        named = None if options.user_model is None else options.user_model.of_run(original)
        reusable = _given(experiment, original, named) | _taken(take, original)
        options = options._replace(reusable=reusable, user_model=named)
        again = open_run(run_experiment(experiment, store, options, identity_of(original)))
        if further := list(_further(original, again, seed=experiment.seed)):
            extend_run(again.path, further, options)
        again = open_run(again.path)
        taken = [
            name
            for name, stage in reusable.items()
            if name in again.stages and again.stages[name].key == stage.key
        ]
        stages = tuple(
            Reproduced(stage.name, "from the archive") if stage.name in taken else stage
            for stage in compared(original, again)
            if stage.name.removeprefix(SERIES) not in taken or stage.name in taken
        )
        return Reproduction(again.path, stages, tuple(_versions(original.provenance, again.provenance)))


def compared(original: Run, again: Run) -> Iterator[Reproduced]:
    """Compares the archive with what was computed again, stage by stage."""
    for commit in original.commits:
        if commit.kind == "series" and commit.name != TRAINING:  # how a training went is none of its results
            yield _series(original, again, commit.name)
        if commit.kind == "stage" and original.stages[commit.name].key == commit.key:
            yield _stage(original, again, original.stages[commit.name])


def difference(name: str, first: xr.Dataset, second: xr.Dataset) -> Reproduced:
    """The worst of a group's variables; what an archive left out of a group is not asked for."""
    worst = Reproduced(name, "equal bytes")
    for variable, values in first.variables.items():
        if variable not in second.variables:
            return Reproduced(name, "missing", where=str(variable))
        arrays = values.values, second[variable].to_numpy()
        worst = _worse(worst, _arrays(name, str(variable), *arrays, _absolute(name, str(variable), values)))
    return worst


def _absolute(name: str, variable: str, values: xr.Variable) -> float:
    """Largest difference that the values may have; 0 where they must be equal."""
    family, number = name.partition("/")[0], values.dtype.kind == "f"
    if variable in DERIVATIVES or (family == "explanations" and number):
        largest = np.abs(values.to_numpy().astype(np.float64))
        return DERIVED * float(np.nanmax(largest, initial=0.0))
    if not number:
        return 0.0
    if family != "students":
        return ABSOLUTE
    if variable == "kappa":
        return KAPPA
    return STUDENTS


def _further(original: Run, again: Run, *, seed: int) -> Iterator[GroupStage]:
    """Maps and what layers say that were computed after the experiment, or anew."""
    for name, stage in original.stages.items():
        known = again.stages.get(name)
        if known is not None and known.key == stage.key:
            continue
        if name.startswith(f"{Projection.stage}-"):
            section = Projection.model_validate(stage.open().attrs["projection"])
            yield projection_stage(section, seed=seed)
        if name.startswith(f"{TimeTravel.stage}-"):
            yield time_travel_stage(TimeTravel.model_validate(stage.open().attrs["settings"]), seed=seed)
    for name, kind in NETWORK.items():
        part, known = original.stage(kind.stage), again.stages.get(kind.stage)
        if part is not None and (known is None or known.key != part.key):
            told = part.open().attrs
            settings = apart({TOGETHER: told["settings"]})[name]
            yield stage_of(kind.model_validate(settings), seed=seed, vae=bool(told.get("vae")))


def _given(experiment: Experiment, original: Run, named: UserModel | None) -> dict[str, Stage]:
    """The images, where they are a person's own and the archive has them.

    And the answers of a teacher that somebody else has trained; where the archive does not hold it and nobody
    names it, all that was made by asking it.
    """
    images = original.stages.get("dataset")
    whole = images is not None and "image" in images.open()
    given = {"dataset": images} if images is not None and whole and experiment.dataset.own else {}
    if isinstance(experiment.teacher, Teacher) or "teacher" not in original.stages:
        return given
    asked = named is not None or "model" in original.stages["teacher"].open()
    made = ("teacher",) if asked else ("teacher", "vae", Students.stage)
    return given | {name: stage for name, stage in original.stages.items() if stage.family in made}


def _taken(names: Collection[str], original: Run) -> dict[str, Stage]:
    """Those stages, whole."""
    names = [part for name in names for part in parts_of(name, original.stages)]
    if lacking := sorted(set(names) - set(original.stages)):
        raise StoreError(
            "--take names a stage of the archive",
            ", ".join(map(repr, lacking)),
            f"Name one of {', '.join(original.stages)}",
        )
    return {name: original.stages[name] for name in names}


def _require_empty(store: Path, original: Run) -> None:
    for listing in list_runs(store):
        same = listing.id == original.id and open_run(listing.path).commits[:1] != original.commits[:1]
        if not same:
            raise StoreError(
                "A reproduction computes everything itself, in a store of its own",
                f"{listing.id} in {store}, whose results would be taken over",
                "Give an empty folder: -o FOLDER",
            )


def _asked(original: Run, stage: Stage) -> bool:
    """Whether a stage is the configuration's: a batch has its settings, and explains students that have."""
    if stage.family == stage.name:
        return True
    attributes = stage.open("settings").attrs
    settings, asked = attributes["settings"], original.config.get(stage.family) or {}
    prefix = f"{Students.stage}/{attributes.get('students', '')}-"
    explained = [batch for batch in original.batches(Students.stage) if batch.name.startswith(prefix)]
    alike = all(settings.get(name) == value for name, value in asked.items())
    return alike and (not explained or any(_asked(original, batch) for batch in explained))


def _stage(original: Run, again: Run, first: Stage) -> Reproduced:
    second = again.stages.get(first.name)
    if second is None and first.name == FORMER:
        return difference(FORMER, first.open(), again.together(*PARTS))
    if second is None and not _asked(original, first):
        return Reproduced(first.name, "not asked for")
    if second is None:
        outcome: Outcome = "newer version" if _has_newer(first, again) else "missing"
        return Reproduced(first.name, outcome, where=first.name)
    if first.digest == second.digest:
        return Reproduced(first.name, "equal bytes")
    result = difference(first.name, first.open(), second.open())
    if result.outcome != "different":
        return result
    return result._replace(metrics=tuple(_rows(first.metrics, second.metrics)))


def _has_newer(batch: Stage, again: Run) -> bool:
    """Whether the run has batches of the same family, and none under the key of this one."""
    kinds = {name.rpartition("-")[0] for name in again.stages if name.startswith(f"{batch.family}/")}
    return bool(kinds) and batch.name.rpartition("-")[0] not in kinds


def _series(original: Run, again: Run, name: str) -> Reproduced:
    first, second = original.series(name), again.series(name)
    assert first is not None
    if second is None or second.epochs < first.epochs:
        return Reproduced(f"{SERIES}{name}", "missing", where=name)
    return difference(f"{SERIES}{name}", first.open(), second.open().isel(epoch=slice(0, first.epochs)))


def _arrays(name: str, variable: str, a: np.ndarray, b: np.ndarray, absolute: float) -> Reproduced:
    if a.shape != b.shape or a.dtype != b.dtype:
        return Reproduced(name, "different", float("inf"), float("inf"), variable)
    if a.tobytes() == b.tobytes():
        return Reproduced(name, "equal bytes")
    if not absolute:
        return Reproduced(name, "different", where=variable)
    wide_a, wide_b = a.astype(np.float64), b.astype(np.float64)
    gap = np.abs(wide_a - wide_b)
    size = np.nanmax(np.abs(wide_a), initial=0.0)
    largest = float(np.nanmax(gap, initial=0.0))
    relative = largest / size if size else 0.0
    digits = max(RELATIVE, 2 * float(np.finfo(a.dtype).eps)) if a.dtype.kind == "f" else RELATIVE
    close = np.allclose(wide_b, wide_a, rtol=digits, atol=absolute, equal_nan=True)
    outcome: Outcome = "equal within tolerance" if close else "different"
    return Reproduced(name, outcome, largest, float(relative), variable)


def _worse(first: Reproduced, second: Reproduced) -> Reproduced:
    return max(first, second, key=lambda result: (get_args(Outcome).index(result.outcome), result.largest))


def _versions(first: dict[str, Any], second: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    yield from _rows(first, second, ("python", "os", "devices"))
    for table, before in (("cpu", "cpu: "), ("packages", "")):
        for name, a, b in _rows(first.get(table) or {}, second.get(table) or {}):
            yield f"{before}{name}", a, b


def _rows(
    first: Mapping[str, Any], second: Mapping[str, Any], names: Iterable[str] = ()
) -> Iterator[tuple[str, Any, Any]]:
    """Rows that differ, of all that either has or of some."""
    for name in names or sorted({*first, *second}):
        if first.get(name) != second.get(name):
            yield name, first.get(name), second.get(name)
