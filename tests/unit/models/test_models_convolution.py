"""All ways to convolve are one function, and so are their gradients."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from deepvid.models.convolution import convolve

pytestmark = pytest.mark.long


def test_by_hand() -> None:
    # A kernel that is 1 left of its center: the image moves one pixel to the right, zero flows in.
    kernel = jnp.zeros((3, 3, 1, 1)).at[1, 0].set(1)
    image = jnp.array([[1.0, 2, 3], [4, 5, 6]])[None, ..., None]
    assert convolve(image, kernel)[0, ..., 0].tolist() == [[0, 1, 2], [0, 4, 5]]


@pytest.mark.parametrize(("channels", "stride"), [(1, 1), (3, 1), (4, 2), (5, 1), (5, 2), (17, 1)])
def test_every_way_gives_what_xla_gives(channels: int, stride: int) -> None:
    agrees_with_xla((2, 6, 7, channels), stride)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_images_smaller_than_the_kernel(size: tuple[int, int], stride: int) -> None:
    agrees_with_xla((2, *size, 5), stride)


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("kernel", [1, 3, 7])
def test_kernels_of_other_sizes(kernel: int, stride: int) -> None:
    agrees_with_xla((2, 6, 7, 5), stride, kernel)


def agrees_with_xla(shape: tuple[int, ...], stride: int, size: int = 3) -> None:
    images = jax.random.normal(jax.random.key(0), shape)
    kernel = jax.random.normal(jax.random.key(1), (size, size, shape[-1], 8))

    def reference(images: jax.Array, kernel: jax.Array) -> jax.Array:
        return lax.conv_general_dilated(
            images, kernel, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )

    for ours, theirs in zip(
        _with_gradients(partial(convolve, stride=stride), images, kernel),
        _with_gradients(reference, images, kernel),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


def _with_gradients(function, images: jax.Array, kernel: jax.Array) -> tuple[jax.Array, ...]:  # type: ignore[no-untyped-def]
    output, transpose = jax.vjp(function, images, kernel)
    return output, *transpose(jnp.sin(output))
