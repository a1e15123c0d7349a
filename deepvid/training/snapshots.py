"""A training state as a flat dict of NumPy arrays, and back: what a run needs to continue bit for bit."""

from collections.abc import Mapping
from typing import TypeVar

import jax
import numpy as np

from deepvid.errors import DataError

Tree = TypeVar("Tree")


def to_arrays(state: object) -> dict[str, np.ndarray]:
    """Copies of all leaves, named by their path (`optimizer/0/trace/stem/kernel`)."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(state)
    return {_name(path): np.array(leaf) for path, leaf in leaves}


def from_arrays(template: Tree, arrays: Mapping[str, np.ndarray]) -> Tree:
    """The inverse of `to_arrays`, into the structure of `template`.

    Raises `DataError` where names, shapes or types are not those of the template.
    """
    leaves, structure = jax.tree_util.tree_flatten_with_path(template)
    wanted = {_name(path): (leaf.shape, np.dtype(leaf.dtype)) for path, leaf in leaves}
    given = {name: (array.shape, array.dtype) for name, array in arrays.items()}
    if wanted != given:
        name = next(name for name in sorted(wanted | given) if wanted.get(name) != given.get(name))
        raise DataError(
            "A training state continues the settings it was written with",
            f"{name}: {given.get(name, 'nothing')} instead of {wanted.get(name, 'nothing')}",
            "Train again from the first epoch, or use the settings of the run",
        )
    return jax.tree_util.tree_unflatten(structure, [arrays[name] for name in wanted])


def _name(path: tuple[object, ...]) -> str:
    return jax.tree_util.keystr(path, simple=True, separator="/")
