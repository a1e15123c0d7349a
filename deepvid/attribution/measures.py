"""How far explanations can be believed: measures of maps, each by images with some of their pixels gone."""

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from deepvid.adapters.contract import Model
from deepvid.attribution.baselines import ALL, stacked
from deepvid.attribution.called import asking
from deepvid.attribution.method import Case, judged, margin, single
from deepvid.config import names
from deepvid.cores import PATIENT, in_chunks
from deepvid.statistics import Z95
from deepvid.students.teachers import Teacher, traced


class Measure(Protocol):
    """Judges several maps of one case at once: what does not depend on the map is computed once.

    A frozen dataclass, whose fields are its settings. What it gives is a NamedTuple whose arrays have a
    leading map axis; what it draws depends on the case's key alone.
    """

    def __call__(self, classifier: Teacher, case: Case, maps: Float[Array, "map y x channel"]) -> Any: ...


def measure(
    measure: Measure, classifier: Teacher | Model, cases: Case, maps: Float[Array, "case map y x channel"]
) -> Any:
    """The measure of every map of every case; its arrays have the axes case and map in front, nan where the
    map is absent (has a nan).
    """
    if isinstance(classifier, Model):
        found = [
            asking(classifier, judged(case), measure, of)
            for case, of in zip(single(cases), maps, strict=True)
        ]
        absent = jnp.isnan(maps).any(axis=(2, 3, 4))
        return jax.tree.map(lambda *values: _marked(jnp.stack(values), absent), *found)
    with traced(classifier) as argument:
        return _measure(measure, argument, cases, maps)


@partial(jax.jit, static_argnames="measure", compiler_options=PATIENT)
def _measure(measure: Measure, classifier: Teacher, cases: Case, maps: Array) -> Any:
    found = jax.lax.map(lambda one: measure(classifier, judged(one[0]), one[1]), (cases, maps))
    absent = jnp.isnan(maps).any(axis=(2, 3, 4))
    return jax.tree.map(lambda values: _marked(values, absent), found)


def _marked(values: Array, absent: Bool[Array, "case map"]) -> Array:
    if not jnp.issubdtype(values.dtype, jnp.floating):
        return values
    return jnp.where(jnp.expand_dims(absent, range(2, values.ndim)), jnp.nan, values)


def of_pixels(maps: Float[Array, "map y x channel"]) -> Float[Array, "map pixel"]:
    """Each pixel's contribution: the sum over its channels."""
    return maps.sum(axis=-1).reshape(len(maps), -1)


def places(scores: Float[Array, " pixel"], key: PRNGKeyArray) -> Int[Array, " pixel"]:
    """Each pixel's place in the order of falling scores. Equal ones are shuffled: an order by position would
    give a constant map an opinion.
    """
    order = jnp.lexsort((jax.random.uniform(key, scores.shape), -scores))
    return jnp.zeros(len(scores), jnp.int32).at[order].set(jnp.arange(len(scores), dtype=jnp.int32))


def without(
    image: Float[Array, "y x channel"],
    baseline: Float[Array, "y x channel"],
    gone: Bool[Array, "image pixel"],
) -> Float[Array, "image y x channel"]:
    """The image with some of its pixels at the baseline."""
    return jnp.where(gone.reshape(-1, *image.shape[:2], 1), baseline, image)


class Curves(NamedTuple):
    """Areas in [0, 1]."""

    faithfulness: Float[Array, " map"]  # insertion - deletion, the mean over baselines; 0 is chance
    deletion: Float[Array, "map baseline"]  # low is good
    insertion: Float[Array, "map baseline"]  # high is good


