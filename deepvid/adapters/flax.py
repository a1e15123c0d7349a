"""A Flax module, NNX or Linen: JAX, but asked as any other model is, in a program of its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from deepvid import config
from deepvid.adapters.contract import Adapter, Outputs
from deepvid.adapters.digests import digest_of
from deepvid.adapters.entries import made, required
from deepvid.adapters.flax_features import linen_with_features, nnx_watched
from deepvid.adapters.flax_weights import linen_variables, load_into, other_network
from deepvid.adapters.returned import array_of, scores_in
from deepvid.config import names
from deepvid.errors import DataError
from deepvid.tier import Tier

if TYPE_CHECKING:
    from jaxtyping import Int

_EVALUATING = {"train": False, "training": False, "is_training": False, "deterministic": True}
"""What modules call the argument that chooses, and what it is outside of training."""

Network = Callable[[Any, Any], tuple[Any, Any]]
"""From the arrays of a module and images to scores and features (or None)."""


def opened(section: config.Flax, given: Any) -> Adapter:
    """Given an NNX module, a bound Linen module, or a Linen module and its variables."""
    from flax import linen, nnx

    if section.entry is None and given is None:
        required(section.entry, "teacher.entry", "module:factory")
    name = section.entry or type(given[0] if isinstance(given, tuple) else given).__name__
    if section.entry is not None and given is None:
        given = made(section.entry, lambda found: isinstance(found, nnx.Module | linen.Module))
    module, variables = given if isinstance(given, tuple) else (given, None)
    if isinstance(module, nnx.Module):
        if section.weights is not None:
            load_into(module, section.weights)
        return nnx_module(module, name, section.features)
    if isinstance(module, linen.Module):
        if section.weights is not None:
            variables = linen_variables(section.weights)
        return linen_module(module, variables, name, section.features)
    raise DataError(
        "A Flax model is a module of NNX or Linen",
        f"{name}, which is a {type(module).__name__}",
        "Give the module, or name a function without arguments that returns it",
    )


class FlaxModule:
    """An `Adapter` of a network in JAX and its arrays by name, as they are when it is made."""

    tier = Tier.GRADIENTS
    layout: names.Layout = "NHWC"
    takes: tuple[int | None, ...] | None = None

    def __init__(self, network: Network, arrays: Any, name: str) -> None:
        self.network = network
        self.arrays = arrays
        self.name = name

    def outputs(self, inputs: np.ndarray) -> Outputs:
        scores, features = self._answer(self.arrays, inputs)
        return Outputs(
            array_of(scores), None if features is None else array_of(features).reshape(len(inputs), -1)
        )

    def outputs_and_slopes(
        self, inputs: np.ndarray, outputs: Int[np.ndarray, " asked"]
    ) -> tuple[np.ndarray, np.ndarray]:
        scores, slopes = self._slope(self.arrays, inputs, outputs)
        return array_of(scores), array_of(slopes)

    def digest(self) -> str:
        import jax

        leaves, _ = jax.tree_util.tree_flatten_with_path(self.arrays)
        return digest_of((jax.tree_util.keystr(path), np.asarray(leaf)) for path, leaf in leaves)

    @cached_property
    def _answer(self) -> Callable[..., tuple[Any, Any]]:
        import jax

        return jax.jit(self.network)

    @cached_property
    def _slope(self) -> Callable[..., tuple[Any, Any]]:
        import jax

        from deepvid.adapters.returned import outputs_with_slopes

        def slope(arrays: Any, inputs: Any, outputs: Any) -> tuple[Any, Any]:
            return outputs_with_slopes(lambda images: self.network(arrays, images)[0], inputs, outputs)

        return jax.jit(slope)


def nnx_module(module: Any, name: str, features: str | None = None) -> FlaxModule:
    """The module stays as it is: what is asked is a copy in evaluation mode."""
    from flax import nnx

    definition, state = nnx.split(module)
    copy = nnx.merge(definition, state)
    copy.eval()
    watch = nnx_watched(copy, name, features)
    definition, arrays, *others = nnx.split(copy, nnx.Not(nnx.RngState), ...)

    def network(arrays: Any, images: Any) -> tuple[Any, Any]:
        made = nnx.merge(definition, arrays, *others)
        with watch as seen:
            scores = scores_in(_called(made, images))
        return scores, seen.features(scores)

    return FlaxModule(network, arrays, name)


def linen_module(module: Any, variables: Any, name: str, features: str | None = None) -> FlaxModule:
    """`variables` are those of its init, trained; None: the module is bound to some."""
    if variables is None:
        if module.scope is None:
            raise DataError(
                "A Linen module comes with its variables",
                f"{name}, a module alone",
                "Give module.bind(variables), or name its weights: teacher.weights",
            )
        module, variables = module.unbind()
    chosen = _chosen(type(module).__call__)

    def network(variables: Any, images: Any) -> tuple[Any, Any]:
        try:
            return linen_with_features(lambda: scores_in(module.apply(variables, images, **chosen)), features)
        except _unfit() as error:
            raise other_network(name, str(error)) from error

    return FlaxModule(network, _plain(variables), name)


def _unfit() -> tuple[type[Exception], ...]:
    from flax import errors

    return errors.ScopeParamNotFoundError, errors.ScopeParamShapeError, errors.ScopeCollectionNotFound


def _called(module: Any, images: Any) -> Any:
    if not callable(module) and hasattr(module, "logits"):  # one of DeepVID's own
        return module.logits(images)
    return module(images, **_chosen(type(module).__call__))


def _chosen(call: Callable[..., Any]) -> dict[str, bool]:
    parameters = inspect.signature(call).parameters
    return {name: value for name, value in _EVALUATING.items() if name in parameters}


def _plain(variables: Any) -> Any:
    return (
        {key: _plain(inner) for key, inner in variables.items()}
        if isinstance(variables, Mapping)
        else variables
    )
