"""The contract of a measure of maps, and how it is taken of many cases."""

from functools import partial
from typing import Any, Protocol

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from deepvid.adapters.contract import Model
from deepvid.attribution.called import asking
from deepvid.attribution.case import Case, judged, single
from deepvid.cores import PATIENT
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
