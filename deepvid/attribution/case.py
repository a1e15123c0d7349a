"""The question that every explanation answers: why this class rather than that one?"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from deepvid.students.teachers import Teacher

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
