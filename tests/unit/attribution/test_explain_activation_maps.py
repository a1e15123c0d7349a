"""Activation maps against their formulas, on networks of ours."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from linear import case

from deepvid import config
from deepvid.attribution import METHODS, Case, applicable
from deepvid.attribution.activation_maps import enlarged
from deepvid.attribution.gradients import IntegratedGradients
from deepvid.errors import UserError
from deepvid.models import LayeredClassifier, build, load_vector, to_vector
from deepvid.models.catalogue import Hidden
from deepvid.models.classifier import Blocks
from deepvid.models.resnet import GlobalMean, Stem

SHAPE = (8, 8, 1)
OF = case(np.random.default_rng(1).uniform(size=SHAPE))


def network(*, pooled: bool) -> LayeredClassifier:
    """A convolution to 5 channels, then a mean over places or a layer of 4."""
    rngs = nnx.Rngs(params=0)
    last = {"pool": GlobalMean()} if pooled else {"dense": Hidden(8 * 8 * 5, 4, rngs=rngs)}
    blocks: Blocks = {"stem": Stem(1, 5, rngs=rngs), **last}
    names = ("a", "b", "c")
    built = LayeredClassifier(
        blocks, features=5 if pooled else 4, class_names=names, image_shape=SHAPE, dropout=0, rngs=rngs
    )
    built.eval()
    return built


@cache
def resnet() -> LayeredClassifier:
    built = build(
        config.ResNet(depth=8, width=4),
        image_shape=SHAPE,
        class_names=("a", "b", "c"),
        key=jax.random.key(0),
    )
    return load_vector(built, to_vector(built) + 0.05)  # blocks start as the identity; move them off it


logits = jax.jit(LayeredClassifier.logits)


def explained(name: str, classifier: LayeredClassifier, of: Case = OF) -> np.ndarray:
    METHODS[name].check(classifier)  # type: ignore[index]
    return np.asarray(jax.jit(METHODS[name])(classifier, of))  # type: ignore[index]


def test_cam_adds_up_to_the_margin_without_its_bias() -> None:
    classifier = resnet()
    classifier.dense.bias[...] = jnp.array([0.5, -1.0, 0.0])
    a, b, _ = logits(classifier, OF.image[None])[0]
    assert explained("cam", classifier).sum() == pytest.approx(float(a - b) - 1.5, rel=1e-4)


def test_with_a_mean_and_one_dense_layer_three_maps_are_one() -> None:
    """Grad-CAM before its ReLU is CAM / Z."""
    cam = explained("cam", resnet())
    assert np.abs(cam).max() > 1e-3
    for name in ("gradcam", "hirescam"):
        np.testing.assert_allclose(explained(name, resnet()), cam, atol=1e-5 * np.abs(cam).max())


def test_gradcam_takes_mean_gradients_and_hirescam_each_places_own() -> None:
    classifier = network(pooled=False)
    activations = np.asarray(classifier.activations(OF.image[None], "stem")[0])
    margin = jax.jit(jax.grad(lambda A: jnp.array([1, -1, 0]) @ classifier.logits_from(A[None], "stem")[0]))
    g = np.asarray(margin(activations))
    gradcam = (activations * g.mean(axis=(0, 1))).sum(axis=-1)
    hirescam = (activations * g).sum(axis=-1)
    factors = g**2 / (2 * g**2 + g**3 * activations.sum(axis=(0, 1)) + 1e-6)
    plus_plus = (activations * (factors * np.maximum(g, 0)).sum(axis=(0, 1))).sum(axis=-1)
    assert not np.allclose(gradcam, hirescam)
    for name, wanted in (("gradcam", gradcam), ("hirescam", hirescam), ("gradcam_plus_plus", plus_plus)):
        np.testing.assert_allclose(explained(name, classifier)[..., 0], wanted, atol=1e-5)


def test_score_cam_weighs_channels_by_what_they_leave_of_the_margin() -> None:
    classifier = network(pooled=True)
    activations = np.asarray(classifier.activations(OF.image[None], "stem")[0])
    low, high = activations.min(axis=(0, 1)), activations.max(axis=(0, 1))
    stretched = np.moveaxis((activations - low) / np.where(high > low, high - low, 1), -1, 0)
    logits = classifier.logits(OF.image * stretched[..., None])
    weights = jax.nn.softmax(logits[:, 0] - logits[:, 1])
    np.testing.assert_allclose(explained("score_cam", classifier)[..., 0], activations @ weights, atol=1e-5)


def test_enlarging_keeps_the_mean() -> None:
    cells = jax.random.normal(jax.random.key(0), (3, 2, 1))
    assert enlarged(cells, (12, 6)).mean() == pytest.approx(float(cells.mean()), abs=1e-6)


def test_what_a_network_cannot_do_is_said() -> None:
    mlp = build(config.Mlp(hidden=(4,)), image_shape=SHAPE, class_names=("a", "b"), key=jax.random.key(0))
    maps = {"cam", "gradcam", "hirescam", "gradcam_plus_plus", "score_cam"}
    assert set(METHODS) - set(applicable(mlp)) == maps
    assert set(METHODS) - set(applicable(network(pooled=False))) == {"cam"}
    assert set(METHODS) == set(applicable(resnet()))
    with pytest.raises(UserError, match="Grad-CAM needs a layer whose activations are maps"):
        METHODS["gradcam"].check(mlp)
    with pytest.raises(UserError, match="CAM needs a network whose features are the mean"):
        METHODS["cam"].check(network(pooled=False))


def test_integrated_gradients_of_a_network_are_complete() -> None:
    black, x = logits(resnet(), jnp.stack([jnp.zeros(SHAPE), OF.image]))
    change = float((x - black) @ jnp.array([1.0, -1.0, 0.0]))
    found = jax.jit(IntegratedGradients(baselines=("black",), points=50))(resnet(), OF).sum()
    assert abs(change) > 0.1
    assert found == pytest.approx(change, rel=0.02)
