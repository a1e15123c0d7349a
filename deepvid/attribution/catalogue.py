"""Every attribution method, behind one function."""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.adapters.contract import Model
from deepvid.attribution.activation_maps import Cam, GradCam, GradCamPlusPlus, HiResCam, ScoreCam
from deepvid.attribution.called import asking
from deepvid.attribution.gradients import ExpectedGradients, Gradient, IntegratedGradients, SmoothGrad
from deepvid.attribution.lime import LimeGrid, LimeQuickshift
from deepvid.attribution.method import Case, Method, single
from deepvid.attribution.occlusion import Occlusion
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
    if isinstance(classifier, Model):
        return jnp.stack([asking(classifier, case, method) for case in single(cases)])
    with traced(classifier) as argument:
        return _explain(method, argument, cases, side_by_side or at_once())


def applicable(classifier: Classifier | Model) -> dict[names.Explanation, Method]:
    """Those that apply to the classifier."""
    return {name: method for name, method in METHODS.items() if _applies(method, classifier)}


def _applies(method: Method, classifier: Classifier | Model) -> bool:
    try:
        method.check(classifier)
    except UserError:
        return False
    return True


@partial(jax.jit, static_argnames=("method", "side_by_side"), compiler_options=PATIENT)
def _explain(
    method: Method, classifier: Classifier, cases: Case, side_by_side: int
) -> Float[Array, "case y x channel"]:
    return map_cases(lambda case: method(classifier, case), cases, side_by_side)
