"""What a group holds: versions, names, units, and the checks a data set passes before it is written."""

import json
import math
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from deepvid.errors import NewerFormatError, StoreError

VERSION = 1
"""Of the journal and of every group; readers read every older one, writers write only this one."""

STAGE, SERIES, STATE = "deepvid-stage", "deepvid-series", "deepvid-state"


class Meaning(NamedTuple):
    """What a variable of a known name says about itself where its writer says nothing."""

    long_name: str
    units: str


VARIABLES = {
    "image": Meaning("image", "intensity, 0 to 255"),
    "label": Meaning("true class", "class index"),
    "test": Meaning("held out from training", "1"),
    "sample": Meaning("sample of the run, training images first", "sample index"),
    "test_sample": Meaning("test sample of the run", "sample index"),
    "parameters": Meaning("parameters and batch statistics", "1"),
    "logits": Meaning("logits of the teacher", "1"),
    "features": Meaning("penultimate layer of the teacher", "1"),
    "test_logits": Meaning("logits of the teacher for the test images", "1"),
    "test_features": Meaning("penultimate layer of the teacher for the test images", "1"),
    "mean": Meaning("mean of the latent", "1"),
    "log_variance": Meaning("log of the variance of the latent", "1"),
    "scale": Meaning("standard deviation of the latent means over the training images", "1"),
    "reconstruction": Meaning("image decoded from the latent mean", "intensity, 0 to 255"),
    "reconstruction_class": Meaning("class the teacher gives the reconstruction", "class index"),
    "position": Meaning("position on the map", "1"),
    "smoothness": Meaning("weight of the Laplacian prior of each fit", "1"),
    "weights": Meaning("weights of the student", "1"),
    "intercept": Meaning("intercepts of the student", "1"),
    "kl": Meaning("KL(teacher || student) on held-out neighbors", "nat"),
    "agreement": Meaning("share of held-out neighbors given the teacher's class", "1"),
    "agreement_low": Meaning("agreement, lower end of the 95 % Wilson interval", "1"),
    "agreement_high": Meaning("agreement, upper end of the 95 % Wilson interval", "1"),
    "floor": Meaning("agreement that guessing the commonest class would reach", "1"),
    "kappa": Meaning("Cohen's kappa of student and teacher on held-out neighbors", "1"),
    "r2": Meaning("R2 of centered logits on held-out neighbors", "1"),
    "certificate": Meaning("upper bound of the distance to the optimal objective", "nat"),
    "agrees_on_sample": Meaning("student and teacher agree on the image itself", "1"),
    "held_out": Meaning("neighbors the student was not fitted to", "neighbor count"),
    "gate": Meaning("the teacher gives the reconstruction the image's class", "1"),
    "neighborhood_gradient": Meaning("gradient of the contrast, averaged over the neighborhood", "1"),
    "contrast": Meaning("classes whose logits the gradient subtracts", "class index"),
    "teacher_logits": Meaning("logits of the teacher for the image itself", "1"),
}


def described(dataset: xr.Dataset, encoding: str) -> xr.Dataset:
    """A copy that says what it is: `long_name` and `units` everywhere, type and version on the group.

    Raises StoreError where a variable's meaning is unknown, its type cannot be stored or it is named badly.
    """
    result = dataset.copy()
    for name, variable in result.variables.items():
        _check_storable(str(name), variable)
        known = VARIABLES.get(str(name), Meaning("", ""))._asdict()
        variable.attrs = plain({**known, **variable.attrs})
        if not variable.attrs["long_name"] or not variable.attrs["units"]:
            raise StoreError(
                "Every variable carries long_name and units",
                f"{name!r} with {variable.attrs}",
                "Set both in its attrs; '1' is the unit of a pure number",
            )
    result.attrs = plain({**dataset.attrs, "encoding-type": encoding, "encoding-version": VERSION})
    return result


def check_version(version: Any, what: str) -> None:
    """Raises NewerFormatError for what a later DeepVID wrote."""
    if not isinstance(version, int) or version > VERSION:
        raise NewerFormatError(
            f"This DeepVID reads formats up to version {VERSION}",
            f"version {version} in {what}",
            "Install a newer DeepVID: pip install -U deepvid",
        )


def plain(value: Any) -> Any:
    """`value` as JSON holds it: NumPy becomes Python, and what is not finite becomes None.

    Raises StoreError for what JSON cannot hold.
    """
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    try:
        json.dumps(value)
    except TypeError as error:
        raise StoreError(
            "Attributes, metrics and settings are numbers, texts, lists and dicts",
            f"{value!r} of type {type(value).__name__}",
            "Convert it before it is committed",
        ) from error
    return value


def _check_storable(name: str, variable: xr.Variable) -> None:
    if variable.dtype.kind not in "buif":
        raise StoreError(
            "Variables are booleans, integers or floats",
            f"{name!r} of type {variable.dtype}",
            "Store names in attrs and times as numbers",
        )
    if "/" in name or name.startswith(("_", ".")):
        raise StoreError(
            "A variable's name is one plain word", repr(name), "Rename it before it is committed"
        )
