"""Convolution as our networks use it: NHWC, zero padding, as many outputs as strides fit in.

Few channels are where XLA is slow on a CPU, and where our networks spend their time. Figures are for 64
images of 28x28 on one core; `benchmarks/training.py` measures whole networks.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

FEW = 4  # channels that are summed one by one
NARROW = 16  # XLA 0.10 has its fast kernels only where more than 16 channels come in or go out
WIDENED = 20  # the narrow width that is fastest with them


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def convolve(
    images: Float[Array, "sample y x inputs"], kernel: Float[Array, "ky kx inputs outputs"], stride: int = 1
) -> Float[Array, "sample y2 x2 outputs"]:
    """Cross-correlation with "SAME" padding, by whatever gives it soonest. Differentiable in reverse."""
    height, _, inputs, outputs = kernel.shape
    if _tiny(images, kernel):
        return _by_places(images, kernel, stride)
    if height == 3 and stride == 1 and inputs <= FEW:
        return lax.platform_dependent(images, kernel, cpu=_by_shifts_once, default=_by_shifts)
    if height == 3 and stride == 1 and max(inputs, outputs) <= NARROW:
        return _widened(images, kernel)
    return _by_xla(images, kernel, stride)


def _forward(images: Array, kernel: Array, stride: int) -> tuple[Array, tuple[Array, Array]]:
    return convolve(images, kernel, stride), (images, kernel)


def _backward(stride: int, residuals: tuple[Array, Array], gradient: Array) -> tuple[Array, Array]:
    """A convolution of stride 1 is transposed by the turned kernel; XLA knows the other transposes best."""
    images, kernel = residuals
    if _tiny(images, kernel):
        _, transpose = jax.vjp(partial(_by_places, stride=stride), images, kernel)
        return transpose(gradient)
    (for_kernel,) = jax.linear_transpose(lambda kernel: _by_xla(images, kernel, stride), kernel)(gradient)
    if stride == 1 and kernel.shape[0] % 2 == 1:
        return convolve(gradient, jnp.flip(kernel, (0, 1)).swapaxes(2, 3)), for_kernel
    (for_images,) = jax.linear_transpose(lambda images: _by_xla(images, kernel, stride), images)(gradient)
    return for_images, for_kernel


convolve.defvjp(_forward, _backward)


def _tiny(images: Array, kernel: Array) -> bool:
    """Whether a 3x3 kernel is larger than the images, as in the last stages of a ResNet-50 for small ones."""
    return kernel.shape[:2] == (3, 3) and max(images.shape[1:3]) <= 2


def _by_places(images: Array, kernel: Array, stride: int) -> Array:
    """A product for each place of the output, with the part of the kernel that meets the image.

    XLA lets the image slide over the kernel there, 20 to 100 times slower.
    """
    height, width = images.shape[1:3]
    sides = lax.padtype_to_pads((height, width), kernel.shape[:2], (stride, stride), "SAME")
    tops, lefts = (
        [before - stride * place for place in range(-(-size // stride))]
        for (before, _), size in zip(sides, (height, width), strict=True)
    )
    parts = [[kernel[top : top + height, left : left + width] for left in lefts] for top in tops]
    products = [[jnp.einsum("nyxc,yxco->no", images, part) for part in row] for row in parts]
    return jnp.stack([jnp.stack(row, axis=1) for row in products], axis=1)


def _by_shifts(images: Array, kernel: Array) -> Array:
    """The sum of weighted, shifted images, which XLA fuses into one loop: 0.14 instead of 1.5 ms."""
    height, width = images.shape[1:3]
    padded = jnp.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return sum(  # type: ignore[return-value]
        padded[:, y : y + height, x : x + width, channel, None] * kernel[y, x, channel]
        for y in range(3)
        for x in range(3)
        for channel in range(images.shape[-1])
    )


def _by_shifts_once(images: Array, kernel: Array) -> Array:
    """The same, kept in memory. XLA would fuse it into each of its readers and so compute it four times, in
    loops that are slower than its own: a sixth of a step on one core. A branch it does not fuse.
    """
    return lax.cond(kernel[0, 0, 0, 0] < jnp.inf, _by_shifts, _by_shifts, images, kernel)


def _widened(images: Array, kernel: Array) -> Array:
    """With input channels of zeros added: 1.8 instead of 2.7 ms, 1.9 instead of 2.6 where it transposes."""
    extra = WIDENED - images.shape[-1]
    images = jnp.pad(images, ((0, 0), (0, 0), (0, 0), (0, extra)))
    return _by_xla(images, jnp.pad(kernel, ((0, 0), (0, 0), (0, extra), (0, 0))), 1)


def _by_xla(images: Array, kernel: Array, stride: int) -> Array:
    return lax.conv_general_dilated(
        images, kernel, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
