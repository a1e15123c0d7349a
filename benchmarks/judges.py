"""Which judge of explanations agrees the most with what is known to be true?

    .venv/bin/python benchmarks/judges.py      ten minutes; `--quick` about one

Three truths, each of which a judge is to find in a map's insertion - deletion by that judge alone:

- a planted patch decides (as in `planted.py`): images by image, are methods whose strongest pixels lie on it
  judged higher? Spearman's r over the methods.
- a linear teacher: w (x - mean) is exact. Noise is mixed in, in seven steps up to noise alone: is less of it
  judged higher? Spearman's r over the steps.
- another network: is a method's map of the teacher judged higher than its map of a network with random
  parameters, which looks alike? The share of images, 0.5 is chance.

Means over images, with the ends of bootstrapped 95 % intervals; the baseline is what a judge without a view
has.
"""

import argparse
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
import planted_world as worlds
from explanation_judges import areas_by_judge
from explanation_world import nearest_of_another_class
from planted_score import share_on
from planted_world import Fooled, Size, World
from records import Baseline, Record, arguments, higher_is_better, show
from scipy.stats import rankdata

from deepvid import config, models
from deepvid.attribution import METHODS, Case, explain
from deepvid.config import names
from deepvid.statistics import bootstrap_mean

OF_THE_TEACHER: tuple[names.Explanation, ...] = (
    "places",
    "gradient",
    "integrated_gradients",
    "expected_gradients",
    "hirescam",
    "occlusion",
)
STRONGEST, NOISE = 0.02, (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, np.inf)  # of an exact map's standard deviation
WHOLE = Size(train=4000, test=2000, epochs=3, vae_epochs=10, images=100)
QUICK = Size(train=1500, test=500, epochs=2, vae_epochs=1, images=4)


def measured(options: argparse.Namespace) -> Iterator[Record]:
    size = QUICK if options.quick else WHOLE
    size = size._replace(images=options.images or size.images)
    data = worlds.load(size)
    taught, untaught = worlds.planted(data, size), worlds.clean(data, size)
    fooled = worlds.fooled(taught, data, size)
    yield Record("images", len(fooled.rows), "")
    patched = _cases(taught, fooled)
    yield from _rows("a planted patch", _of_patch(taught, fooled, patched, size), 0.0)
    bare = Fooled(fooled.rows, data.images[fooled.rows], fooled.labels, fooled.share)
    plain = _cases(untaught, bare)
    yield from _rows("a linear teacher", _of_linear(untaught, plain, data.labels[~data.test]), 0.0)
    yield from _rows("another network", _of_another(untaught, plain), 0.5)


def _rows(truth: str, found: dict[str, np.ndarray], chance: float) -> Iterator[Record]:
    """`found`: by judge, of each image."""
    for judge, values in found.items():
        known = values[np.isfinite(values)]
        interval = bootstrap_mean(known, seed=0)
        name = f"{truth}, by {judge}"
        yield higher_is_better(name, interval.value, "", Baseline("chance", chance) if chance else None)
        yield Record(f"{name}, at least", interval.low, "")
        yield Record(f"{name}, at most", interval.high, "")


def _of_patch(world: World, fooled: Fooled, cases: Case, size: Size) -> dict[str, np.ndarray]:
    maps = _maps(world, cases, config.Explanations().methods)
    patch = worlds.patch(fooled.images.shape[1:], size.side)
    flat = np.asarray(maps.sum(axis=-1))
    on_patch = np.stack([share_on(flat[:, place], patch, STRONGEST) for place in range(flat.shape[1])], 1)
    return {judge: _spearman(on_patch, areas) for judge, areas in _areas(world, cases, maps).items()}


