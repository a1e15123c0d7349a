"""How a Keras model is called on each backend, in evaluation mode.

A backend with slopes is one entry of `BACKENDS`; on any other a model answers and no more.
"""

import os
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

from deepvid.adapters.returned import scores_in
from deepvid.errors import MissingExtraError


def keras_package() -> Any:
    """On JAX unless the person has chosen otherwise. Without a choice it would want TensorFlow."""
    if "keras" not in sys.modules:
        os.environ.setdefault("KERAS_BACKEND", "jax")
    try:
        import keras
    except ImportError as error:
        raise MissingExtraError.of("A Keras model", "keras", "keras") from error
    return keras


class Called(Protocol):
    """A model that a backend runs; arrays go in, the backend's own tensors come out."""

    def returned(self, inputs: Any) -> Any:
        """The model's answer to a batch."""
        ...


@runtime_checkable
class CalledWithSlopes(Called, Protocol):
    def with_slopes(self, inputs: Any, outputs: Any) -> tuple[Any, Any]:
        """Scores (sample, output) and the slopes of those that are asked (sample, asked, ...)."""
        ...


class Plainly:
    """On any backend, without slopes."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def returned(self, inputs: Any) -> Any:
        return self.model(inputs, training=False)


class OnJax(Plainly):
    """Compiled; the values of the variables are arguments, for a model may be trained on."""

    def returned(self, inputs: Any) -> Any:
        return self._returned(self._variables, inputs)

    def with_slopes(self, inputs: Any, outputs: Any) -> tuple[Any, Any]:
        return self._with_slopes(self._variables, inputs, outputs)

    @property
    def _variables(self) -> tuple[list[Any], list[Any]]:
        return (
            [variable.value for variable in self.model.trainable_variables],
            [variable.value for variable in self.model.non_trainable_variables],
        )

    @cached_property
    def _returned(self) -> Callable[..., Any]:
        import jax

        return jax.jit(self._stateless)

    @cached_property
    def _with_slopes(self) -> Callable[..., tuple[Any, Any]]:
        import jax

        from deepvid.adapters.returned import outputs_with_slopes

        def slope(variables: Any, inputs: Any, outputs: Any) -> tuple[Any, Any]:
            return outputs_with_slopes(
                lambda images: scores_in(self._stateless(variables, images)), inputs, outputs
            )

        return jax.jit(slope)

    def _stateless(self, variables: Any, inputs: Any) -> Any:
        return self.model.stateless_call(*variables, inputs, training=False)[0]


class OnTorch(Plainly):
    def returned(self, inputs: Any) -> Any:
        from deepvid.adapters.torch import torch_package

        with torch_package().no_grad():
            return self.model(inputs, training=False)

    def with_slopes(self, inputs: Any, outputs: Any) -> tuple[Any, Any]:
        from deepvid.adapters.torch import slopes_by_autograd

        tensor = keras_package().ops.convert_to_tensor(inputs)
        return slopes_by_autograd(
            lambda images: scores_in(self.model(images, training=False)), tensor, outputs
        )


class OnTensorFlow(Plainly):
    """Compiled as `predict` compiles it, unless the model says `run_eagerly`."""

    def returned(self, inputs: Any) -> Any:
        return self._returned(inputs)

    def with_slopes(self, inputs: Any, outputs: Any) -> tuple[Any, Any]:
        scores, slopes = self._with_slopes(inputs, outputs)
        return scores, slopes

    @cached_property
    def _returned(self) -> Callable[..., Any]:
        return self._made(self._answer)

    @cached_property
    def _with_slopes(self) -> Callable[..., Any]:
        return self._made(with_slopes(lambda images: scores_in(self._answer(images))))

    def _answer(self, inputs: Any) -> Any:
        return self.model(inputs, training=False)

    def _made(self, network: Callable[..., Any]) -> Callable[..., Any]:
        return (eager if self.model.run_eagerly else compile_network)(network)


BACKENDS: Mapping[str, Callable[[Any], CalledWithSlopes]] = MappingProxyType(
    {"jax": OnJax, "tensorflow": OnTensorFlow, "torch": OnTorch}
)
"""Those with slopes, by the name that Keras has for them."""


Network = Callable[[Any], Any]


def compile_network(network: Callable[..., Any]) -> Callable[..., Any]:
    """For batches of any size; it reads the variables of the network as they are at the call."""
    import tensorflow

    return eager(tensorflow.function(network, reduce_retracing=True))


def eager(network: Callable[..., Any]) -> Callable[..., Any]:
    """Of arrays, operation by operation: for a network that does in Python what no graph can."""
    import tensorflow

    return lambda *arrays: network(*map(tensorflow.convert_to_tensor, arrays))


def with_slopes(network: Network) -> Callable[..., tuple[Any, Any]]:
    """A function of inputs (sample, ...) and numbers of outputs that gives the scores (sample, output) and
    their slopes (sample, asked, ...): one pass forward, and one backward for each that is asked.
    """
    import tensorflow

    def scored(inputs: Any, asked: Any) -> tuple[Any, Any]:
        with tensorflow.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(inputs)
            scores = network(inputs)
            rows = tensorflow.reshape(scores, (tensorflow.shape(scores)[0], -1))
        shape = tensorflow.shape(rows)

        def slope(output: Any) -> Any:
            column = tensorflow.one_hot(output, shape[1], dtype=rows.dtype)
            weighed = tensorflow.broadcast_to(column, shape)
            return tape.gradient(rows, inputs, weighed, unconnected_gradients="zero")

        slopes = tensorflow.map_fn(slope, asked, fn_output_signature=inputs.dtype)
        return rows, tensorflow.einsum("as...->sa...", slopes)

    return scored
