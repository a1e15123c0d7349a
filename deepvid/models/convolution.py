"""Convolution as our networks use it: NHWC, zero padding, as many outputs as strides fit in.

    output[n, i, j, o] = Σ_{y, x, c} images[n, s i + y − top, s j + x − left, c] kernel[y, x, c, o]

Few channels are where XLA is slow on a CPU, and where our networks spend their time. What each way gains
stands in docs/decisions/convolutions.md; `benchmarks/training.py` measures whole networks.
"""

from collections.abc import Callable
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
    if height == 1:
        return _by_pixels(images, kernel, stride)
    if _tiny(images, kernel):
        return _by_positions(images, kernel, stride)
    if height == 3 and stride == 1 and inputs <= FEW:
        return _unfused(_by_shifts, images, kernel)
    if height == 3 and stride == 1 and max(inputs, outputs) <= NARROW:
        return _widened(images, kernel)
    return _by_xla(images, kernel, stride)


def _forward(images: Array, kernel: Array, stride: int) -> tuple[Array, tuple[Array, Array]]:
    return convolve(images, kernel, stride), (images, kernel)


def _backward(stride: int, residuals: tuple[Array, Array], gradient: Array) -> tuple[Array, Array]:
    """By images a convolution with the turned kernel at stride 1, else XLA's; by the kernel a product."""
    images, kernel = residuals
    if _tiny(images, kernel):
        _, transpose = jax.vjp(partial(_by_positions, stride=stride), images, kernel)
        return transpose(gradient)
    for_kernel = lax.platform_dependent(
        images,
        gradient,
        cpu=partial(_for_kernel, kernel.shape, stride),
        default=partial(_for_kernel_by_xla, kernel.shape, stride),
    )
    if stride == 1 and kernel.shape[0] % 2 == 1:
        return convolve(gradient, _turned(kernel)), for_kernel
    return _for_images(images.shape, stride, kernel, gradient), for_kernel


convolve.defvjp(_forward, _backward)


def _tiny(images: Array, kernel: Array) -> bool:
    """Whether a 3x3 kernel is larger than the images, as in the last stages of a ResNet-50 for small ones."""
    return kernel.shape[:2] == (3, 3) and max(images.shape[1:3]) <= 2


def _by_pixels(images: Array, kernel: Array, stride: int) -> Array:
    """A 1x1 kernel times each pixel it meets."""
    return images[:, ::stride, ::stride] @ kernel[0, 0]


