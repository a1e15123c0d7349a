"""Every attribution method, behind one function."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.adapters.contract import Model
from deepvid.attribution.activation_maps import Cam, GradCam, GradCamPlusPlus, HiResCam, ScoreCam
from deepvid.attribution.called import asking
from deepvid.attribution.gradients import ExpectedGradients, Gradient, IntegratedGradients, SmoothGrad
from deepvid.attribution.lime import LimeGrid, LimeQuickshift
from deepvid.attribution.method import Case, MeasuredMap, Method, single
from deepvid.attribution.occlusion import Occlusion
from deepvid.attribution.place_drops import PlaceDrops
from deepvid.attribution.query_free import Image, NeighborhoodGradient, Random, Student, StudentTimesInput
from deepvid.attribution.removals import PixelsAndPlaces, Rise, StudentOfPlaces
from deepvid.config import names
from deepvid.cores import PATIENT, at_once, map_cases
from deepvid.errors import UserError
from deepvid.models import Classifier
from deepvid.students.teachers import traced

METHODS: dict[names.Explanation, Method] = {
    method.name: method
    for method in (
        Student(),
        StudentTimesInput(),
        NeighborhoodGradient(),
        Gradient(),
        IntegratedGradients(),
        ExpectedGradients(),
        SmoothGrad(),
        Cam(),
        GradCam(),
        HiResCam(),
        GradCamPlusPlus(),
        ScoreCam(),
        Occlusion(),
        StudentOfPlaces(),
        PixelsAndPlaces(),
        Rise(),
        LimeGrid(),
        LimeQuickshift(),
        Random(),
        Image(),
    )
}
"""Name -> method with its default settings; `dataclasses.replace` gives it others."""


def explain(
    method: Method, classifier: Classifier | Model, cases: Case, *, side_by_side: int | None = None
) -> Float[Array, "case y x channel"]:
    """The map of each case, computed as many at once as the device has room for, or as is said. Raises
    UserError where the method does not apply to the classifier.
    """
    method.check(classifier)
    return _each(method, classifier, cases, side_by_side)


def explain_by_places(method: StudentOfPlaces, classifier: Classifier | Model, cases: Case) -> MeasuredMap:
    """The same, with how far removal is linear."""
    method.check(classifier)
    return _each(method.measured, classifier, cases)


def drops_by_place(
    classifier: Classifier | Model, cases: Case, places: PlaceDrops | None = None
) -> Float[Array, "case place"]:
    """Logits that the margin of each case loses with each place of its image."""
    return _each(places or PlaceDrops(), classifier, cases)


def _each(
    function: Callable[..., Any],
    classifier: Classifier | Model,
    cases: Case,
    side_by_side: int | None = None,
) -> Any:
    if isinstance(classifier, Model):
        found = [asking(classifier, case, function) for case in single(cases)]
        return jax.tree.map(lambda *leaves: jnp.stack(leaves), *found)
    with traced(classifier) as argument:
        return _explain(function, argument, cases, side_by_side or at_once())


def applicable(classifier: Classifier | Model) -> dict[names.Explanation, Method]:
    """Those that apply to the classifier."""
    return {name: method for name, method in METHODS.items() if _applies(method, classifier)}


def _applies(method: Method, classifier: Classifier | Model) -> bool:
    try:
        method.check(classifier)
    except UserError:
        return False
    return True


@partial(jax.jit, static_argnames=("function", "side_by_side"), compiler_options=PATIENT)
def _explain(function: Callable[..., Any], classifier: Classifier, cases: Case, side_by_side: int) -> Any:
    return map_cases(lambda case: function(classifier, case), cases, side_by_side)
