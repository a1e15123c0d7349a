"""The question of every explanation, why this class rather than that one, and the contract of a method."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray, UInt8

from deepvid.adapters.contract import Model
from deepvid.config import names
from deepvid.errors import UserError
from deepvid.models import Classifier
from deepvid.students.teachers import Teacher
from deepvid.tier import Tier

TINY = 1e-12  # logits; a map that weighs less is blank
JUDGE = 0x6A756467  # any number of its own


class Case(NamedTuple):
    """Why does logit[classes[0]] exceed logit[classes[1]] for this image? Many cases have a leading axis."""

    image: Float[Array, "y x channel"]  # in [0, 1]
    classes: Int[Array, "2"]  # the predicted one, and the true one or the runner-up
    key: PRNGKeyArray  # of all that is drawn for this case
    mean_color: Float[Array, " channel"]  # of the training images
    student: Float[Array, "y x channel"]  # W[classes[0]] - W[classes[1]]; nan where there is none
    neighborhood_mean: Float[Array, "y x channel"]  # of the neighbors it was fitted to; nan without one
    neighborhood_gradient: Float[Array, "y x channel"]  # of the margin; nan where there is none
    training: UInt8[Array, "draw y x channel"]  # images that stand for an absent one; none: no such method
    neighbor: Float[Array, "y x channel"]  # the nearest training image of another class; nan: none is known


def bare_case(image: Array, classes: Array, key: PRNGKeyArray, mean_color: Array) -> Case:
    """One case or many, of which nothing more is known: no student, no training image."""
    image = jnp.asarray(image, jnp.float32)
    nan = jnp.full_like(image, jnp.nan)
    nobody = jnp.zeros((*image.shape[:-3], 0, *image.shape[-3:]), jnp.uint8)
    return Case(
        image=image,
        classes=jnp.asarray(classes, jnp.int32),
        key=key,
        mean_color=jnp.asarray(mean_color),
        student=nan,
        neighborhood_mean=nan,
        neighborhood_gradient=nan,
        training=nobody,
        neighbor=nan,
    )


def single(cases: Case) -> list[Case]:
    """Many cases, one by one."""
    return [Case(*parts) for parts in zip(*cases, strict=True)]


def judged(case: Case) -> Case:
    """The case as measures get it: with the key of a judge, who draws nothing that a method has drawn.

    The masks of LIME and the subsets of MuFidelity would else come from the same numbers.
    """
    return case._replace(key=jax.random.fold_in(case.key, JUDGE))


def margin(
    classifier: Teacher, classes: Int[Array, "2"]
) -> Callable[[Float[Array, "image y x channel"]], Float[Array, " image"]]:
    """images -> logit[classes[0]] - logit[classes[1]]."""

    def of(images: Float[Array, "image y x channel"]) -> Float[Array, " image"]:
        logits = classifier.logits(images)
        return logits[:, classes[0]] - logits[:, classes[1]]

    return of


def margin_gradient(
    classifier: Teacher, classes: Int[Array, "2"]
) -> Callable[[Float[Array, "image y x channel"]], Float[Array, "image y x channel"]]:
    """images -> the derivative of each one's margin by its pixels."""
    return jax.grad(lambda images: jnp.sum(margin(classifier, classes)(images)))


class MeasuredMap(NamedTuple):
    """A map, and how far what it is made of is true to the classifier; None where that is not measured."""

    map: Float[Array, "*case y x channel"]
    r2: Float[Array, "*case"] | None = None


@dataclass(frozen=True)
class Method(ABC):
    """A way to explain a case; its fields are its settings.

    Every map is signed and says how much each pixel contributes to the one quantity
    logit[classes[0]] - logit[classes[1]]; where pixels are explained together, they share alike. What a
    method draws depends on the case's key alone.
    """

    name: ClassVar[names.Explanation]
    label: ClassVar[str]  # for people
    tier: ClassVar[Tier]  # what it needs of the classifier

    @abstractmethod
    def __call__(self, classifier: Classifier, case: Case) -> Float[Array, "y x channel"]:
        """The map of one case. JAX compiles and maps it."""

    @property
    def fills(self) -> tuple[names.Baseline, ...]:
        """Fills for absent pixels that it averages over: judges of these names say nothing of its map."""
        return ()

    looks_inside: ClassVar[bool] = False  # whether it asks for layers, which a model that is called hides
    needs_student: ClassVar[bool] = False  # of the case, or the gradient of its neighbors

    def check(self, classifier: Classifier | Model) -> None:
        """Raises UserError where the method does not apply to the classifier."""
        offered = getattr(classifier, "tier", Tier.GRADIENTS)
        if self.looks_inside and isinstance(classifier, Model):
            raise UserError(
                f"{self.label} looks into the layers of a network that DeepVID trained",
                f"{classifier.name}, which was trained elsewhere",
                "Choose a method that needs only answers or gradients",
            )
        if offered < self.tier:
            raise UserError(
                f"{self.label} needs a classifier of tier {self.tier.name.lower()}",
                f"one of tier {Tier(offered).name.lower()}",
                "Choose a method that needs less, or give the network itself",
            )


@dataclass(frozen=True)
class SumOfMaps(Method):
    """The sum of several maps that weigh the same: the mean of their Σ |contribution of a pixel|."""

    parts: ClassVar[tuple[Method, ...]]

    def __call__(self, classifier: Classifier, case: Case) -> Float[Array, "y x channel"]:
        return self.sum([part(classifier, case) for part in self.parts])

    @property
    def fills(self) -> tuple[names.Baseline, ...]:
        return tuple(dict.fromkeys(fill for part in self.parts for fill in part.fills))

    def sum(self, maps: Sequence[Float[Array, "*case y x channel"]]) -> Float[Array, "*case y x channel"]:
        """Of its parts' maps, in their order."""
        weights = [jnp.abs(one.sum(axis=-1)).sum(axis=(-2, -1))[..., None, None, None] for one in maps]
        shares = [one / jnp.maximum(weight, TINY) for one, weight in zip(maps, weights, strict=True)]
        return jnp.mean(jnp.stack(weights), axis=0) * jnp.mean(jnp.stack(shares), axis=0)