@dataclass(frozen=True)
class DeletionInsertion:
    """How soon the predicted class goes when the strongest pixels do, and how soon it comes with them:

    deletion = ∫₀¹ f(x with its strongest share s of pixels at the baseline) ds,
    insertion = ∫₀¹ f(baseline with the strongest share s of pixels of x) ds,

    by trapezoids; f is the probability of the predicted class. Pixels are taken from the highest to the
    lowest sum over channels. Source: Petsiuk et al. (2018), arXiv 1806.07421, section 4.1.
    """

    baselines: tuple[names.Baseline, ...] = ALL
    steps: int = 20

    def __call__(self, classifier: Teacher, case: Case, maps: Float[Array, "map y x channel"]) -> Curves:
        baselines = stacked(self.baselines, case)

        def probability(images: Float[Array, "image y x channel"]) -> Float[Array, " image"]:
            return jax.nn.softmax(classifier.logits(images))[:, case.classes[0]]

        # Every curve ends at the whole image and at the whole baseline.
        whole, *emptied = probability(jnp.concatenate([case.image[None], baselines]))
        empty = jnp.stack(emptied)[:, None]
        full = jnp.full_like(empty, whole)
        ends = jnp.stack([full, empty]), jnp.stack([empty, full])

        def areas(scores: Float[Array, " pixel"]) -> tuple[Array, Array]:
            counts = np.round(np.linspace(0, len(scores), self.steps + 1))
            gone = places(scores, case.key) < counts[1:-1, None]
            deleted = jax.vmap(lambda baseline: without(case.image, baseline, gone))(baselines)
            inserted = jax.vmap(lambda baseline: without(baseline, case.image, gone))(baselines)
            images = jnp.stack([deleted, inserted])
            between = in_chunks(probability, images.reshape(-1, *case.image.shape)).reshape(images.shape[:3])
            values = jnp.concatenate([ends[0], between, ends[1]], axis=2)
            return jnp.trapezoid(values, counts / len(scores))  # type: ignore[return-value]

        deletion, insertion = jnp.moveaxis(jax.lax.map(areas, of_pixels(maps)), 1, 0)
        return Curves(jnp.mean(insertion - deletion, axis=1), deletion, insertion)


INKED = 0.05  # of a channel's range: a smaller change is not seen


class MarginLost(NamedTuple):
    """In logits, means over baselines. Above `high`, 97.5 % of random choices lose less."""

    beyond_chance: Float[Array, " map"]  # lost - chance
    lost: Float[Array, " map"]
    chance: Float[Array, " map"]  # lost with random inked pixels
    high: Float[Array, " map"]  # of beyond_chance, where pixels are chosen at random: 1.96 deviations


@dataclass(frozen=True)
class StrongestPixels:
    """m(x) − m(x with the strongest tenth of its inked pixels at the baseline), less that of random ones,

    m the margin in logits. A pixel is *inked* where the baseline would change one of its channels by more
    than 0.05: on black what is not black, on the mean color whatever differs from it, in gray and in color
    alike. So no choice is spent on pixels whose removal changes nothing, and chance has the same to choose.
    """

    share: float = 0.1
    draws: int = 20
    baselines: tuple[names.Baseline, ...] = ALL

    def __call__(self, classifier: Teacher, case: Case, maps: Float[Array, "map y x channel"]) -> MarginLost:
        random_key, tie_key = jax.random.split(case.key)
        scores = of_pixels(maps)
        random = jax.random.uniform(random_key, (self.draws, scores.shape[1]))
        everything = jnp.concatenate([scores, random])
        of = margin(classifier, case.classes)

        def losses(baseline: Float[Array, "y x channel"]) -> Float[Array, " choice"]:
            inked = (jnp.abs(case.image - baseline).max(axis=-1) > INKED).ravel()
            gone = jax.vmap(lambda scores: self._strongest(scores, inked, tie_key))(everything)
            whole = jnp.zeros_like(gone[:1])
            values = in_chunks(
                lambda gone: of(without(case.image, baseline, gone)), jnp.concatenate([whole, gone])
            )
            return values[0] - values[1:]

        lost = jnp.mean(jax.lax.map(losses, stacked(self.baselines, case)), axis=0)
        chosen, drawn = lost[: len(maps)], lost[len(maps) :]
        chance = jnp.broadcast_to(drawn.mean(), chosen.shape)
        high = jnp.broadcast_to(Z95 * drawn.std(ddof=1), chosen.shape)
        return MarginLost(chosen - chance, chosen, chance, high)

    def _strongest(
        self, scores: Float[Array, " pixel"], inked: Bool[Array, " pixel"], key: Array
    ) -> Bool[Array, " pixel"]:
        count = jnp.ceil(self.share * inked.sum())
        return inked & (places(jnp.where(inked, scores, -jnp.inf), key) < count)
