"""The VAE as a function: sizes, convolutions, likelihoods, storage."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from deepvid import config
from deepvid.errors import DataError
from deepvid.models import build_vae, restore_vae, to_vector
from deepvid.models.vae import QUANTIZATION, Bernoulli, Fold, Gaussian, Unfold, pyramid
from deepvid.training.vae import bound

SETTINGS = config.Vae(latent=3, width=4, hidden=8)
SIDE = 11  # no multiple of a stride
LARGER = [pytest.param(shape, marks=pytest.mark.long) for shape in [(28, 28, 1), (9, 31, 2), (128, 128, 3)]]


@pytest.mark.parametrize("shape", [(8, 8, 1), *LARGER], ids=str)
def test_images_of_any_size_go_in_and_come_out(shape: tuple[int, int, int]) -> None:
    vae = build_vae(SETTINGS, image_shape=shape, key=jax.random.key(0))
    images = jax.random.uniform(jax.random.key(1), (2, *shape))
    mean, log_variance = jax.jit(vae.encode)(images)
    assert mean.shape == log_variance.shape == (2, 3)
    pictures = jax.jit(vae.decode)(mean)
    assert pictures.shape == images.shape
    assert 0 < pictures.min() < pictures.max() < 1
    border = jnp.array([pictures[0, 0, 0, 0], pictures[0, -1, -1, -1]])
    assert (border != 0.5).all()  # no pixel lies outside of every kernel, where the logit would be 0


def test_the_grid_shrinks_to_eight_places_a_side() -> None:
    assert [(level.size, level.channels) for level in pyramid((128, 100, 3), 64)] == [
        ((128, 100), 3),
        ((32, 25), 64),
        ((16, 13), 128),
        ((8, 7), 256),
    ]


@pytest.mark.long
@pytest.mark.parametrize("stride", [2, 4])
def test_fold_is_the_convolution_and_unfold_its_transpose(stride: int) -> None:
    """Against XLA's own convolution, with the kernel's corners (2, 2, s, s) written as one of (2s, 2s)."""
    keys = jax.random.split(jax.random.key(0), 2)
    fold = Fold(3, 5, stride, rngs=nnx.Rngs(0))
    images = jax.random.normal(keys[0], (2, SIDE, SIDE, 3))
    kernel = fold.dense.kernel[...].reshape(2, 2, stride, stride, 3, 5).transpose(0, 2, 1, 3, 4, 5)
    kernel = kernel.reshape(2 * stride, 2 * stride, 3, 5)
    places = -(-SIDE // stride)
    after = places * stride + stride // 2 - SIDE
    expected = jax.lax.conv_general_dilated(
        images,
        kernel,
        (stride, stride),
        [(stride // 2, after)] * 2,
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    np.testing.assert_allclose(fold(images), expected, atol=1e-5)

    unfold = Unfold(5, 3, stride, (SIDE, SIDE), rngs=nnx.Rngs(1))
    unfold.dense.kernel[...] = fold.dense.kernel[...].T
    cells = jax.random.normal(keys[1], expected.shape)
    # <fold(x), y> = <x, unfold(y)> defines the transpose (both biases are 0).
    np.testing.assert_allclose((fold(images) * cells).sum(), (images * unfold(cells)).sum(), rtol=1e-4)


def test_a_gray_pixel_under_either_likelihood() -> None:
    """Logit 0 is the picture 1/2; the image is 1/2 at one pixel and 1 at the other.

    Bernoulli: both pixels cost ln 2. Gaussian of variance 1/4: -ln(2 pi / 4) in all for two pixels, and the
    second one's (1/2)² / (2 / 4) = 1/2.
    """
    images = jnp.array([0.5, 1.0]).reshape(1, 1, 2, 1)
    logits = jnp.zeros_like(images)
    assert float(Bernoulli().log_density(logits, images)[0]) == pytest.approx(-2 * np.log(2))
    gaussian = Gaussian()
    gaussian.log_variance[...] = jnp.log(0.25)
    assert float(gaussian.log_density(logits, images)[0]) == pytest.approx(-np.log(np.pi / 2) - 0.5)


@pytest.mark.parametrize("likelihood", [Bernoulli, Gaussian])
def test_parameters_have_the_type_that_training_gives_them(likelihood: type[nnx.Module]) -> None:
    """A weak type costs a compilation of the training step for each of the optimizer's moments."""
    assert not any(leaf.weak_type for leaf in jax.tree.leaves(nnx.state(likelihood(), nnx.Param)))


def test_a_perfect_copy_has_the_density_of_rounded_bytes() -> None:
    gaussian = Gaussian()
    gaussian.log_variance[...] = jnp.array(-100.0)
    image = jnp.full((1, 1, 1, 1), 0.5)
    expected = -0.5 * (QUANTIZATION + np.log(2 * np.pi))
    assert float(gaussian.log_density(jnp.zeros_like(image), image)[0]) == pytest.approx(expected)


def test_the_kl_of_a_known_posterior() -> None:
    """Mean 1, variance e²: (1 + e² - 1 - 2) / 2 a dimension; three of them."""
    vae = build_vae(SETTINGS, image_shape=(8, 8, 1), key=jax.random.key(0))
    vae.posterior.kernel[...] = jnp.zeros_like(vae.posterior.kernel[...])
    vae.posterior.bias[...] = jnp.array([1.0, 1, 1, 2, 2, 2])
    terms = jax.jit(bound)(vae, jnp.zeros((2, 8, 8, 1)), keys=jax.random.split(jax.random.key(0), 2))
    np.testing.assert_allclose(terms.kl, 3 * (np.exp(2) - 2) / 2, rtol=1e-6)
    assert terms.log_density[0] != terms.log_density[1]  # the draws differ


def test_a_stored_vae_is_the_same_function() -> None:
    vae = build_vae(SETTINGS, image_shape=(8, 8, 1), key=jax.random.key(0))
    restored = restore_vae(SETTINGS, image_shape=(8, 8, 1), vector=to_vector(vae))
    latents = jax.random.normal(jax.random.key(1), (4, 3))
    np.testing.assert_array_equal(restored.decode(latents), vae.decode(latents))
    with pytest.raises(DataError, match="VAE has"):
        restore_vae(SETTINGS, image_shape=(16, 16, 1), vector=to_vector(vae))
