"""What a group says of itself, and the checks that a data set passes before it is written."""

import json
import math
from typing import Any

import numpy as np
import xarray as xr

from deepvid.errors import DamagedError, NewerFormatError, StoreError
from deepvid.fields import Fields
from deepvid.store.format.declared import require_declared

VERSION = 1
"""Of the journal and of every group; readers read every older one, writers write only this one."""

STAGE, SERIES, STATE = "deepvid-stage", "deepvid-series", "deepvid-state"


def described(dataset: xr.Dataset, encoding: str, declared: Fields) -> xr.Dataset:
    """A copy that says what it is: `long_name` and `units` everywhere, type and version on the group.

    A declared variable has the form and the meaning of its declaration, any other the meaning that its attrs
    give it. Raises StoreError for another form or no meaning, for a type that cannot be stored and for a
    name that is no plain word.
    """
    result = dataset.copy()
    for name, variable in result.variables.items():
        _check_storable(str(name), variable)
        if field := declared.get(str(name)):
            require_declared(field, variable)
            meaning = {"long_name": field.meaning, "units": field.unit}
        else:
            meaning = {"long_name": "", "units": ""}
        variable.attrs = plain({**meaning, **variable.attrs})
        if not variable.attrs["long_name"] or not variable.attrs["units"]:
            raise StoreError(
                "Every variable carries long_name and units",
                f"{name!r} with {variable.attrs}",
                "Declare it in deepvid/fields.py or set both in its attrs; '1' is the unit of a pure number",
            )
    result.attrs = plain({**dataset.attrs, "encoding-type": encoding, "encoding-version": VERSION})
    return result


def check_version(version: Any, what: str) -> None:
    """Raises NewerFormatError for what a later DeepVID wrote, DamagedError for what none did."""
    if type(version) is not int or version < 1:
        raise DamagedError(
            "A format has a version, a whole number from 1",
            f"version {version!r} in {what}",
            "Restore the run from a copy, or remove it",
        )
    if version > VERSION:
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
