"""The contract of a teacher of our own, and the one shape that all have: named blocks, then a dense head."""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import jax
from flax import nnx
from jaxtyping import Array, Float, PRNGKeyArray

from deepvid.errors import UserError


@runtime_checkable
class Classifier(Protocol):
    """A teacher of the highest tier. Images are float32 in [0, 1], one or more, NHWC.

    `head(features(images))` equals `logits(images)`. JAX differentiates every method.
    """

    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]

    def logits(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample class"]: ...

    def features(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample feature"]:
        """The input of the last dense layer."""
        ...

    def head(self, features: Float[Array, "sample feature"]) -> Float[Array, "sample class"]: ...

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the blocks, from the image to the features."""
        ...

    def activations(
        self, images: Float[Array, "sample y x channel"], layer: str
    ) -> Float[Array, "sample ..."]:
        """The output of one block. An unknown name raises `UserError`."""
        ...

    def logits_from(
        self, activations: Float[Array, "sample ..."], layer: str
    ) -> Float[Array, "sample class"]:
        """The logits that follow from one block's output, such as `activations(images, layer)`."""
        ...


Blocks = dict[str, nnx.Module]
"""Blocks by name, in order; the last one gives (sample, feature)."""


class LayeredClassifier(nnx.Module):
    """A `Classifier` made of blocks. Fresh ones train; `eval()` fixes dropout and batch statistics."""

    def __init__(
        self,
        blocks: Blocks,
        *,
        features: int,
        class_names: tuple[str, ...],
        image_shape: tuple[int, int, int],
        dropout: float,
        rngs: nnx.Rngs,
    ) -> None:
        self.class_names = class_names
        self.image_shape = image_shape
        self.layers = tuple(blocks)
        self.blocks = nnx.List(blocks.values())
        self.dropout = nnx.Dropout(dropout)
        self.dense = nnx.Linear(features, len(class_names), rngs=rngs)

    def features(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample feature"]:
        *_, (_, last) = self.outputs(images)
        return last

    def head(
        self, features: Float[Array, "sample feature"], *, keys: PRNGKeyArray | None = None
    ) -> Float[Array, "sample class"]:
        """`keys`, one a sample, draw the dropped features; only training needs them."""
        if keys is not None:
            features = jax.vmap(lambda row, key: self.dropout(row, rngs=key))(features, keys)
        return self.dense(features)

    def logits(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample class"]:
        return self.head(self.features(images))

    def activations(
        self, images: Float[Array, "sample y x channel"], layer: str
    ) -> Float[Array, "sample ..."]:
        for name, output in self.outputs(images):
            if name == layer:
                return output
        raise self._unknown(layer)

    def logits_from(
        self, activations: Float[Array, "sample ..."], layer: str
    ) -> Float[Array, "sample class"]:
        if layer not in self.layers:
            raise self._unknown(layer)
        output = activations
        for block in self.blocks[self.layers.index(layer) + 1 :]:
            output = block(output)
        return self.head(output)

    def outputs(self, images: Float[Array, "sample y x channel"]) -> Iterator[tuple[str, jax.Array]]:
        """The output of every block, by its name, from the image on."""
        output = images
        for name, block in zip(self.layers, self.blocks, strict=True):
            output = block(output)
            yield name, output

    def _unknown(self, layer: str) -> UserError:
        return UserError(
            f"A layer is one of {', '.join(self.layers)}", repr(layer), "Name one of these layers"
        )