def _of_linear(world: World, cases: Case, labels: np.ndarray) -> dict[str, np.ndarray]:
    """The linear teacher is the ridge regression of the classes on the pixels."""
    pixels = world.training.reshape(len(world.training), -1).astype(np.float32) / 255
    inputs = np.concatenate([pixels, np.ones((len(pixels), 1), np.float32)], axis=1)
    wanted = np.eye(int(labels.max()) + 1, dtype=np.float32)[labels] - 0.5
    gram = inputs.T @ inputs + len(pixels) * 1e-2 * np.eye(inputs.shape[1], dtype=np.float32)
    solved = 10 * np.linalg.solve(gram, inputs.T @ wanted)  # as sure as a network is
    shape = cases.image.shape[1:]
    teacher = Linear(jnp.asarray(solved[:-1].reshape(*shape, -1)), jnp.asarray(solved[-1]))
    classes = jnp.argsort(-teacher.logits(cases.image), axis=1)[:, :2]
    cases = cases._replace(classes=classes.astype(jnp.int32))
    weight = teacher.weight[..., classes[:, 0]] - teacher.weight[..., classes[:, 1]]
    exact = np.asarray(jnp.moveaxis(weight, -1, 0) * (cases.image - cases.mean_color[:, None, None]))
    spread = exact.std(axis=(1, 2, 3), keepdims=True)
    noise = np.random.default_rng(0).normal(size=exact.shape) * spread
    maps = jnp.stack([exact + level * noise if np.isfinite(level) else noise for level in NOISE], axis=1)
    truth = -np.broadcast_to(np.arange(len(NOISE)), maps.shape[:2])
    found = _areas(world._replace(classifier=teacher), cases, maps.astype(jnp.float32))  # type: ignore[arg-type]
    return {judge: _spearman(truth, areas) for judge, areas in found.items()}


@jax.tree_util.register_pytree_node_class
class Linear:
    """logits = image · weight + bias."""

    def __init__(self, weight: jax.Array, bias: jax.Array) -> None:
        self.weight, self.bias = weight, bias  # (y, x, channel, class), (class,)

    def logits(self, images: jax.Array) -> jax.Array:
        return jnp.tensordot(images, self.weight, 3) + self.bias

    def tree_flatten(self) -> tuple[tuple[jax.Array, jax.Array], None]:
        return (self.weight, self.bias), None

    @classmethod
    def tree_unflatten(cls, _: None, leaves: tuple[jax.Array, jax.Array]) -> "Linear":
        return cls(*leaves)


def _of_another(world: World, cases: Case) -> dict[str, np.ndarray]:
    """For each method and image whether the teacher's own map is judged higher, mean over methods."""
    random = models.build(
        config.Teacher().network,
        image_shape=cases.image.shape[1:],
        class_names=world.classifier.class_names,
        key=jax.random.key(7),
    )
    random.eval()
    own = _maps(world, cases, OF_THE_TEACHER)
    others = _maps(world._replace(classifier=random), cases, OF_THE_TEACHER)
    found = _areas(world, cases, jnp.concatenate([own, others], axis=1))
    half = len(OF_THE_TEACHER)
    return {
        judge: np.where(np.isnan(areas[:, 0]), np.nan, (areas[:, :half] > areas[:, half:]).mean(axis=1))
        for judge, areas in found.items()
    }


def _cases(world: World, images: Fooled) -> Case:
    cases = worlds.cases(world, images, worlds.STUDENTS)
    nearest = nearest_of_another_class(world.classifier, world.vae, world.training, cases)
    return cases._replace(neighbor=nearest)


def _maps(world: World, cases: Case, methods: tuple[names.Explanation, ...]) -> jax.Array:
    """(case, method, y, x, channel)."""
    return jnp.stack([explain(METHODS[name], world.classifier, cases) for name in methods], axis=1)


def _areas(world: World, cases: Case, maps: jax.Array) -> dict[str, np.ndarray]:
    return areas_by_judge(world.classifier, world.vae, cases, maps)


def _spearman(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Of each row; nan where one is constant or not known."""
    ranks = [rankdata(values, axis=1) for values in (first, second)]
    a, b = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (a * b).sum(axis=1) / scale
    return np.where(np.isnan(second).any(axis=1), np.nan, found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, help="to explain at most (100; 4 with --quick)")
    options = arguments(__doc__, parser)
    show(measured(options), options)
