"""Data sets for notebooks: groups whose samples and classes have names, and all students as one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from deepvid.errors import StoreError
from deepvid.fields import STUDENTS


def labeled(dataset: xr.Dataset, class_names: Sequence[str]) -> xr.Dataset:
    """Coordinates for `sample` (the number of an image), `class` (its name), `student` (the image it
    explains), `y` and `x` (pixels, from the upper left).
    """
    named: dict[str, Any] = {
        name: np.arange(dataset.sizes[name]) for name in ("y", "x") if name in dataset.dims
    }
    if "sample" in dataset.dims and "sample" not in dataset.coords:
        named["sample"] = np.arange(dataset.sizes["sample"])
    if "class" in dataset.dims and len(class_names) == dataset.sizes["class"]:
        named["class"] = list(class_names)
    if "student" in dataset.dims and "sample" in dataset:
        named["student"] = dataset["sample"].to_numpy()
    known = [name for name in ("sample", "smoothness") if name in dataset.data_vars]
    return dataset.set_coords(known).assign_coords(named)


def joined(batches: Sequence[xr.Dataset], names: Sequence[str]) -> xr.Dataset:
    """Batches of students as one, along `student`; what is large is read when it is asked for.

    The coordinate `settings` (student) says by which settings each was fitted; `names` are those of the
    batches. An optional variable that not all have in one form is left out. Raises StoreError where the
    batches have no common form.
    """
    apart = _apart(batches)
    batches = [batch.drop_vars(apart, errors="ignore") for batch in batches]
    forms = {_form(batch): name for batch, name in zip(batches, names, strict=True)}
    if len(forms) != 1:
        raise StoreError(
            "Students that are joined have the same fits",
            f"others in {' and '.join(list(forms.values())[:3])}" if forms else "no student",
            "Name their settings: run.students('SETTINGS')"
            if forms
            else "Fit some: deepvid fit-students RUN",
        )
    variables = {
        str(name): variable
        if "student" not in variable.dims
        else _joined([b.variables[name] for b in batches])
        for name, variable in batches[0].variables.items()
    }
    settings = [name.partition("/")[2].rpartition("-")[0] for name in names]
    keys = np.repeat(settings, [batch.sizes["student"] for batch in batches])
    same = {name: value for name, value in batches[0].attrs.items() if _everywhere(name, value, batches)}
    return xr.Dataset(variables, {"settings": ("student", keys)}, same)


def _apart(batches: Sequence[xr.Dataset]) -> list[str]:
    """The optional variables that not all batches have, or that have several shapes."""
    shapes = {
        name: {batch[name].shape[1:] if name in batch else None for batch in batches}
        for name, field in STUDENTS.items()
        if field.optional
    }
    return [name for name, found in shapes.items() if len(found) > 1]


def _form(batch: xr.Dataset) -> tuple[Any, ...]:
    fits = tuple(batch["smoothness"].to_numpy().tolist())
    return fits, tuple(sorted((str(n), v.dims, v.shape[1:]) for n, v in batch.data_vars.items()))


def _everywhere(name: Any, value: Any, batches: Sequence[xr.Dataset]) -> bool:
    return all(batch.attrs.get(name) == value for batch in batches)


def _joined(parts: list[xr.Variable]) -> xr.Variable:
    data: Any = indexing.LazilyIndexedArray(_Joined(parts))
    return xr.Variable(parts[0].dims, data, parts[0].attrs)


class _Joined(BackendArray):
    """Arrays end to end along their first dimension; only those are read that are asked for."""

    def __init__(self, parts: list[xr.Variable]) -> None:
        self._parts = parts
        self._ends = np.cumsum([len(part) for part in parts])
        self.shape = (int(self._ends[-1]), *parts[0].shape[1:])
        self.dtype = parts[0].dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self._read)

    def _read(self, key: tuple[Any, ...]) -> np.ndarray:
        """`key` has a number, a slice or an array of numbers for each dimension."""
        rows = np.arange(self.shape[0])[key[0]]
        wanted = np.atleast_1d(rows)
        places = np.searchsorted(self._ends, wanted, side="right")
        read, order = [], []
        for place in np.unique(places):
            of_part = np.flatnonzero(places == place)
            begin = self._ends[place] - len(self._parts[place])
            read.append(self._parts[place][(wanted[of_part] - begin, *key[1:])].to_numpy())
            order.append(of_part)
        if not read:
            return np.empty((0, *self._parts[0][(slice(0, 0), *key[1:])].shape[1:]), self.dtype)
        found = np.concatenate(read)[np.argsort(np.concatenate(order))]
        return found if np.ndim(rows) else found[0]
