"""How far explanations can be believed: measures of maps, each by images with some of their pixels gone."""

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from deepvid.adapters.contract import Model
from deepvid.attribution.called import asking
from deepvid.attribution.infill import InfilledClassifier
from deepvid.attribution.judges import FILLING, fills_of
from deepvid.attribution.method import Case, judged, margin, single
from deepvid.attribution.quadrature import legendre
from deepvid.config import names
from deepvid.cores import PATIENT, at_once, in_chunks, map_cases
from deepvid.faithfulness import places_that_lead
from deepvid.models import VAE
from deepvid.students.teachers import Teacher, traced
from deepvid.trust import beyond_draws


class Measure(Protocol):
    """Judges several maps of one case at once: what does not depend on the map is computed once.

    A frozen dataclass, whose fields are its settings. What it gives is a NamedTuple whose arrays have a
    leading map axis; what it draws depends on the case's key alone.
    """

    def __call__(self, classifier: Teacher, case: Case, maps: Float[Array, "map y x channel"]) -> Any: ...


def measure(
    measure: Measure,
    classifier: Teacher | Model,
    cases: Case,
    maps: Float[Array, "case map y x channel"],
    *,
    vae: VAE | None = None,
    side_by_side: int | None = None,
) -> Any:
    """The measure of every map of every case, as many at once as in `explain`; its arrays have the axes case
    and map in front, nan where the map is absent (has a nan).

    With a `vae` the measure is one by the judge `infill` alone, and nan of an image that the VAE knows
    nothing of.
    """
    if isinstance(classifier, Model):
        found = [
            asking(classifier, case, _one, measure, vae, of)
            for case, of in zip(single(cases), maps, strict=True)
        ]
        return jax.tree.map(lambda *values: jnp.stack(values), *found)
    with traced(classifier) as argument:
        return _measure(measure, argument, vae, cases, maps, side_by_side or at_once())


@partial(jax.jit, static_argnames=("measure", "side_by_side"), compiler_options=PATIENT)
def _measure(
    measure: Measure, classifier: Teacher, vae: VAE | None, cases: Case, maps: Array, side_by_side: int
) -> Any:
    return map_cases(lambda one: _one(classifier, one[0], measure, vae, one[1]), (cases, maps), side_by_side)


def _one(classifier: Teacher, case: Case, measure: Measure, vae: VAE | None, maps: Array) -> Any:
    absent = jnp.isnan(maps).any(axis=(1, 2, 3))
    if vae is not None:
        classifier = InfilledClassifier(classifier, vae)
        absent |= ~classifier.knows(case.image)
    return jax.tree.map(lambda values: _marked(values, absent), measure(classifier, judged(case), maps))


def _marked(values: Array, absent: Bool[Array, " map"]) -> Array:
    if not jnp.issubdtype(values.dtype, jnp.floating):
        return values
    return jnp.where(jnp.expand_dims(absent, range(1, values.ndim)), jnp.nan, values)


def of_pixels(maps: Float[Array, "map y x channel"]) -> Float[Array, "map pixel"]:
    """Each pixel's contribution: the sum over its channels."""
    return maps.sum(axis=-1).reshape(len(maps), -1)


class Order(NamedTuple):
    """Pixels in an order, and the rank of each pixel in it."""

    pixel: Int[Array, " rank"]
    rank: Int[Array, " pixel"]


def order_of(scores: Float[Array, " pixel"], key: PRNGKeyArray) -> Order:
    """The order of falling scores. Equal ones are shuffled: an order by position would give a constant map an
    opinion.
    """
    shuffled = jax.random.permutation(key, len(scores))
    pixel = shuffled[jnp.argsort(-scores[shuffled], stable=True)]
    number = jnp.arange(len(scores), dtype=jnp.int32)
    return Order(pixel, jnp.zeros_like(number).at[pixel].set(number))


def without(
    image: Float[Array, "y x channel"],
    fill: Float[Array, "*image y x channel"],
    gone: Bool[Array, "image pixel"],
) -> Float[Array, "image y x channel"]:
    """The image with some of its pixels from the fill, or each from one of its own."""
    return jnp.where(gone.reshape(-1, *image.shape[:2], 1), fill, image)


class Curves(NamedTuple):
    """Areas in [0, 1]."""

    faithfulness: Float[Array, " map"]  # insertion - deletion, the mean over leading judges; 0 is chance
    deletion: Float[Array, "map judge"]  # low is good
    insertion: Float[Array, "map judge"]  # high is good


@dataclass(frozen=True)
class DeletionInsertion:
    """How soon the predicted class goes when the strongest pixels do, and how soon it comes with them:

    deletion = ∫₀¹ f(x with its strongest share s of pixels from a fill) ds,
    insertion = ∫₀¹ f(the fill with the strongest share s of pixels of x) ds,

    by Gauss and Legendre, the mean over the fills of each judge; f is the probability of the predicted class.
    Pixels are taken from the highest to the lowest sum over channels.
    Source: Petsiuk et al. (2018), arXiv 1806.07421, section 4.1.
    """

    judges: tuple[names.Judge, ...] = FILLING
    points: int = 6  # of the integral; shares of whole pixels

    def __call__(self, classifier: Teacher, case: Case, maps: Float[Array, "map y x channel"]) -> Curves:
        judging = fills_of(self.judges, case)
        fills = judging.fills

        def probability(images: Float[Array, "image y x channel"]) -> Float[Array, " image"]:
            return jax.nn.softmax(classifier.logits(images))[:, case.classes[0]]

        shares, weights = legendre(self.points)

        def areas(scores: Float[Array, " pixel"]) -> tuple[Array, Array]:
            gone = order_of(scores, case.key).rank < np.round(shares * len(scores))[:, None]
            deleted = jax.vmap(lambda fill: without(case.image, fill, gone))(fills)
            inserted = jax.vmap(lambda fill: without(fill, case.image, gone))(fills)
            images = jnp.stack([deleted, inserted])
            values = in_chunks(probability, images.reshape(-1, *case.image.shape)).reshape(images.shape[:3])
            return judging.means(values @ weights)  # type: ignore[return-value]

        deletion, insertion = jnp.moveaxis(jax.lax.map(areas, of_pixels(maps)), 1, 0)
        leading = (insertion - deletion)[:, np.array(places_that_lead(self.judges))]
        return Curves(leading.mean(axis=1), deletion, insertion)


