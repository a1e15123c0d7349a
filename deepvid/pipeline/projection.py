"""The stage of one map: samples to two or three coordinates, with how far the map can be trusted."""

from collections.abc import Callable

import numpy as np
import xarray as xr

from deepvid import config, fields, projections
from deepvid.errors import DataError
from deepvid.pipeline.stage import Family, GroupStage, Result, StageContext, labels_of
from deepvid.store import dataset_of

NEEDS = {"pixels": ("dataset",), "features": ("dataset", "teacher"), "latents": ("dataset", "vae")}
VERSION = {"tsne": 4, "pca": 2, "umap": 2}  # see `Stage`
NEIGHBORS = 15  # the neighborhood that the quality of a map is measured at


def projection_stage(section: config.Projection, *, seed: int) -> GroupStage:
    """Projects what the section names, and measures the map."""

    def work(context: StageContext) -> Result:
        dataset = context.open("dataset", "test")
        label = labels_of(dataset)
        test = dataset["test"].to_numpy()
        rows = np.arange(len(test)) if section.samples == "all" else np.flatnonzero(test)
        data = _known(data_of(context.open, section.of, rows))
        settings, note = projections.feasible(section, len(rows))
        if note is not None:
            context.progress.note(f"The map has {note}")
        position = projections.project(settings, data, seed=seed, progress=context.progress.part(0, 0.9, 1))
        k = min(NEIGHBORS, (len(rows) - 1) // 2)  # tiny sets have no neighborhoods of 15
        quality = projections.quality(
            data,
            position,
            None if label is None else label[rows],
            k=k,
            seed=seed,
            progress=context.progress.part(0.9, 1, 1),
        )
        group = dataset_of(
            fields.PROJECTION,
            {"position": position, **quality.hits, "sample": rows},
            {
                "projection": settings.model_dump(mode="json"),
                **({} if note is None else {"note": note}),
                **_stood_for(context, section),
                "quality_neighbors": k,
                "quality": {name: measure._asdict() for name, measure in quality.measures.items()},
            },
        )
        return Result(group, {name: measure.value for name, measure in quality.measures.items()})

    return GroupStage(
        name=f"projection-{section.name}",
        needs=NEEDS[section.of],
        section=section,
        seed=seed,
        version=VERSION[section.method],
        work=work,
    )


PROJECTIONS = Family(
    config.Projection,
    lambda experiment: [
        projection_stage(projection, seed=experiment.seed) for projection in experiment.projections
    ],
    fields.PROJECTION,
)


def _stood_for(context: StageContext, section: config.Projection) -> dict[str, str]:
    """Name of what stands for the features of a model that shows none."""
    if section.of != "features":
        return {}
    stands = context.open("teacher").attrs.get("features_of")
    return {} if stands is None else {"features_of": stands}


def _known(data: np.ndarray) -> np.ndarray:
    """Raises DataError for samples that a logged training did not use in its last epoch."""
    if unused := int(np.count_nonzero(np.isnan(data).any(axis=1))):
        raise DataError(
            "Every image on a map has features",
            f"{unused:,} of {len(data):,} that the training did not use in its last epoch",
            "Project only the test images: --samples test",
        )
    return data


def data_of(
    open_stage: Callable[[str, str], xr.Dataset], of: config.names.ProjectionInput, samples: np.ndarray
) -> np.ndarray:
    """float32 (sample, feature) of these samples; `open_stage(stage, variable)` opens what a run has."""
    if of == "features":
        return open_stage("teacher", "features")["features"].to_numpy()[samples]
    if of == "latents":
        return open_stage("vae", "mean")["mean"].to_numpy()[samples]
    images = open_stage("dataset", "image")["image"].to_numpy()[samples]
    return images.reshape(len(images), -1).astype(np.float32) / 255
