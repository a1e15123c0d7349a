"""Superpixels: what one image costs beside `lime`, and whose linear model says more of masks it has not seen.

`lime` is given the same network, the same squares and as many images at once as is fastest here; its own
superpixels find one segment in images of 28 pixels. Both cover a square with its mean color, and both are
judged by R² weighted as LIME weighs, on the same masks that neither has drawn; what a page says is R² on the
fifth of its own masks that ours leaves out. Where `lime` (`pip install lime`) is not installed its rows are
null.
"""

import contextlib
import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from records import Baseline, Record, higher_is_better, lower_is_better

from deepvid.attribution.lime import KERNEL, LimeGrid
from deepvid.attribution.method import Case
from deepvid.attribution.segments import grid
from deepvid.engine.superpixels import ACROSS, MASKS
from deepvid.pipeline.trained import TrainedRun
from deepvid.store import Run

THEIRS = {1000: 2.0, 300: None}  # masks of lime: as many as it draws by itself, and as ours; budgets
IMAGES = 24  # misclassified ones, whose R² are averaged
BATCH = 100
JUDGED = 300  # masks that lime is judged on
Cpu = Callable[[Callable[[], object], int], float]


class Asked(NamedTuple):
    """One misclassified image, and its answer against its true class."""

    image: np.ndarray  # f32 (y, x, channel)
    pair: np.ndarray  # (2,)


class Fitted(NamedTuple):
    """A linear model of which squares are there."""

    weight: np.ndarray  # (square,)
    constant: float


def superpixels(run: Run, cpu: Cpu, repeats: int) -> Iterator[Record]:
    """All rows."""
    classifier = TrainedRun(run).network
    asked = _asked(run)
    side = -(-max(classifier.image_shape[:2]) // ACROSS)
    method = LimeGrid(masks=MASKS, cell=side)
    fit = jax.jit(method.surrogate)
    cases = [_case(one, seed) for seed, one in enumerate(asked)]
    ours = [fit(classifier, case) for case in cases]
    milliseconds = 1e3 * cpu(lambda: jax.block_until_ready(fit(classifier, cases[0])), repeats)
    margins = _margins(classifier)
    squares = np.asarray(grid(classifier.image_shape[:2], side).number)
    models = [Fitted(_of_squares(one.map, squares), float(one.constant)) for one in ours]
    judge = partial(_judged, margins, squares=squares)
    own = np.array(
        [judge(one, model, seed=seed) for seed, (one, model) in enumerate(zip(asked, models, strict=True))]
    )
    what = f"superpixels: {MASKS} masks of {squares.max() + 1} squares"
    said = float(np.mean([one.r2 for one in ours]))
    yield higher_is_better("superpixels: R² that is shown", said, "", Baseline("0.7", 0.7), budget=1)
    for masks, budget in THEIRS.items():
        peer = _lime(margins, squares, masks)
        if peer is None:
            missing = Baseline("lime: not installed", None)
            yield lower_is_better(what, milliseconds, "ms", missing, budget=budget)
            continue
        theirs = 1e3 * cpu(partial(peer, asked[0], 0), max(1, repeats // 3))
        judged = np.array([judge(one, peer(one, seed), seed=seed) for seed, one in enumerate(asked)])
        named = f"lime, {masks:,} masks"
        yield lower_is_better(what, milliseconds, "ms", Baseline(named, theirs), budget=budget)
        r2 = Baseline(named, float(judged.mean()))
        share = None if budget is None else 1.0
        name = f"superpixels: R² on the same new masks, {len(asked)} errors"
        yield higher_is_better(name, float(own.mean()), "", r2, budget=share)


def _asked(run: Run) -> list[Asked]:
    dataset, logits = run.stages["dataset"].open(), run.stages["teacher"].open("logits")["logits"].to_numpy()
    label, said = dataset["label"].to_numpy(), logits.argmax(axis=1)
    wrong = np.flatnonzero(dataset["test"].to_numpy() & (said != label))
    chosen = wrong[np.linspace(0, len(wrong) - 1, min(IMAGES, len(wrong))).astype(int)]
    images = dataset["image"].isel(sample=chosen).to_numpy() / np.float32(255)
    pairs = np.stack([said[chosen], label[chosen]], axis=1)
    return [Asked(image, pair) for image, pair in zip(images, pairs, strict=True)]


def _case(one: Asked, seed: int) -> Case:
    image, lacking = jnp.asarray(one.image), jnp.full(one.image.shape, jnp.nan)
    return Case(
        image,
        jnp.asarray(one.pair),
        jax.random.key(seed),
        image.mean(axis=(0, 1)),
        lacking,
        lacking,
        lacking,
    )


def _margins(classifier: Any) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The answer's logit less the other's, of images (image, y, x, channel) and a pair of classes."""

    @jax.jit
    def ask(network: Any, images: Any, pair: Any) -> Any:
        logits = network.logits(images)
        return logits[:, pair[0]] - logits[:, pair[1]]

    return lambda images, pair: np.asarray(ask(classifier, images, pair))


def _lime(margins: Any, squares: np.ndarray, masks: int) -> Callable[[Asked, int], Fitted] | None:
    try:
        from lime.lime_image import LimeImageExplainer
    except ImportError:
        return None

    def explain(one: Asked, seed: int) -> Fitted:
        channels = one.image.shape[-1]

        def answer(images: np.ndarray) -> np.ndarray:
            shown = images[..., :channels].astype(np.float32)
            return margins(shown, one.pair)[:, None]  # type: ignore[no-any-return]

        with contextlib.redirect_stderr(io.StringIO()):  # its bar
            explained = LimeImageExplainer(random_state=seed).explain_instance(
                np.broadcast_to(one.image, (*one.image.shape[:2], 3)).astype(np.float64),
                answer,
                labels=(0,),
                top_labels=None,
                num_samples=masks,
                batch_size=BATCH,
                segmentation_fn=lambda _: squares,
            )
        weight = np.zeros(squares.max() + 1)
        for square, value in explained.local_exp[0]:
            weight[square] = value
        return Fitted(weight, float(explained.intercept[0]))

    return explain


def _of_squares(pixels: Any, squares: np.ndarray) -> np.ndarray:
    """Sums of the pixels (y, x, channel) of each square."""
    return np.bincount(squares.ravel(), weights=np.asarray(pixels).sum(axis=-1).ravel())


def _judged(margins: Any, one: Asked, fitted: Fitted, *, squares: np.ndarray, seed: int) -> float:
    """Weighted R² on masks that nobody has fitted."""
    there = np.random.default_rng(10_000 + seed).random((JUDGED, len(fitted.weight))) < 0.5
    color = np.stack([one.image[squares == square].mean(axis=0) for square in range(len(fitted.weight))])
    images = np.where(there[:, squares][..., None], one.image, color[squares]).astype(np.float32)
    value = np.concatenate([margins(part, one.pair) for part in np.split(images, JUDGED // BATCH)])
    distance = 1 - np.sqrt(there.mean(axis=1))
    weight = np.exp(-0.5 * (distance / KERNEL) ** 2)
    given = there @ fitted.weight + fitted.constant
    mean = np.average(value, weights=weight)
    return float(1 - (weight * (value - given) ** 2).sum() / (weight * (value - mean) ** 2).sum())
