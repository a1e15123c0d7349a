"""Pictures that the kept units of a run's network answer as strongly as a picture can be made to."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from deepvid import config
from deepvid.config import names
from deepvid.models import LayeredClassifier
from deepvid.network.activation_maximization import (
    Maximized,
    averaged,
    maximized,
    maximized_latent,
    ninth,
    work_to,
)
from deepvid.network.layers import Layer
from deepvid.network.spaces import Latents
from deepvid.network.units import spread
from deepvid.pipeline.columns import LayerCodes
from deepvid.pipeline.counterfactuals import FLIPPED
from deepvid.pipeline.images import Images
from deepvid.pipeline.parts import Part
from deepvid.pipeline.units import kept_units
from deepvid.progress import Progress

MOST_WORK = 2e12  # multiplications of all pictures: a minute or two on a core or two
MOST_PIXELS = 2**25  # of all pictures together


class Maximization(NamedTuple):
    """Of a layer that has units: how many pictures are wanted, and how many are made."""

    layer: Layer
    wanted: int
    made: int


def maximized_units(
    network: LayeredClassifier,
    latents: Latents | None,
    known: LayerCodes,
    layers: Sequence[Layer],
    images: Images,
    section: config.Layers,
    *,
    seed: int,
    progress: Progress,
) -> Part:
    """Of each layer those that tell the classes apart best; in latents, if there are any, and in pixels."""
    asked = {one.layer.name: one.made for one in affordable(network, layers, images, section)}
    total = sum(asked.values())
    if not total:
        return Part({}, None)
    label = images.labels[known.rows]
    middle = images.image[averaged(known.rows)].mean(axis=0).astype(np.float32) / 255
    spaces = [name for name in FLIPPED if name != "latent" or latents is not None]
    places, pictures, measures = [], [], []
    begin, done = 0, 0
    for layer, units, _ in kept_units(known, layers, images, section):
        count = asked[layer.name]
        apart = spread(known.training.responses[layer.name].mean[:, units], label)
        chosen = np.sort(np.argsort(-apart, kind="stable")[:count])
        part = progress.part(done, done + count, total).part(0, 1, 1)
        if count:
            found = [
                _in(
                    space,
                    network,
                    latents,
                    layer.name,
                    units[chosen],
                    middle,
                    seed,
                    part.part(at, at + 1, len(spaces)),
                )
                for at, space in enumerate(spaces)
            ]
            places.append(begin + chosen)
            pictures.append(Maximized(*(np.stack(each, axis=1) for each in zip(*found, strict=True))))
            measures.append(ninth(known.test.responses[layer.name].max[:, units[chosen]]))
        begin, done = begin + len(units), done + count
    picture, response = (np.concatenate(each) for each in zip(*pictures, strict=True))
    ratio = response / np.concatenate(measures)[:, None]
    arrays = {
        "maximized_unit": np.concatenate(places).astype(np.int32),
        "maximized": picture,
        "maximized_response": response.astype(np.float32),
        "maximized_ratio": ratio.astype(np.float32),
    }
    return Part(arrays, {"spaces": spaces})


def affordable(
    network: LayeredClassifier, layers: Sequence[Layer], images: Images, section: config.Layers
) -> list[Maximization]:
    """Layers share the work evenly."""
    having = [layer for layer in layers if layer.has_units]
    shares = max(1, len(having) * len(FLIPPED))
    pixels = MOST_PIXELS // (shares * int(np.prod(images.shape)))
    found = []
    for layer in having:
        wanted = min(layer.shape[-1], section.units, section.maximized)
        work = int(MOST_WORK / (shares * work_to(network, layer.name)))
        found.append(Maximization(layer, wanted, min(wanted, pixels, work)))
    return found


def cuts(
    network: LayeredClassifier, layers: Sequence[Layer], images: Images, section: config.Layers
) -> Iterator[str]:
    """What is left out of it, in words."""
    for layer, wanted, made in affordable(network, layers, images, section):
        if made < wanted:
            some = f"{made:,}" if made else "none"
            of = f"{some} of {wanted:,} units of {layer.name}"
            yield f"pictures are made of {of}: more would take too long (network.maximized)"


def stored_bytes(
    network: LayeredClassifier, layers: Sequence[Layer], images: Images, section: config.Layers
) -> int:
    """About what it takes in the store."""
    made = sum(one.made for one in affordable(network, layers, images, section))
    return made * len(FLIPPED) * int(np.prod(images.shape))


def _in(
    space: names.Space,
    network: LayeredClassifier,
    latents: Latents | None,
    layer: str,
    units: np.ndarray,
    middle: np.ndarray,
    seed: int,
    progress: Progress,
) -> Maximized:
    if space == "latent":
        assert latents is not None  # else it is no space of theirs
        return maximized_latent(network, layer, units, latents, seed=seed, progress=progress)
    return maximized(network, layer, units, middle, seed=seed, progress=progress)
