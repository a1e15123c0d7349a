"""What a network that TensorFlow runs gives."""

from collections.abc import Callable
from typing import Any

Network = Callable[[Any], Any]


def compiled(network: Callable[..., Any]) -> Callable[..., Any]:
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