INKED = 0.05  # of a channel's range: a smaller change is not seen


class MarginLost(NamedTuple):
    """In logits, means over judges. Above `high`, 97.5 % of maps that mean nothing lose less."""

    beyond_chance: Float[Array, " map"]  # lost - chance
    lost: Float[Array, " map"]
    chance: Float[Array, " map"]  # lost where the map lies elsewhere
    high: Float[Array, " map"]  # of beyond_chance


@dataclass(frozen=True)
class StrongestPixels:
    """m(x) − m(x with the strongest tenth of its inked pixels from a fill), less that of the same map
    elsewhere,

    m the margin in logits. Elsewhere is mirrored and shifted at random, across the edges: such a map has the
    same texture and means nothing. Random pixels would be no chance to beat: on photographs they cost twice
    what patches cost, and where the image is smooth, patches are the luckier choice.

    A pixel is *inked* where the fill would change one of its channels by more than 0.05: on black what is
    not black, on the mean color whatever differs from it, in gray and in color alike; of a VAE, where the
    image differs from what it decodes from nothing. So no choice is spent on pixels whose removal changes
    nothing, and chance has the same to choose.
    """

    share: float = 0.1
    draws: int = 12  # of the map elsewhere, each by one of the fills in turn
    judges: tuple[names.Judge, ...] = ("colors",)

    def __call__(self, classifier: Teacher, case: Case, maps: Float[Array, "map y x channel"]) -> MarginLost:
        move_key, tie_key = jax.random.split(case.key)
        pixel = jax.vmap(lambda scores: order_of(scores, tie_key).pixel)(of_pixels(maps))
        to = elsewhere(move_key, self.draws, (case.image.shape[0], case.image.shape[1]))
        moved = jnp.moveaxis(to[:, pixel], 0, 1)  # (map, draw, rank)
        fills = fills_of(self.judges, case).fills
        seen = classifier.filled(fills) if isinstance(classifier, InfilledClassifier) else fills
        inked = (jnp.abs(case.image - seen).max(axis=-1) > INKED).reshape(len(fills), -1)
        of = margin(classifier, case.classes)

        # Every map by each fill, and elsewhere by one.
        every, turn = np.arange(len(fills)), np.arange(self.draws) % len(fills)
        order = jnp.concatenate([jnp.repeat(pixel[:, None], len(fills), axis=1), moved], axis=1)
        fill = jnp.tile(np.concatenate([every, turn]), len(maps))

        def value(number: Int[Array, " choice"]) -> Float[Array, " choice"]:
            chosen = jax.vmap(self._gone)(inked[fill[number]], order.reshape(len(fill), -1)[number])
            return of(without(case.image, fills[fill[number]], chosen))

        lost = of(case.image[None]) - in_chunks(value, jnp.arange(len(fill))).reshape(len(maps), -1)
        own, drawn = lost[:, : len(fills)].mean(axis=1), lost[:, len(fills) :]
        means = drawn @ ((turn[:, None] == every) / np.bincount(turn)).astype(np.float32)
        degrees = self.draws - len(fills)
        spread = jnp.sum((drawn - means[:, turn]) ** 2, axis=1) / degrees
        chance = means.mean(axis=1)
        return MarginLost(own - chance, own, chance, beyond_draws(degrees) * jnp.sqrt(spread))

    def _gone(self, inked: Bool[Array, " pixel"], order: Int[Array, " rank"]) -> Bool[Array, " pixel"]:
        """The strongest of the inked pixels, which stand in an order."""
        before = jnp.cumsum(inked[order])  # inked ones up to each
        strongest = inked[order] & (before <= jnp.ceil(self.share * inked.sum()))
        return jnp.zeros_like(inked).at[order].set(strongest)


def elsewhere(key: PRNGKeyArray, draws: int, shape: tuple[int, int]) -> Int[Array, "draw pixel"]:
    """Where each pixel goes when an image is mirrored and shifted at random, across its edges."""

    def along(key: PRNGKeyArray, side: int) -> Int[Array, "draw {side}"]:
        shift_key, mirror_key = jax.random.split(key)
        shift = jax.random.randint(shift_key, (draws, 1), 0, side)
        sign = jnp.where(jax.random.bernoulli(mirror_key, shape=(draws, 1)), 1, -1)
        return (sign * jnp.arange(side) + shift) % side

    row, column = (along(*each) for each in zip(jax.random.split(key), shape, strict=True))
    return (row[:, :, None] * shape[1] + column[:, None, :]).reshape(draws, -1)
