"""Class activation maps: what the last layer that still has places says of each place.

All explain the margin m = logit[classes[0]] - logit[classes[1]], signed and without rescaling: the usual ReLU
and the stretch to [0, 1] would make a map of noise look as strong as a decisive one. With A the layer's
activations (j, i, k), Z their places and g = ∂m/∂A, CAM, Grad-CAM and HiResCAM are in logits; enlarged
bilinearly, a place shares its value among its pixels, so that a map's sum stays.
"""

import math
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.adapters.contract import Model
from deepvid.attribution.method import Case, Method, margin
from deepvid.cores import in_chunks
from deepvid.errors import UserError
from deepvid.models import Classifier
from deepvid.tier import Tier

EPSILON = 1e-6  # of Grad-CAM++, in the published code


@dataclass(frozen=True)
class ActivationMap(Method):
    """A map (j, i) of the last layer with places, enlarged to pixels."""

    looks_inside = True

    @abstractmethod
    def cells(
        self, classifier: Classifier, case: Case, layer: str, activations: Float[Array, "j i k"]
    ) -> Float[Array, "j i"]:
        """Each place's contribution."""

    def __call__(self, classifier: Classifier, case: Case) -> Float[Array, "y x channel"]:
        layer = last_layer_with_places(classifier, case.image.shape)
        activations = classifier.activations(case.image[None], layer)[0]
        cells = self.cells(classifier, case, layer, activations)
        y, x, channels = case.image.shape
        share = cells.size / (y * x * channels)
        return jnp.broadcast_to(share * enlarged(cells[..., None], (y, x)), case.image.shape)

    def check(self, classifier: Classifier | Model) -> None:
        super().check(classifier)
        assert not isinstance(classifier, Model)  # refused: it hides its layers
        last_layer_with_places(classifier, getattr(classifier, "image_shape", ()), self.label)


@dataclass(frozen=True)
class Cam(ActivationMap):
    """M(j, i) / Z = Σₖ wₖ A(j, i, k) / Z, w the dense layer's weights of the margin.

    m = Σ M / Z + b: exact, but needs a mean over places and then one dense layer.
    Source: Zhou et al. (2016), arXiv 1512.04150, equation 2.
    """

    name = "cam"
    label = "CAM"
    tier = Tier.ACTIVATIONS

    def cells(self, classifier: Classifier, case: Case, layer: str, activations: Array) -> Array:
        width = activations.shape[-1]
        weights = classifier.head(jnp.eye(width)) - classifier.head(jnp.zeros((1, width)))
        difference = weights[:, case.classes[0]] - weights[:, case.classes[1]]
        return activations @ difference / (activations.shape[0] * activations.shape[1])

    def check(self, classifier: Classifier | Model) -> None:
        super().check(classifier)
        assert not isinstance(classifier, Model)
        layer = last_layer_with_places(classifier, classifier.image_shape)
        features, pooled = _pooled(classifier, layer)
        if features.shape != pooled.shape or not jnp.allclose(features, pooled, rtol=1e-3, atol=1e-5):
            raise UserError(
                "CAM needs a network whose features are the mean of its last activations",
                f"features that are not the mean of {layer!r}",
                "Choose Grad-CAM or HiResCAM, which use gradients instead",
            )


@dataclass(frozen=True)
class GradCam(ActivationMap):
    """Σₖ αₖ A(j, i, k),   αₖ = Σ g(j, i, k) / Z. Source: Selvaraju et al. (2017), arXiv 1610.02391."""

    name = "gradcam"
    label = "Grad-CAM"
    tier = Tier.GRADIENTS

    def cells(self, classifier: Classifier, case: Case, layer: str, activations: Array) -> Array:
        return activations @ gradient(classifier, case, layer, activations).mean(axis=(0, 1))


@dataclass(frozen=True)
class HiResCam(ActivationMap):
    """Σₖ g(j, i, k) A(j, i, k). Source: Draelos and Carin (2020), arXiv 2011.08891."""

    name = "hirescam"
    label = "HiResCAM"
    tier = Tier.GRADIENTS

    def cells(self, classifier: Classifier, case: Case, layer: str, activations: Array) -> Array:
        return jnp.sum(activations * gradient(classifier, case, layer, activations), axis=-1)


