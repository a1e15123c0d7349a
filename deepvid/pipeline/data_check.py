"""The check of the data, before anything is trained on it: copies, contradictions, and what shows nothing."""

from typing import Any

import numpy as np

from deepvid import config, fields
from deepvid.config import Experiment
from deepvid.data_check.checking import DataFindings, check_data, sentences
from deepvid.pipeline.stage import Family, GroupStage, Result, StageContext, load_images
from deepvid.store import dataset_of


def data_check_stage(section: config.DataCheck, *, seed: int) -> GroupStage:
    """Checks the images that the run has; no other stage needs what it finds."""

    def work(context: StageContext) -> Result:
        images, group = load_images(context), context.open("dataset")
        findings = check_data(
            images.image,
            images.label,
            images.test,
            sizes=group["file_size"].to_numpy() if "file_size" in group else None,
            lookups=section.lookups,
            seed=seed,
            progress=context.progress,
        )
        told = sentences(findings)
        for sentence in told:
            context.progress.note(sentence)
        arrays: dict[str, np.ndarray] = {
            **findings.flags,
            "copy_of": findings.copy_of,
            "nearest": findings.nearest,
            "nearness": findings.nearness,
        }
        attributes = {"found": findings.counts, "sentences": told, "unknown": list(findings.unknown)}
        group = dataset_of(fields.DATA_CHECK, arrays, attributes | _near(findings))
        return Result(group, _metrics(findings))

    return GroupStage(name=config.DataCheck.stage, needs=("dataset",), section=section, seed=seed, work=work)


def _near(findings: DataFindings) -> dict[str, Any]:
    """Attributes of near copies; without them too few images tell."""
    near, z = findings.near_copies, findings.z
    if near is None:
        return {}
    told = {"compared": near.compared, "nearer_share": near.share}
    return {"near_copies": told if z is None else {**told, "z": z}}


def _metrics(findings: DataFindings) -> dict[str, float]:
    """How many images of each kind there are, and z of near copies where it is known."""
    counts: dict[str, float] = dict(findings.counts) or {"findings": 0}
    return counts if findings.z is None else {**counts, "near_copy_z": round(findings.z, 2)}


def _stages(experiment: Experiment) -> list[GroupStage]:
    section = experiment.data_check
    return [] if section is None else [data_check_stage(section, seed=experiment.seed)]


DATA_CHECK = Family(config.DataCheck, _stages, fields.DATA_CHECK)
