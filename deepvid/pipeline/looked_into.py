"""Common parts of the stages that look into the layers of a teacher."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from deepvid import config
from deepvid.config.sections.section import Section
from deepvid.errors import ConfigError
from deepvid.fields import PARTS, READS
from deepvid.models import LayeredClassifier
from deepvid.network.layers import Layer
from deepvid.network.readers import NetworkReader, OutputsReader, Reader
from deepvid.pipeline.stage import GroupStage, Images, Result, StageContext, load_images
from deepvid.store import Run
from deepvid.tier import Tier


class KeptUnits(NamedTuple):
    """The units of one layer that are kept."""

    layer: Layer
    unit: np.ndarray  # int (unit,): their numbers in the layer


class Inside(NamedTuple):
    """The teacher's layers as the stage `layers` has read them."""

    images: Images
    reader: Reader
    rows: np.ndarray  # (training,): of all images, the ones that are neighbors

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The columns: pixels, layers, logits."""
        return self.reader.layers

    @property
    def network(self) -> LayeredClassifier:
        """Of a teacher of ours."""
        assert self.reader.network is not None  # the stages that ask for it are of no other
        return self.reader.network


def reader_of(context: StageContext, images: Images, most: int) -> Reader:
    """A network of ours is read from inside, `most` of its layers; of another model, what it answered."""
    group = context.open("teacher", "features", "logits")
    if "model" not in group.attrs:
        return NetworkReader.of(context.trained.network, images.image, most)
    features = None if "features_of" in group.attrs else group["features"].to_numpy()
    return OutputsReader.of(images.image, features, group["logits"].to_numpy())


def inside(context: StageContext) -> Inside:
    """Of a run whose layers were looked into."""
    images, layers = load_images(context), context.open(config.Layers.stage, "training", "settings")
    reader = reader_of(context, images, layers.attrs["settings"]["layers"])
    return Inside(images, reader, layers["training"].to_numpy())


def kept_units(context: StageContext, layers: tuple[Layer, ...]) -> list[KeptUnits]:
    """Layer after layer, as the stage `units` has them."""
    group = context.open(config.Units.stage)
    if "unit_column" not in group:
        return []
    column, index = (group[name].to_numpy() for name in ("unit_column", "unit_index"))
    return [
        KeptUnits(layer, index[column == number]) for number, layer in enumerate(layers) if layer.has_units
    ]


def predicted_classes(context: StageContext, images: Images) -> np.ndarray:
    """Answers of the teacher to the test images."""
    return np.asarray(context.open("teacher", "logits")["logits"].to_numpy().argmax(axis=1)[images.test])


def stage_inside(
    section: Section, work: Callable[[StageContext], Result], *, seed: int, needs: tuple[str, ...] = ()
) -> GroupStage:
    """A stage of a section in `config.sections.network`; `needs` beside images and teacher."""

    def computed(context: StageContext) -> Result:
        group, metrics = work(context)
        return Result(with_settings(group, stage, context), metrics)

    stage = GroupStage(
        name=section.stage,
        needs=("dataset", "teacher", *needs),
        section=section,
        seed=seed,
        work=computed,
        check=_check,
    )
    return stage


def with_settings(group: xr.Dataset, stage: GroupStage, context: StageContext) -> xr.Dataset:
    """A group that says what it was computed by, and from what of what may be computed again beside it."""
    settings = stage.section.model_dump(mode="json")
    reads = {name: context.run.stages[name].key for name in stage.needs if name in PARTS}
    return group.assign_attrs({"settings": settings, READS: reads})


def _check(run: Run) -> None:
    """Raises ConfigError for a run whose layers cannot be looked into."""
    if run.logged:
        raise ConfigError(
            f"Looking into layers needs the {Tier.ACTIVATIONS.word} of a classifier",
            f"{run.id}, which another program trained and logged",
            "Explain the model itself: deepvid explain model.onnx --images photos",
        )
    if "dataset" in run.stages and "label" not in run.stages["dataset"].open():
        raise ConfigError(
            "The neighbors of an image in a layer vote with their labels",
            f"{run.id}, whose images have no labels",
            "Leave [network] out, or label the images and explain the model on them in a run of its own",
        )


LARGEST = float(np.finfo(np.float16).max)


def to_float16(values: np.ndarray) -> np.ndarray:
    """As float16; what is larger is the largest there is."""
    return np.clip(values, -LARGEST, LARGEST).astype(np.float16)
