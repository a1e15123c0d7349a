"""The stage that names why each misclassified image is wrong."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from deepvid import config, fields
from deepvid.causes import CAUSES, FACTS, SENTENCES, UNKNOWN, Diagnosis, Evidence, causes_with_facts, diagnose
from deepvid.config import Experiment
from deepvid.pipeline.cause_evidence import CHECK, CauseSources
from deepvid.pipeline.looked_into import to_float16
from deepvid.pipeline.margins import margins
from deepvid.pipeline.stage import Family, GroupStage, Result, StageContext
from deepvid.progress import Progress
from deepvid.store import Run, dataset_of

VERSION = 2  # see `Stage`
HALVES = ("strength", "evidence", "lost", "area")
NO_LABELS = "Causes of errors are told of images with labels, and these have none"
NO_TEACHER = "Label doubt and single places ask the classifier itself, of which there are answers alone"


def causes_stage(section: config.Causes, *, seed: int, checked: bool) -> GroupStage:
    """Of a run whose data was `checked`, copies are a cause, too."""
    needs = ("dataset", *([CHECK] if checked else []), "teacher")

    def work(context: StageContext) -> Result:
        sources = CauseSources.read(context.run, context.open, seed=seed, checked=checked)
        if sources is None:
            return _of_none([NO_LABELS])
        if not sources.wrong.any():
            return _of_none([])
        parts = [np.flatnonzero(sources.wrong & of) for of in (sources.test, ~sources.test)]
        lacks = [] if has_teacher(context.run) else [NO_TEACHER]
        places, limit = sources.grid[0] * sources.grid[1], 0 if lacks else section.limit

        def evidence(errors: np.ndarray, progress: Progress) -> Evidence:
            lost = np.full((len(errors), places), np.nan, np.float32)
            if len(asked := sources.most_confident(errors, limit)):
                lost[asked] = sources.lost(context.trained, errors[asked], progress)
            return sources.evidence(errors, lost)

        # each by itself: what is usual of errors on images that were fitted is another thing
        split = [(at * 0.4, at * 0.4 + 0.4, errors) for at, errors in enumerate(parts) if len(errors)]
        evidences = [evidence(errors, context.progress.part(begin, end, 1)) for begin, end, errors in split]
        found = [diagnose(one) for one in evidences]
        titles = [cause.title for cause in CAUSES.values()] + [UNKNOWN]
        firsts = np.concatenate([one.first for one in found])[: len(parts[0])]
        counts = Counter(titles[one] for one in firsts)
        arrays: dict[str, np.ndarray] = {
            "sample": np.concatenate(parts),
            "strength": np.concatenate([one.strength for one in found]),
            "evidence": np.concatenate([_facts(one) for one in found]),
            "lost": np.concatenate([one.lost for one in evidences]),
        }
        progress = context.progress.part(0.8, 1, 1)
        tracked = margins(context.run, sources.images, sources.label, seed=seed, progress=progress)
        if len(tracked.sample):
            arrays |= {"tracked": tracked.sample, "area": tracked.area, "rival": tracked.rival}
        asked = sum(int(one.has_drops.sum()) for one in evidences)
        told = {"asked": asked, "grid": list(sources.grid), "lacks": lacks}
        return Result(_group(arrays, told), {name: counts[name] for name in titles if counts[name]})

    return GroupStage(name=section.stage, needs=needs, section=section, seed=seed, version=VERSION, work=work)


def has_teacher(run: Run) -> bool:
    """Whether the classifier itself can be asked, and not its answers alone."""
    return not run.logged and run.teacher_source != "predictions"


def _facts(found: Diagnosis) -> np.ndarray:
    """Those that are stored, by the strength that is stored, too."""
    strength, overlap = to_float16(found.strength), list(CAUSES).index("overlap")
    kept = np.array([causes_with_facts(one, overlap) for one in strength.tolist()], int)
    facts = np.take_along_axis(found.facts, np.maximum(kept, 0)[..., None], axis=1)
    return np.where(kept[..., None] >= 0, facts, np.nan)


def _group(arrays: dict[str, np.ndarray], told: dict[str, Any]) -> xr.Dataset:
    narrow = {name: to_float16(arrays[name]) for name in HALVES if name in arrays}
    return dataset_of(fields.CAUSES, arrays | narrow, {"causes": list(CAUSES), **told})


def _of_none(lacks: list[str]) -> Result:
    empty: dict[str, np.ndarray] = {
        "sample": np.zeros(0, np.int32),
        "strength": np.zeros((0, len(CAUSES))),
        "evidence": np.zeros((0, SENTENCES + 1, FACTS)),
        "lost": np.zeros((0, 0)),
    }
    return Result(_group(empty, {"asked": 0, "grid": [0, 0], "lacks": lacks}), {})


def _stages(experiment: Experiment) -> Iterator[GroupStage]:
    if experiment.causes is not None:
        checked = experiment.data_check is not None
        yield causes_stage(experiment.causes, seed=experiment.seed, checked=checked)


CAUSES_OF_ERRORS = Family(config.Causes, _stages, fields.CAUSES)
