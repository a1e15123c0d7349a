"""Groups as `deepvid.fields` declares them: built from arrays, and checked before they are written."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from deepvid.errors import StoreError
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
