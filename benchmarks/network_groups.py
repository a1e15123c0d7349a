"""Groups of units, for `benchmarks/network.py`: do predictions stay, beside other ways to say as little?"""

from collections.abc import Callable, Iterator

import numpy as np
import xarray as xr
from records import Baseline, Record, higher_is_better, lower_is_better
from sklearn.cluster import MiniBatchKMeans

from deepvid.models import LayeredClassifier
from deepvid.network import grouping
from deepvid.network.groups import answers
from deepvid.network.layers import Layer, layers_of
from deepvid.network.units import spread
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.unit_groups import FITTED, PLACES
from deepvid.store import Run

IMAGES = 1000
BATCH = 100
AGREE = 0.9
CLOSE = 1e-4

Cpu = Callable[[Callable[[], object], int], float]


def groups(run: Run, group: xr.Dataset, repeats: int, cpu: Cpu) -> Iterator[Record]:
    """Of the last layer with maps; `cpu` is the median of CPU seconds of so many calls."""
    told = group.attrs.get("groups")
    if not told:
        return
    network, last = TrainedRun(run).network, told["columns"][-1]
    layer = next(layer for layer in layers_of(network, 64) if layer.name == last["name"])
    column = [one["name"] for one in group.attrs["columns"]].index(layer.name)
    chosen = group["group_column"].to_numpy() == column
    units = group["group_units"].to_numpy()[chosen][:, : layer.shape[-1]]
    dataset = run.stages["dataset"].open("image", "label", "test").load()
    image, test = dataset["image"].to_numpy(), dataset["test"].to_numpy()
    asked, rng = image[test][:IMAGES], np.random.default_rng(0)
    training = rng.permutation(np.flatnonzero(~test))[:FITTED]
    places = grouping.places(network, layer, image[training], PLACES, seed=0)
    maps = [
        np.asarray(network.activations(asked[at : at + BATCH] / np.float32(255), layer.name))
        for at in range(0, len(asked), BATCH)
    ]
    as_is = [_said(network, layer, each) for each in maps]

    def agreement(say: Callable[[np.ndarray], np.ndarray]) -> float:
        stays = [_said(network, layer, say(each)) == was for each, was in zip(maps, as_is, strict=True)]
        return float(np.concatenate(stays).mean())

    def from_groups(each: np.ndarray) -> np.ndarray:
        return np.asarray(answers(np.maximum(each, 0), units)) @ units

    centers = MiniBatchKMeans(len(units), random_state=0, n_init=3).fit(places)

    def nearest(each: np.ndarray) -> np.ndarray:
        flat = np.ascontiguousarray(each.reshape(-1, each.shape[-1]))
        found: np.ndarray = centers.cluster_centers_[centers.predict(flat)].astype(np.float32)
        return found.reshape(each.shape)

    alone = rng.permutation(layer.shape[-1])[: len(units)]
    means = places.mean(axis=0)

    def some(each: np.ndarray) -> np.ndarray:
        found = np.broadcast_to(means, each.shape).copy()
        found[..., alone] = each[..., alone]
        return found

    commonest = float(np.bincount(np.concatenate(as_is)).max() / len(asked))
    what = f"predictions that stay when {layer.name} is {len(units)} groups, {len(asked):,} test images"
    own = agreement(from_groups)
    yield higher_is_better(what, own, "", Baseline(f"{AGREE}", AGREE), budget=1)
    yield higher_is_better(what, own, "", Baseline("as many k-means centers", agreement(nearest)))
    yield higher_is_better(what, own, "", Baseline("as many units, the rest at their mean", agreement(some)))
    yield higher_is_better(what, own, "", Baseline("the commonest class", commonest))
    for one in told["columns"]:
        chance = Baseline("shares at any units", one["stability_chance"])
        yield higher_is_better(
            f"groups of {one['name']}: cosine between two halves", one["stability"], "", chance
        )
    if last["adds_up"]:
        against = Baseline(f"{CLOSE:.0e}", CLOSE)
        what = "effects of groups, remainder and constant: from the logit"
        yield lower_is_better(what, last["adds_up_within"], "", against, budget=1)
    label = dataset["label"].to_numpy()[test]
    explained = float(spread(group["group_mean"].to_numpy()[:, chosen], label).mean())
    of_units = group["unit_column"].to_numpy() == column
    by_units = float(spread(group["response_mean"].to_numpy()[:, of_units], label).mean())
    yield higher_is_better(
        "variance of a group's answer between classes, mean", explained, "", Baseline("of a unit's", by_units)
    )
    wall = 1e3 * cpu(lambda: grouping.answered(network, {layer.name: units}, asked[:BATCH]), repeats) / BATCH
    yield lower_is_better("answers of one image's groups, network included", wall, "ms")


def _said(network: LayeredClassifier, layer: Layer, maps: np.ndarray) -> np.ndarray:
    return np.asarray(network.logits_from(maps, layer.name)).argmax(axis=1)