def _by_positions(images: Array, kernel: Array, stride: int) -> Array:
    """A product for each output position, with the slice of the kernel that meets the image.

    XLA lets the image slide over the kernel there, 20 to 100 times slower.
    """
    height, width = images.shape[1:3]
    sides = lax.padtype_to_pads((height, width), kernel.shape[:2], (stride, stride), "SAME")
    tops, lefts = (
        [before - stride * position for position in range(-(-size // stride))]
        for (before, _), size in zip(sides, (height, width), strict=True)
    )
    slices = [[kernel[top : top + height, left : left + width] for left in lefts] for top in tops]
    products = [[jnp.einsum("nyxc,yxco->no", images, met) for met in row] for row in slices]
    return jnp.stack([jnp.stack(row, axis=1) for row in products], axis=1)


def _by_shifts(images: Array, kernel: Array) -> Array:
    """Σ_{y, x, c} of channel c, shifted by (y, x) and weighted: XLA fuses it into one loop."""
    height, width = images.shape[1:3]
    padded = jnp.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return sum(  # type: ignore[return-value]
        padded[:, y : y + height, x : x + width, channel, None] * kernel[y, x, channel]
        for y in range(3)
        for x in range(3)
        for channel in range(images.shape[-1])
    )


def _widened(images: Array, kernel: Array) -> Array:
    """XLA's, with input channels of zeros added: its kernels for few channels are slower."""
    extra = WIDENED - images.shape[-1]
    images = jnp.pad(images, ((0, 0), (0, 0), (0, 0), (0, extra)))
    return _by_xla(images, jnp.pad(kernel, ((0, 0), (0, 0), (0, extra), (0, 0))), 1)


def _by_xla(images: Array, kernel: Array, stride: int) -> Array:
    return lax.conv_general_dilated(
        images, kernel, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def _for_images(shape: tuple[int, ...], stride: int, kernel: Array, gradient: Array) -> Array:
    """The gradient for images of `shape`.

    The kernel is turned here: XLA turns that of a transposed convolution too, but not in the body of a loop,
    where the network's derivatives then take twice as long.
    """
    if kernel.shape[0] == 1:
        images = jax.ShapeDtypeStruct(shape, gradient.dtype)
        return jax.linear_transpose(lambda images: _by_pixels(images, kernel, stride), images)(gradient)[0]
    sides = lax.padtype_to_pads(shape[1:3], kernel.shape[:2], (stride, stride), "SAME")
    dilated = ((size - 1) * stride + 1 for size in gradient.shape[1:3])
    before = [size - 1 - top for size, (top, _) in zip(kernel.shape[:2], sides, strict=True)]
    whole = (size + length - 1 for size, length in zip(shape[1:3], kernel.shape[:2], strict=True))
    pads = [(one, all_ - given - one) for one, all_, given in zip(before, whole, dilated, strict=True)]
    return lax.conv_general_dilated(
        gradient,
        _turned(kernel),
        (1, 1),
        pads,
        lhs_dilation=(stride, stride),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )


def _turned(kernel: Array) -> Array:
    """The kernel that brings gradients of outputs back to inputs."""
    return jnp.flip(kernel, (0, 1)).swapaxes(2, 3)


def _for_kernel(shape: tuple[int, ...], stride: int, images: Array, gradient: Array) -> Array:
    """The gradient for a kernel of `shape`."""
    if shape[0] == 1:
        images, stride = images[:, ::stride, ::stride], 1
    if shape[0] == 1 or (shape[0] == 3 and shape[2] > FEW):
        return _unfused(partial(_for_kernel_by_product, shape, stride), images, gradient)
    return _for_kernel_by_xla(shape, stride, images, gradient)


def _for_kernel_by_product(shape: tuple[int, ...], stride: int, images: Array, gradient: Array) -> Array:
    """Images moved across times gradients moved down: one product, summed over pixels, has all positions
    of the kernel. XLA transposes both and packs each pixel nine times.
    """
    height, width, inputs, outputs = shape
    (top, _), (left, _) = lax.padtype_to_pads(images.shape[1:3], shape[:2], (stride, stride), "SAME")
    rows, columns = images.shape[1], stride * gradient.shape[2]
    across = _beside([_spread(images, 2, left - x, columns)[:, :, ::stride] for x in range(width)])
    down = _beside([_spread(gradient, 1, y - top, rows, stride) for y in range(height)])
    product = across.reshape(-1, width * inputs).T @ down.reshape(-1, height * outputs)
    return product.reshape(width, inputs, height, outputs).transpose(2, 0, 1, 3)


def _spread(images: Array, axis: int, first: int, size: int, step: int = 1) -> Array:
    """`images` at `size` positions along `axis`, each `step` after the one before; elsewhere zeros."""
    last = first + (images.shape[axis] - 1) * step
    return _padded(images, axis, first, size - 1 - last, step - 1)


def _beside(parts: list[Array]) -> Array:
    """The channels of all parts in a row, by a sum, for XLA is slow to concatenate them."""
    width = parts[0].shape[-1]
    lefts = range(0, width * len(parts), width)
    return sum(_padded(part, -1, left, lefts[-1] - left) for part, left in zip(parts, lefts, strict=True))  # type: ignore[return-value]


def _padded(images: Array, axis: int, before: int, after: int, between: int = 0) -> Array:
    sides = [(0, 0, 0)] * images.ndim
    sides[axis] = (before, after, between)
    return lax.pad(images, jnp.zeros((), images.dtype), sides)


def _for_kernel_by_xla(shape: tuple[int, ...], stride: int, images: Array, gradient: Array) -> Array:
    kernel = jax.ShapeDtypeStruct(shape, images.dtype)
    return jax.linear_transpose(lambda kernel: _by_xla(images, kernel, stride), kernel)(gradient)[0]


def _unfused(function: Callable[..., Array], *arrays: Array) -> Array:
    """`function(*arrays)`, with arrays and result in memory. XLA would fuse those who make the arrays into
    `function`, and it into each of its readers, and compute them again and again. A branch it does not fuse.
    """
    return lax.cond(arrays[-1].ravel()[0] < jnp.inf, function, function, *arrays)
