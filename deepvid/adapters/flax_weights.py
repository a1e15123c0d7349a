"""Weights of Flax modules: arrays by the paths of their variables, of a .safetensors file or of Orbax."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepvid.errors import DataError, DeepVIDError, MissingExtraError

_MUST = "A file of weights is .safetensors, with the names of a module's variables, or an Orbax checkpoint"


def load_into(module: Any, path: Path) -> None:
    """Puts weights into an NNX module. Raises DataError unless names and shapes are its own."""
    from flax import nnx

    found = read_weights(path)
    state = nnx.to_flat_state(nnx.state(module, nnx.Not(nnx.RngState)))
    wanted = {".".join(map(str, names)): (names, variable) for names, variable in state}
    for name in sorted(wanted.keys() ^ found.keys()):
        raise other_network(str(path), f"{name} is in one of the two alone")
    for name, (_, variable) in wanted.items():
        if variable.shape != found[name].shape:
            raise other_network(str(path), f"{name} is {found[name].shape} there and {variable.shape} here")
    flat = [(names, variable.replace(found[name])) for name, (names, variable) in wanted.items()]
    nnx.update(module, nnx.from_flat_state(flat))


def linen_variables(path: Path) -> dict[str, Any]:
    """Nested, as Linen takes them; names without a collection are those of parameters."""
    nested: dict[str, Any] = {}
    found = read_weights(path)
    known = any(name.startswith("params.") for name in found)
    for name, array in found.items():
        *parents, last = (name if known else f"params.{name}").split(".")
        inner = nested
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[last] = array
    return nested


def read_weights(path: Path) -> dict[str, Any]:
    """JAX arrays by path, as in "first.kernel"."""
    try:
        found = _orbax(path) if path.is_dir() else _safetensors(path)
    except DeepVIDError:
        raise
    except Exception as error:  # of two packages, with nothing in common
        text = (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
        raise DataError(
            _MUST, f"{path}: {text}", "Save it in one of these forms, or give the module itself"
        ) from error
    # Orbax keeps an NNX variable as a tree with the one leaf "value".
    return {re.sub(r"[./]value$", "", name).replace("/", "."): array for name, array in found.items()}


def other_network(where: str, found: str) -> DataError:
    return DataError(
        "The weights are those of the network",
        f"{where}: {found.strip().splitlines()[0][:300].rstrip('.')}",
        "Give the weights of this network, or the function that makes the network of these weights",
    )


def _safetensors(path: Path) -> Mapping[str, Any]:
    if path.suffix.lower() != ".safetensors" or not path.is_file():
        found = f"{path}" if path.exists() else f"nothing at {path}"
        raise DataError(_MUST, found, "Save it in one of these forms, or give the module itself")
    try:
        from safetensors.flax import load_file
    except ImportError as error:
        raise MissingExtraError(
            "Reading a .safetensors file needs safetensors", "no module named safetensors", "Install it"
        ) from error
    return dict(load_file(path))


def _orbax(path: Path) -> Mapping[str, Any]:
    import jax
    from orbax import checkpoint

    with checkpoint.StandardCheckpointer() as checkpointer:
        tree = checkpointer.restore(path.resolve())
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {jax.tree_util.keystr(names, simple=True, separator="."): array for names, array in leaves}
