"""Visualization models as named arrays, and back: what a store keeps of them."""

from collections.abc import Mapping
from typing import Any, get_type_hints

import jax
import numpy as np
from jaxtyping import Float

from deepvid.timetravel.autoencoder import Autoencoder, Decoder, Dense, Layers
from deepvid.timetravel.contract import Fitted, Model
from deepvid.timetravel.layout import Placed

LOOKED_UP = (".features", ".position", ".head")  # parts of a model that are the map's own samples


def arrays_of(part: Any) -> dict[str, np.ndarray]:
    """The arrays of a model or of a part of one by where they stand in it, as `.decoder.layers[0].weight`."""
    paths, _ = jax.tree_util.tree_flatten_with_path(part)
    return {jax.tree_util.keystr(path): np.asarray(leaf) for path, leaf in paths}


def networks_of(model: Model) -> dict[str, np.ndarray]:
    """The same of a model's networks and their scales alone."""
    return {name: array for name, array in arrays_of(model).items() if not name.startswith(LOOKED_UP)}


def restored(arrays: Mapping[str, np.ndarray]) -> Model:
    """The model of `arrays_of`: one that has an encoder, or one that looks positions up."""
    kind = Autoencoder if any(name.startswith(".encoder") for name in arrays) else Placed
    model: Model = _restored(kind, arrays, "")
    return model


def decoder_in(arrays: Mapping[str, np.ndarray]) -> Decoder:
    """The decoder of a model of which `networks_of` was asked."""
    decoder: Decoder = _restored(Decoder, arrays, ".decoder")
    return decoder


def state_of(fitted: Fitted) -> dict[str, np.ndarray]:
    """State that the map of the next epoch is tied to."""
    named = {f"model{name}": array for name, array in arrays_of(fitted.model).items()}
    plain = fitted._replace(model=None)._asdict()  # type: ignore[arg-type]
    return {**{name: array for name, array in plain.items() if name != "model"}, **named}


def fitted_of(state: Mapping[str, np.ndarray]) -> Fitted:
    """The map that `state_of` was asked for."""
    model = {name.removeprefix("model"): array for name, array in state.items() if name.startswith("model")}
    plain = {name: state[name] for name in Fitted._fields if name != "model"}
    return Fitted(**plain, model=restored(model))


def vector_of(arrays: Mapping[str, np.ndarray]) -> Float[np.ndarray, " parameter"]:
    """The arrays end to end."""
    return np.concatenate([array.ravel() for array in arrays.values()]).astype(np.float32)


def arrays_in(
    vector: Float[np.ndarray, " parameter"], layout: list[tuple[str, list[int]]]
) -> dict[str, np.ndarray]:
    """The arrays of `vector_of` by their names and shapes, float32."""
    ends = np.cumsum([int(np.prod(shape)) for _, shape in layout])
    parts = np.split(np.asarray(vector, np.float32), ends[:-1])
    return {name: part.reshape(shape) for (name, shape), part in zip(layout, parts, strict=True)}


def _restored(kind: type[Any], arrays: Mapping[str, np.ndarray], at: str) -> Any:
    parts: dict[str, Any] = {}
    for name, hint in get_type_hints(kind).items():
        here = f"{at}.{name}"
        if hint == Layers:
            number = len({known.split("]")[0] for known in arrays if known.startswith(f"{here}[")})
            parts[name] = tuple(_restored(Dense, arrays, f"{here}[{i}]") for i in range(number))
        elif hasattr(hint, "_fields"):
            parts[name] = _restored(hint, arrays, here)
        else:
            parts[name] = arrays[here]
    return kind(**parts)
