"""What a run knows of its teacher's layers, and what is asked of a teacher that answers alone."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from deepvid import config
from deepvid.network.influence import LARGEST
from deepvid.network.readers import NetworkReader, OutputsReader, Reader
from deepvid.pipeline.columns import PROBED, LayerCodes
from deepvid.pipeline.images import Images
from deepvid.pipeline.influence import fitted_head, numbers_of
from deepvid.pipeline.parts import Part
from deepvid.pipeline.stage import StageContext
from deepvid.pipeline.trained import load_network
from deepvid.pipeline.what_if import placing

NOTHING = Part({}, None)


def reader_of(context: StageContext, images: Images, section: config.Layers) -> Reader:
    """A network of ours is read from inside, of another model what the run has of its answers."""
    group = context.open("teacher", "features", "logits")
    if "model" not in group.attrs:
        return NetworkReader.of(load_network(context.run), images.image, section.layers)
    features = None if "features_of" in group.attrs else group["features"].to_numpy()
    return OutputsReader.of(images.image, features, group["logits"].to_numpy())


def asked_of_answers(
    context: StageContext,
    reader: Reader,
    images: Images,
    known: LayerCodes,
    section: config.Layers,
    *,
    seed: int,
) -> Mapping[str, Part]:
    """The last layer fitted again where it is known what it reads; of all else there is nothing."""
    added: dict[str, Part] = defaultdict(lambda: NOTHING)
    if reader.depth:
        fitting = context.progress.part(PROBED, 1, 1)

        def fit() -> Part:
            return fitted_head(context, images, known.rows, section, seed=seed, progress=fitting)

        added["influence"] = context.parts.part("influence", fit)
    told: dict[str, Any] = {"snapshots": [], "firsts": None}  # of a training that another program did
    added["training"] = Part({"training": known.rows.astype(np.int32)}, told)
    added["placing"] = placing(reader.layers, known.bases, known.training.codes, section.components)
    return added


def cuts_of_answers(reader: Reader, images: Images) -> Iterator[str]:
    """What is left out of a teacher that answers alone, in words."""
    if not reader.depth:
        yield "the teacher shows no layer: pixels and logits are the only columns, and nothing has units"
    elif not numbers_of(reader.layers[-2].shape[-1], len(images.class_names)):
        yield f"the last layer has more than {LARGEST:,} numbers: influence on it is left out"
    yield "the teacher was trained elsewhere: no unit is silenced, and no distance to another answer measured"
