"""Groups as `deepvid.fields` declares them: built from arrays, described, checked before they are written."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from deepvid.errors import DamagedError, NewerFormatError, StoreError
from deepvid.fields import Field, Fields

NO_ATTRS: Mapping[str, Any] = {}


def dataset_of(
    declared: Fields, arrays: Mapping[str, Any], attrs: Mapping[str, Any] = NO_ATTRS
) -> xr.Dataset:
    """The group that holds `arrays`, by the declared names, with the declared dimensions and types.

    Numbers get the declared width within their kind. Raises StoreError where an array is missing that is not
    optional, is not declared, or has another number of dimensions or another kind of number.
    """
    expected = {name: field for name, field in declared.items() if name in arrays or not field.optional}
    if expected.keys() != arrays.keys():
        raise StoreError(
            f"A group has the variables {', '.join(declared)}",
            f"{', '.join(sorted(expected.keys() ^ arrays.keys()))} on one side only",
            "Compute what is declared in deepvid/fields.py, and declare what is computed",
        )
    variables = {name: _variable(field, arrays[name]) for name, field in expected.items()}
    coordinates = {name: variables.pop(name) for name, field in expected.items() if field.coordinate}
    return xr.Dataset(variables, coordinates, attrs)


def require_declared(field: Field, variable: xr.Variable) -> None:
    """Raises StoreError for a variable of other dimensions or another type than declared."""
    if variable.dims != field.dims or not may_have(field, variable.dtype):
        raise _another_form(field, f"{variable.dtype} over ({', '.join(map(str, variable.dims))})")


def _variable(field: Field, array: Any) -> xr.Variable:
    array = np.asarray(array)
    if array.ndim != len(field.dims) or not np.can_cast(array.dtype, field.dtype, "same_kind"):
        raise _another_form(field, f"{array.dtype} of shape {array.shape}")
    dtype = array.dtype if may_have(field, array.dtype) else field.dtype
    return xr.Variable(field.dims, array.astype(dtype, copy=False))


def may_have(field: Field, dtype: np.dtype[Any]) -> bool:
    """Classes that are declared as unsigned may be wider: a run can have more than 256 of them."""
    declared = np.dtype(field.dtype)
    wider = field.classes and declared.kind == dtype.kind == "u" and dtype.itemsize > declared.itemsize
    return dtype == declared or wider


def _another_form(field: Field, form: str) -> StoreError:
    return StoreError(
        f"{field.name!r} is {field.dtype} over ({', '.join(field.dims)})",
        form,
        "Compute it so, or change its declaration in deepvid/fields.py",
    )


VERSION = 1
"""Of the journal and of every group; readers read every older one, writers write only this one."""

CRATE_FORM = 2
"""Of the metadata of an archive; a run says in its first line which one it has, so that its bytes stay."""

CONVENTIONS = "CF-1.11"
"""How the attributes of variables are meant: https://cfconventions.org."""

_NO_WORD = re.compile(r"[^\w.+@-]")  # in a flag's meaning

STAGE, SERIES, STATE = "deepvid-stage", "deepvid-series", "deepvid-state"


def described(dataset: xr.Dataset, encoding: str, declared: Fields) -> xr.Dataset:
    """A copy that says what it is: `long_name` and `units` everywhere, type and version on the group.

    A declared variable has the form and the meaning of its declaration, any other the meaning that its attrs
    give it. Raises StoreError for another form or no meaning, for a type that cannot be stored and for a
    name that is no plain word.
    """
    result = dataset.copy()
    meaning: dict[str, Any]
    for name, variable in result.variables.items():
        _check_storable(str(name), variable)
        if field := declared.get(str(name)):
            require_declared(field, variable)
            meaning = {"long_name": field.meaning, "units": field.unit}
            if field.classes and "class_names" in dataset.attrs:
                meaning |= _flags(dataset.attrs["class_names"])
        else:
            meaning = {"long_name": "", "units": ""}
        variable.attrs = plain({**meaning, **variable.attrs})
        if not variable.attrs["long_name"] or not variable.attrs["units"]:
            raise StoreError(
                "Every variable carries long_name and units",
                f"{name!r} with {variable.attrs}",
                "Declare it in deepvid/fields.py or set both in its attrs; '1' is the unit of a pure number",
            )
    about = {"Conventions": CONVENTIONS, "encoding-type": encoding, "encoding-version": VERSION}
    result.attrs = plain({**dataset.attrs, **about})
    return result


def _flags(class_names: Sequence[str]) -> dict[str, Any]:
    """Meanings of the numbers of a variable, one word a class. Source: CF Conventions 1.11, section 3.5."""
    words = [_NO_WORD.sub("_", name) or "_" for name in class_names]
    meanings = [f"{word}_{n}" if words.count(word) > 1 else word for n, word in enumerate(words)]
    return {"flag_values": list(range(len(words))), "flag_meanings": " ".join(meanings)}


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
            "Install a newer DeepVID",
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
