"""Covered images and stored maps, for `benchmarks/network.py`: how fast, and what a patch itself adds."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from records import Baseline, Record, lower_is_better

from deepvid.attribution.baselines import blurred
from deepvid.attribution.windows import Windows
from deepvid.models import LayeredClassifier
from deepvid.network.occlusion import BLUR, occluded
from deepvid.pipeline.trained import TrainedRun
from deepvid.store import Run

IMAGES = 120  # of which it is told where their answer changes most
NOTHING = 0.05  # intensity below which a patch has nothing to cover
MOST = 120e6  # bytes of all that the stage keeps of 10,000 test images

Cpu = Callable[[Callable[[], object], int], float]


def covered(run: Run, group: xr.Dataset, cpu: Cpu, repeats: int) -> Iterator[Record]:
    """All units that are kept in one pass; then one by one, timed for one unit of each layer."""
    network = TrainedRun(run).network
    dataset = run.stages["dataset"].open()
    samples = group["sample"].to_numpy()
    samples = np.sort(np.random.default_rng(0).choice(samples, min(IMAGES, len(samples)), replace=False))
    images = dataset["image"].isel(sample=samples).to_numpy() / np.float32(255)
    column, index = group["unit_column"].to_numpy(), group["unit_index"].to_numpy()
    named = [one["name"] for one in group.attrs["columns"]]
    kept = [(named[number], index[column == number]) for number in np.unique(column)]

    def ours() -> object:
        return np.asarray(occluded(network, kept, images[0]).unit)

    theirs = 0.0
    for name, units in kept:
        theirs += len(units) * cpu(partial(_alone, network, name, int(units[0]), images[0]), repeats)
    of = f"occlusion of {len(index)} units and {len(run.class_names)} logits, an image"
    baseline = Baseline("one unit at a time", 1e3 * theirs)
    yield lower_is_better(of, 1e3 * cpu(ours, repeats), "ms", baseline, budget=30)
    gray = partial(jnp.full_like, fill_value=images.mean())
    copy = partial(blurred, deviation=BLUR * Windows.over(images.shape[1:]).side)
    lost = [np.mean([_beside(network, image, fill) for image in images]) for fill in (copy, gray)]
    what = f"occlusion: answers that change most where nothing is, of {len(images)}"
    yield lower_is_better(
        what, 100 * float(lost[0]), "%", Baseline("patches in mean gray", 100 * float(lost[1]))
    )


def kept_bytes(group: xr.Dataset) -> Iterator[Record]:
    """Bytes that the stage keeps, with the maps of its units and without."""
    scale = 10_000 / group.sizes["sample"]
    every = float(group.nbytes)
    maps = float(group["response_map"].nbytes) if "response_map" in group else 0.0
    limit = Baseline("120 MB", MOST / 1e6)
    yield lower_is_better("stored of 10,000 test images", scale * every / 1e6, "MB", limit, budget=1)
    yield lower_is_better(
        "stored without maps", scale * (every - maps) / 1e6, "MB", Baseline("60 MB", 60), budget=1
    )


@partial(jax.jit, static_argnames="layer")
def _one(network: LayeredClassifier, layer: str, unit: Any, image: Any) -> Any:
    windows = Windows.over(image.shape)

    def answer(images: Any) -> Any:
        output = network.activations(images, layer)[..., unit]
        return output.reshape(len(images), -1).mean(axis=1)

    return windows.drops(answer, image, blurred(image, BLUR * windows.side))


def _alone(network: LayeredClassifier, layer: str, unit: int, image: np.ndarray) -> object:
    return np.asarray(_one(network, layer, jnp.int32(unit), jnp.asarray(image)))


@partial(jax.jit, static_argnames="fill")
def _logits(network: LayeredClassifier, image: Any, fill: Callable[[Any], Any]) -> Any:
    return Windows.over(image.shape).drops(network.logits, image, fill(image))


def _beside(network: LayeredClassifier, image: np.ndarray, fill: Callable[[Any], Any]) -> bool:
    """Whether the answer's logit changes most where a patch covers nothing."""
    windows, drops = Windows.over(image.shape), np.asarray(_logits(network, jnp.asarray(image), fill))
    answer = int(np.asarray(network.logits(image[None])).argmax())
    side, (v, u) = windows.side, np.unravel_index(np.abs(drops[..., answer]).argmax(), drops.shape[:2])
    top, left = windows.top[int(v)], windows.left[int(u)]
    return bool((image[top : top + side, left : left + side] < NOTHING).all())
