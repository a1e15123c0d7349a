"""The rows of `benchmarks/network.py` on maximized pictures: what they cost, how far they leave the data, and
whether they tell what drives a unit.

The game is that of Borowski et al. (2021), with a machine in the place of people: shown a reference, which
of two images does a unit answer more strongly? It says the one whose pixels correlate more with the
reference, on average where that is several images. Reference images are of one half of the test images, and
those that are guessed come from the other: each of the nine that the unit answers most beside each of nine
that it answers least, drawn where many do. Chance is .5; intervals are over units.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import xarray as xr
from records import Baseline, Record, higher_is_better, lower_is_better

from deepvid.fields import PARTS
from deepvid.network.activation_maximization import RANK, averaged, maximized, maximized_latent, ninth
from deepvid.network.switches import SHOWN
from deepvid.pipeline.trained import TrainedRun
from deepvid.statistics import Interval, bootstrap_mean
from deepvid.store import Run

ALONE = 8  # units that are maximized one at a time, of the last layer
QUICK = 8  # units of a layer

Cpu = Callable[[Callable[[], object], int], float]


def pictures(run: Run, cpu: Cpu, *, quick: bool) -> Iterator[Record]:
    """Of all units that are kept, layer after layer."""
    group, dataset = run.together(*PARTS), run.stages["dataset"].open()
    network, latents = TrainedRun(run).network, TrainedRun(run).latents
    training = np.flatnonzero(~dataset["test"].to_numpy())
    some = dataset["image"].isel(sample=averaged(training)).to_numpy()
    middle = some.mean(axis=0).astype(np.float32) / 255
    images = dataset["image"].isel(sample=group["sample"].to_numpy()).to_numpy()
    column, index = (group[name].to_numpy() for name in ("unit_column", "unit_index"))
    for number in np.unique(column):
        name = group.attrs["columns"][number]["name"]
        place = np.flatnonzero(column == number)[: QUICK if quick else None]
        units, largest = index[place], _largest(group, place)
        made = {
            "in latents": maximized_latent(network, name, units, latents, seed=0),
            "in pixels": maximized(network, name, units, middle, seed=0),
            "held back": maximized(network, name, units, middle, SHOWN, seed=0),
        }
        beyond = ninth(largest)
        for what, found in made.items():
            ratio = float(np.nanmedian(found.response / beyond))
            against = Baseline("the test image that drives it ninth strongest", 1.0)
            yield higher_is_better(f"{name}: maximized {what}, response", ratio, "x", against)
        shown = {f"pictures {what}": found.picture[:, None] for what, found in made.items()}
        yield from _games(name, images, largest, shown)
    yield from _speed(network, name, units, middle, cpu)


def _speed(network: Any, name: str, units: np.ndarray, middle: np.ndarray, cpu: Cpu) -> Iterator[Record]:
    """An image, without compiling: of the last layer."""

    def together() -> object:
        return maximized(network, name, units, middle, seed=0)

    def one_by_one() -> object:
        return [
            maximized(network, name, units[at : at + 1], middle, seed=0)
            for at in range(min(ALONE, len(units)))
        ]

    for act in (together, one_by_one):
        act()
    alone = 1e3 * cpu(one_by_one, 1) / min(ALONE, len(units))
    yield lower_is_better(
        f"maximizing a unit of {name}, {len(units)} of them",
        1e3 * cpu(together, 1) / len(units),
        "ms",
        Baseline("one unit at a time", alone),
    )


def _largest(group: xr.Dataset, place: np.ndarray) -> np.ndarray:
    """f32 (sample, unit)."""
    return group["response_max"].to_numpy()[:, place].astype(np.float32)


def _games(
    name: str, images: np.ndarray, largest: np.ndarray, made: dict[str, np.ndarray]
) -> Iterator[Record]:
    """`made` are references (unit, picture, y, x, channel)."""
    rng = np.random.default_rng(0)
    order = rng.permutation(len(images))
    shown, guessed = np.sort(order[::2]), np.sort(order[1::2])
    rank = np.argsort(-largest[shown], axis=0, kind="stable")[:RANK]
    drawn = rng.permuted(np.tile(np.arange(len(shown)), (largest.shape[1], 1)), axis=1)[:, :RANK]
    references = {
        "its nine strongest images": images[shown][rank.T],
        **made,
        "nine images at random": images[shown][drawn],
    }
    for what, reference in references.items():
        won = [
            _won(images[guessed], largest[guessed, unit], reference[unit], rng)
            for unit in range(len(reference))
        ]
        found = bootstrap_mean(np.array(won), seed=0)
        label = f"{name}: guessed from {what} {_words(found)}"
        yield higher_is_better(label, found.value, "", Baseline("chance", 0.5))


def _won(images: np.ndarray, response: np.ndarray, reference: np.ndarray, rng: Any) -> float:
    """The share of pairs that are guessed; ties count half."""
    mixed = rng.permutation(len(response))  # of images that are answered alike, any
    order = mixed[np.argsort(-response[mixed], kind="stable")]
    alike = [
        (_standard(images[rows]) @ _standard(reference).T).mean(axis=1)
        for rows in (order[:RANK], order[-RANK:])
    ]
    apart = alike[0][:, None] - alike[1][None]
    return float(((apart > 0) + (apart == 0) / 2).mean())


def _standard(pictures: np.ndarray) -> np.ndarray:
    """(picture, number), of mean 0 and length 1; 0 of one that is all alike."""
    flat = pictures.reshape(len(pictures), -1).astype(np.float64)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)


def _words(found: Interval) -> str:
    return f"[{found.low:.2f}, {found.high:.2f}]"