@dataclass(frozen=True)
class GradCamPlusPlus(ActivationMap):
    """Σₖ αₖ A(j, i, k),   αₖ = Σ a max(g, 0),   a = g² / (2 g² + g³ ΣA + 10⁻⁶),   sums over places.

    Source: Chattopadhay et al. (2018), arXiv 1710.11063, equations 10 and 19. It sees only what speaks for
    the margin: to swap the classes gives another map.
    """

    name = "gradcam_plus_plus"
    label = "Grad-CAM++"
    tier = Tier.GRADIENTS

    def cells(self, classifier: Classifier, case: Case, layer: str, activations: Array) -> Array:
        g = gradient(classifier, case, layer, activations)
        below = 2 * g**2 + g**3 * activations.sum(axis=(0, 1)) + EPSILON
        factors = jnp.where(g > 0, g**2 / jnp.where(g > 0, below, 1.0), 0.0)
        return activations @ jnp.sum(factors * jax.nn.relu(g), axis=(0, 1))


@dataclass(frozen=True)
class ScoreCam(ActivationMap):
    """Σₖ sₖ A(j, i, k),   s = softmax over k of m(x ⊙ Hₖ), Hₖ the enlarged Aₖ stretched to [0, 1].

    One pass a channel. Source: Wang et al. (2020), arXiv 1910.01279, equations 6 and 7. Its weights sum to
    one, so it is not in logits, and what speaks against the margin it leaves out.
    """

    name = "score_cam"
    label = "Score-CAM"
    tier = Tier.ACTIVATIONS

    def cells(self, classifier: Classifier, case: Case, layer: str, activations: Array) -> Array:
        of, size = margin(classifier, case.classes), (case.image.shape[0], case.image.shape[1])

        def scores(channels: Float[Array, "chunk j i"]) -> Float[Array, " chunk"]:
            masks = _stretched(jax.vmap(partial(enlarged, size=size))(channels[..., None]))
            return of(case.image * masks)

        return activations @ jax.nn.softmax(in_chunks(scores, jnp.moveaxis(activations, -1, 0)))


def last_layer_with_places(
    classifier: Classifier, image_shape: tuple[int, ...], label: str = "An activation map"
) -> str:
    """The last layer whose activations are (image, j, i, k). Raises UserError where there is none."""
    for layer in layers_with_places(classifier, image_shape):
        return layer.name
    raise UserError(
        f"{label} needs a layer whose activations are maps",
        f"{type(classifier).__name__}, which has none",
        "Choose a method that explains pixels, such as integrated gradients or occlusion",
    )


class Layer(NamedTuple):
    """One whose activations are (image, j, i, k)."""

    name: str
    channels: int


def layers_with_places(classifier: Classifier, image_shape: tuple[int, ...]) -> Iterator[Layer]:
    """All of them, the last first."""
    image = jax.ShapeDtypeStruct((1, *image_shape), jnp.float32)
    for layer in reversed(getattr(classifier, "layers", ())):
        shape = _activations.eval_shape(classifier, image, layer).shape
        if len(shape) == 4:
            yield Layer(layer, shape[-1])


@partial(jax.jit, static_argnames="layer")
def _activations(classifier: Classifier, images: Array, layer: str) -> Array:
    """A function of its own, for JAX knows again what it has traced."""
    return classifier.activations(images, layer)


def gradient(
    classifier: Classifier, case: Case, layer: str, activations: Float[Array, "j i k"]
) -> Float[Array, "j i k"]:
    """g = ∂m/∂A."""

    def of(activations: Float[Array, "j i k"]) -> Float[Array, ""]:
        logits = classifier.logits_from(activations[None], layer)[0]
        return logits[case.classes[0]] - logits[case.classes[1]]

    return jax.grad(of)(activations)


@partial(jax.jit, static_argnames="layer", compiler_options={"xla_backend_optimization_level": 0})
def _pooled(classifier: Classifier, layer: str) -> tuple[Array, Array]:
    """The features of an image, and the means of its activations."""
    shape = classifier.image_shape
    image = jnp.linspace(0, 1, math.prod(shape)).reshape(1, *shape)
    return classifier.features(image), classifier.activations(image, layer).mean(axis=(1, 2))


def enlarged(cells: Float[Array, "j i channel"], size: tuple[int, int]) -> Float[Array, "y x channel"]:
    return jax.image.resize(cells, (*size, cells.shape[-1]), "bilinear")


def _stretched(maps: Float[Array, "map y x channel"]) -> Float[Array, "map y x channel"]:
    low, high = (of(maps, axis=(1, 2, 3), keepdims=True) for of in (jnp.min, jnp.max))
    return (maps - low) / jnp.where(high > low, high - low, 1.0)
