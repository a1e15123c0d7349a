"""What a teacher of our own offers."""

from typing import Protocol, runtime_checkable

from jaxtyping import Array, Float


@runtime_checkable
class Classifier(Protocol):
    """A teacher of the highest tier. Images are float32 in [0, 1], one or more, NHWC.

    `head(features(images))` equals `logits(images)`. JAX differentiates every method.
    """

    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]

    def logits(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample class"]: ...

    def features(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample feature"]:
        """What the last dense layer reads."""
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
