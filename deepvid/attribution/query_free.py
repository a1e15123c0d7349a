"""Maps that ask the classifier nothing: what a case already holds, times its image, and two controls."""

from dataclasses import dataclass

import jax
from jaxtyping import Array, Float

from deepvid.attribution.method import Case, Method
from deepvid.models import Classifier
from deepvid.tier import Tier


@dataclass(frozen=True)
class Student(Method):
    """w ⊙ (x − x̄), w the student's weights of the margin and x̄ the mean of its neighbors: what sets this
    image apart from those around it. Its sum and the student's margin at x̄ are the student's margin here.
    """

    name = "student"
    label = "Student"
    tier = Tier.PREDICTIONS
    needs_student = True

    def __call__(self, classifier: Classifier, case: Case) -> Float[Array, "y x channel"]:
        return case.student * (case.image - case.neighborhood_mean)


@dataclass(frozen=True)
class StudentTimesInput(Method):
    """w ⊙ x: the same against black, which is far outside the neighborhood."""

    name = "student_times_input"
    label = "Student x input"
    tier = Tier.PREDICTIONS
    needs_student = True

    def __call__(self, classifier: Classifier, case: Case) -> Float[Array, "y x channel"]:
        return case.student * case.image


@dataclass(frozen=True)
class NeighborhoodGradient(Method):
    """ḡ ⊙ x, ḡ the mean gradient over the neighborhood."""

    name = "neighborhood_gradient"
    label = "Neighborhood gradient x input"
    tier = Tier.PREDICTIONS
    needs_student = True

    def __call__(self, classifier: Classifier, case: Case) -> Float[Array, "y x channel"]:
        return case.neighborhood_gradient * case.image


@dataclass(frozen=True)
class Random(Method):
    """Standard normal noise: what chance reaches."""

    name = "random"
    label = "Random"
    tier = Tier.PREDICTIONS

    def __call__(self, classifier: Classifier, case: Case) -> Float[Array, "y x channel"]:
        return jax.random.normal(case.key, case.image.shape)


@dataclass(frozen=True)
class Image(Method):
    """x: the ink itself, which no measure should mistake for an explanation."""

    name = "image"
    label = "Image itself"
    tier = Tier.PREDICTIONS

    def __call__(self, classifier: Classifier, case: Case) -> Float[Array, "y x channel"]:
        return case.image
