"""The stage that finds kinds of mistakes among the errors whose causes are known."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from deepvid import config, fields
from deepvid.causes import Evidence, first
from deepvid.column_format import unpack_columns
from deepvid.config import Experiment
from deepvid.hypotheses import tried_samples
from deepvid.modes import Mode, find_modes, in_words
from deepvid.modes.finding import CENTRAL
from deepvid.pipeline.looked_into import to_float16
from deepvid.pipeline.stage import Family, GroupStage, Result, StageContext, labels_of
from deepvid.store import dataset_of

VERSION = 3  # see `Stage`


def modes_stage(section: config.Modes, *, seed: int) -> GroupStage:
    """Of a run that has causes, whose evidence it reads."""

    def work(context: StageContext) -> Result:
        dataset = context.open("dataset", "image", "test", "class_names")
        causes = context.open("causes").load()
        causes = causes.isel(error=dataset["test"].to_numpy()[causes["sample"].to_numpy()])
        errors = causes["sample"].to_numpy()
        label, class_names = labels_of(dataset), tuple(dataset.attrs["class_names"])
        if label is None or not len(errors):
            return _result(errors, np.zeros(0, int), np.zeros((len(errors), 0)), [])
        test = np.flatnonzero(dataset["test"].to_numpy())
        tried = tried_samples(test, seed)
        samples = np.union1d(tried, errors)
        teacher = context.open("teacher", "logits", "features")
        evidence = Evidence(
            dataset["image"].isel(sample=samples).to_numpy(),
            label[samples],
            np.zeros(len(samples), bool),
            teacher["logits"].isel(sample=samples).to_numpy(),
            teacher["features"].isel(sample=samples).to_numpy(),
            np.searchsorted(samples, errors),
            causes["lost"].to_numpy().astype(np.float32),
        )
        columns = unpack_columns(dataset, samples)
        images = np.searchsorted(samples, tried)
        found = find_modes(evidence, images, count=section.count, seed=seed, columns=columns)
        named = first(causes["strength"].to_numpy())
        grid = (int(causes.attrs["grid"][0]), int(causes.attrs["grid"][1]))
        words = in_words(found.modes, evidence, named, class_names, grid, columns)
        told = [
            {**one._asdict(), **_in_numbers(mode, evidence, errors)}
            for one, mode in zip(words, found.modes, strict=True)
        ]
        return _result(errors, found.of_error, found.points, told)

    return GroupStage(
        name=section.stage,
        needs=("dataset", "teacher", "causes"),
        section=section,
        seed=seed,
        version=VERSION,
        work=work,
    )


def _in_numbers(mode: Mode, evidence: Evidence, errors: np.ndarray) -> dict[str, Any]:
    """`places` is what the errors lose with each place on average, in logits; empty: nobody asked."""
    asked = mode.errors[evidence.has_drops[mode.errors]]
    places = evidence.lost[asked].mean(axis=0) if len(asked) else np.zeros(0)
    return {
        "errors": len(mode.errors),
        "central": errors[mode.errors[:CENTRAL]].tolist(),
        "places": [round(float(value), 3) for value in places],
        "rate": [round(value, 4) for value in mode.rate] if mode.rate.value == mode.rate.value else None,
        "usual": round(mode.usual, 4),
        "shuffled": round(mode.shuffled, 4),
        "confirmed": mode.is_confirmed,
    }


def _result(
    errors: np.ndarray, of_error: np.ndarray, points: np.ndarray, told: list[dict[str, Any]]
) -> Result:
    arrays = {
        "sample": errors.astype(np.int32),
        "mode": of_error.astype(np.int16),
        "point": to_float16(points),
    }
    counts = {"modes": len(told), "confirmed": sum(one["confirmed"] for one in told)}
    return Result(dataset_of(fields.MODES, arrays, {"modes": told}), counts)


def _stages(experiment: Experiment) -> Iterator[GroupStage]:
    if experiment.modes is not None and experiment.causes is not None:
        yield modes_stage(experiment.modes, seed=experiment.seed)


MODES = Family(config.Modes, _stages, fields.MODES)
