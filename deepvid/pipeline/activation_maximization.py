"""The stage of pictures that units answer as strongly as a picture can be made to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from deepvid import config, fields
from deepvid.config import names
from deepvid.models import LayeredClassifier
from deepvid.network.activation_maximization import (
    MaximizedPictures,
    averaged,
    maximized,
    maximized_latent,
    ninth,
    work_to,
)
from deepvid.network.layers import Layer
from deepvid.network.spaces import Latents
from deepvid.pipeline.counterfactuals import FLIPPED
from deepvid.pipeline.looked_into import Inside, KeptUnits, inside, kept_units, stage_inside
from deepvid.pipeline.stage import GroupStage, Images, Result, StageContext
from deepvid.progress import Progress
from deepvid.store import dataset_of

MOST_WORK = 2e12  # multiplications of all pictures: a minute or two on a core or two
MOST_PIXELS = 2**25  # of all pictures together
TESTED = 0.05  # how far the stage is when test images are read

Arrays = dict[str, np.ndarray]


class Maximization(NamedTuple):
    """Of a layer that has units: how many pictures are wanted, and how many are made."""

    layer: Layer
    wanted: int
    made: int


def maximized_stage(section: config.UnitPictures, *, seed: int, vae: bool = False) -> GroupStage:
    """With a `vae`, which the run is to have, pictures are made in its latents, too."""

    def work(context: StageContext) -> Result:
        known, progress = inside(context), context.progress
        latents = context.trained.latents if vae else None
        kept, images = kept_units(context, known.layers), known.images
        asked = affordable(known.network, kept, images, section)
        made = sum(one.made for one in asked)
        size = made * len(FLIPPED) * int(np.prod(images.shape))
        progress.foretell(f"pictures of {made:,} units", size=size)
        for text in _cuts(asked):
            progress.note(text)
        arrays, told = Arrays(), None
        if made:
            spread = context.open(config.Units.stage)["unit_spread"].to_numpy()
            spaces: list[names.Space] = [name for name in FLIPPED if name != "latent" or latents is not None]
            arrays = _pictures(known, latents, kept, asked, spread, spaces, seed, progress)
            told = {"spaces": spaces}
        return Result(dataset_of(fields.MAXIMIZED, arrays, {"maximized": told, "vae": vae}), {})

    needs = (config.Layers.stage, config.Units.stage)
    return stage_inside(section, work, seed=seed, needs=("vae", *needs) if vae else needs)


def _pictures(
    known: Inside,
    latents: Latents | None,
    kept: Sequence[KeptUnits],
    asked: Sequence[Maximization],
    spread: np.ndarray,
    spaces: Sequence[names.Space],
    seed: int,
    progress: Progress,
) -> Arrays:
    """Of each layer those that tell the classes apart best; in latents, if there are any, and in pixels."""
    images, network = known.images, known.network
    test = known.reader.responses(np.flatnonzero(images.test), progress=progress.part(0, TESTED, 1))
    middle = images.image[averaged(known.rows)].mean(axis=0).astype(np.float32) / 255
    made_in: Mapping[str, tuple[Callable[..., MaximizedPictures], Any]] = {
        "latent": (maximized_latent, latents),
        "pixel": (maximized, middle),
    }
    climbing, total = progress.part(TESTED, 1, 1), sum(one.made for one in asked)
    places, pictures, measures = [], [], []
    begin, done = 0, 0
    for (layer, units), (_, _, count) in zip(kept, asked, strict=True):
        apart = spread[begin : begin + len(units)]
        chosen = np.sort(np.argsort(-apart, kind="stable")[:count])
        part = climbing.part(done, done + count, total).part(0, 1, 1)
        if count:
            found = []
            for at, space in enumerate(spaces):
                make, start = made_in[space]
                steps = part.part(at, at + 1, len(spaces))
                found.append(make(network, layer.name, units[chosen], start, seed=seed, progress=steps))
            places.append(begin + chosen)
            pictures.append(MaximizedPictures(*(np.stack(each, axis=1) for each in zip(*found, strict=True))))
            measures.append(ninth(test[layer.name].max[:, units[chosen]]))
        begin, done = begin + len(units), done + count
    picture, response = (np.concatenate(each) for each in zip(*pictures, strict=True))
    ratio = response / np.concatenate(measures)[:, None]
    return {
        "maximized_unit": np.concatenate(places).astype(np.int32),
        "maximized": picture,
        "maximized_response": response.astype(np.float32),
        "maximized_ratio": ratio.astype(np.float32),
    }


def affordable(
    network: LayeredClassifier, kept: Sequence[KeptUnits], images: Images, section: config.UnitPictures
) -> list[Maximization]:
    """Layers share the work evenly."""
    shares = max(1, len(kept) * len(FLIPPED))
    pixels = MOST_PIXELS // (shares * int(np.prod(images.shape)))
    found = []
    for layer, units in kept:
        wanted = min(len(units), section.maximized)
        work = int(MOST_WORK / (shares * work_to(network, layer.name)))
        found.append(Maximization(layer, wanted, min(wanted, pixels, work)))
    return found


def _cuts(asked: Sequence[Maximization]) -> Iterator[str]:
    """Says which pictures are left out."""
    for layer, wanted, made in asked:
        if made < wanted:
            some = f"{made:,}" if made else "none"
            of = f"{some} of {wanted:,} units of {layer.name}"
            yield f"pictures are made of {of}: more would take too long (maximized.maximized)"
