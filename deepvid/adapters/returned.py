"""Outputs of networks: arrays among what they return, and slopes where JAX traces them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from deepvid.errors import DataError
from deepvid.wording import first_few, quantity


def scores_in(returned: Any) -> Any:
    """The scores of a tuple or list (the first), a mapping ("logits") or an object with `logits`.

    Raises DataError for a mapping without them.
    """
    logits = returned.get("logits") if isinstance(returned, Mapping) else getattr(returned, "logits", None)
    if logits is not None:
        return logits
    if isinstance(returned, Mapping):
        keys = [str(key)[:80] for key in returned]
        raise DataError(
            "A model that returns a mapping has its scores as logits",
            f"{type(returned).__name__} with {quantity(len(keys), 'key')}: {first_few(keys, 8)}",
            f"Give a function to one of them, such as lambda images: net(images)[{(keys or [''])[0]!r}]",
        )
    if isinstance(returned, tuple) or (isinstance(returned, list) and not _is_rows(returned)):
        return scores_in(returned[0]) if returned else returned
    return returned


def array_of(value: Any) -> np.ndarray:
    """float32, of a tensor on any device, an array or a list. Raises DataError for anything else."""
    if hasattr(value, "detach"):  # PyTorch
        value = value.detach().float().cpu()
    try:
        array = np.asarray(value)
        if array.dtype == object:
            raise TypeError("no numbers")
        return array.astype(np.float32, copy=False)
    except (TypeError, ValueError) as error:
        raise DataError(
            "A model returns numbers, one row of outputs per image",
            f"{type(value).__name__}: {error}",
            "Return one array or tensor, or a tuple, mapping or object whose logits are one",
        ) from error


def _is_rows(returned: list[Any]) -> bool:
    """A list of numbers, or of lists of them, is an array; one of arrays is several outputs."""
    return bool(returned) and isinstance(returned[0], int | float | list | np.number)


def outputs_with_slopes(network: Callable[[Any], Any], inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """Scores (sample, output) and the slopes of some by the inputs (sample, asked, ...), within a trace.

    One pass forward; backward goes the sum of one output over the samples, which do not touch one another.
    """
    import jax
    import jax.numpy as jnp

    scores, back = jax.vjp(lambda images: (made := network(images)).reshape(len(made), -1), inputs)
    columns = jax.nn.one_hot(outputs, scores.shape[1], dtype=scores.dtype)
    (slopes,) = jax.vmap(lambda column: back(jnp.broadcast_to(column, scores.shape)))(columns)
    return scores, jnp.moveaxis(slopes, 0, 1)
