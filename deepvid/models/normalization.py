"""Batch normalization that reads each array as rarely as it can.

Statistics are those of `GHOST` images, whatever the batch: devices that share a batch then need not wait for
each other at every layer, and the result does not depend on how many they are. A batch that is no multiple of
`GHOST` is one group. Sources: Ioffe and Szegedy (2015), arXiv 1502.03167, algorithm 1; Hoffer, Hubara and
Soudry (2017), arXiv 1705.08741, algorithm 1, for the groups ("ghost batches").
"""

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

EPSILON = 1e-5
# Flax's 0.99 is for long trainings: a short one has few steps for its running averages to follow.
MOMENTUM = 0.9
GHOST = 32  # images that are normalized together
Residuals = tuple[Array, Array, Array, Array]


class BatchNorm(nnx.BatchNorm):
    """Flax's layer for NHWC images; in training it takes our gradient, twice as fast on a CPU."""

    def __init__(self, channels: int, *, rngs: nnx.Rngs) -> None:
        super().__init__(channels, momentum=MOMENTUM, epsilon=EPSILON, rngs=rngs)

    def __call__(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample y x channel"]:  # type: ignore[override]
        if self.use_running_average:
            return super().__call__(images)
        assert self.scale is not None
        assert self.bias is not None
        output, mean, variance = normalize(images, self.scale[...], self.bias[...])
        for average, value in ((self.mean, mean), (self.var, variance)):
            average[...] = MOMENTUM * average[...] + (1 - MOMENTUM) * jax.lax.stop_gradient(value)
        return output


@jax.custom_vjp
def normalize(
    images: Float[Array, "sample y x channel"],
    scale: Float[Array, " channel"],
    bias: Float[Array, " channel"],
) -> tuple[Float[Array, "sample y x channel"], Float[Array, " channel"], Float[Array, " channel"]]:
    """scale (x − mean) / √(variance + ε) + bias with mean and variance of each group, and the means of these
    over the groups, which are constants to whoever differentiates.
    """
    return _forward(images, scale, bias)[0]


def _forward(images: Array, scale: Array, bias: Array) -> tuple[tuple[Array, Array, Array], Residuals]:
    groups = _grouped(images)
    mean = _mean(groups)
    variance = jnp.maximum(_mean(groups * groups) - mean * mean, 0)
    inverse = jax.lax.rsqrt(variance + EPSILON)
    output = groups * _spread(scale * inverse) + _spread(bias - mean * scale * inverse)
    averages = mean.mean(axis=0), variance.mean(axis=0)
    return (output.reshape(images.shape), *averages), (images, scale, mean, inverse)


def _backward(residuals: Residuals, gradients: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
    """With x̂ the normalized images and g their gradient: scale/σ (g − mean(g) − x̂ mean(g x̂))."""
    images, scale, mean, inverse = residuals
    groups, gradient = _grouped(images), _grouped(gradients[0])
    mean_g = _mean(gradient)
    mean_gx = (_mean(gradient * groups) - mean * mean_g) * inverse
    slope = scale * inverse
    per_image = -slope * inverse * mean_gx
    constant = -slope * mean_g - per_image * mean
    for_images = _spread(slope) * gradient + _spread(per_image) * groups + _spread(constant)
    count = groups[0].size // images.shape[-1]
    return for_images.reshape(images.shape), count * mean_gx.sum(axis=0), count * mean_g.sum(axis=0)


normalize.defvjp(_forward, _backward)


def _grouped(images: Float[Array, "sample y x channel"]) -> Float[Array, "group sample y x channel"]:
    count = len(images) // GHOST if len(images) % GHOST == 0 else 1
    return images.reshape(count, -1, *images.shape[1:])


def _mean(groups: Float[Array, "group sample y x channel"]) -> Float[Array, "group channel"]:
    return jnp.mean(groups, axis=(1, 2, 3))


def _spread(values: Float[Array, "group channel"]) -> Float[Array, "group 1 1 1 channel"]:
    return values[:, None, None, None]
