"""The contract of a measure of maps, and how it is taken of many cases."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import jax
from jaxtyping import Array, Float

from deepvid.cores import PATIENT
from deepvid.explain.case import Case
from deepvid.students.teachers import Teacher, as_argument, traced


@dataclass(frozen=True)
class Measure(Protocol):
    """Judges several maps of one case at once: what does not depend on the map is computed once.

    Its fields are its settings; what it gives is a NamedTuple whose arrays have a leading map axis. What it
    draws depends on the case's key alone.
    """

    def __call__(self, classifier: Teacher, case: Case, maps: Float[Array, "map y x channel"]) -> Any: ...


def measure(
    measure: Measure, classifier: Teacher, cases: Case, maps: Float[Array, "case map y x channel"]
) -> Any:
    """The measure of every map of every case; its arrays have the axes case and map in front."""
    with traced(classifier):
        return _measure(measure, as_argument(classifier), cases, maps)


@partial(jax.jit, static_argnames="measure", compiler_options=PATIENT)
def _measure(measure: Measure, classifier: Teacher, cases: Case, maps: Array) -> Any:
    return jax.lax.map(lambda one: measure(classifier, *one), (cases, maps))
