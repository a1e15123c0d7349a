"""A Flax module gives what its network gives elsewhere, and is left as it was."""

from typing import Any

import jax
import numpy as np
import pytest
from flax import linen
from nets import IMAGES, NAMES, SHAPE, answers, linen_net, linen_variables, nnx_net

from deepvid.adapters.checking import check
from deepvid.adapters.flax import FlaxModule, linen_module, nnx_module
from deepvid.adapters.preparing import Prepared, prepared
from deepvid.config import Input, Output
from deepvid.errors import DataError
from deepvid.tier import Tier


def opened(adapter: FlaxModule) -> Prepared:
    return prepared(adapter, Input(), Output(), SHAPE, NAMES)


def in_nnx(features: str | None = None) -> FlaxModule:
    return nnx_module(nnx_net(), "net", features)


def in_linen(features: str | None = None) -> FlaxModule:
    return linen_module(linen_net(), linen_variables(), "net", features)


@pytest.mark.parametrize("make", [in_nnx, in_linen])
def test_the_same_network_in_numpy(make: Any) -> None:
    model = opened(make())
    found, exact = model.answers(IMAGES), answers(IMAGES)
    assert model.tier is Tier.GRADIENTS
    assert found.logits == pytest.approx(exact.logits, abs=1e-5)
    assert found.features == pytest.approx(exact.features, abs=1e-5)


@pytest.mark.parametrize("make", [in_nnx, in_linen])
def test_slopes_in_one_pass_with_the_logits(make: Any) -> None:
    logits, slopes = opened(make()).slopes(IMAGES, np.array([2, 0]))
    assert logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    up, down = IMAGES.copy(), IMAGES.copy()
    up[:, 4, 3, 0] += 1e-3
    down[:, 4, 3, 0] -= 1e-3
    moved = (answers(up).logits - answers(down).logits)[:, [2, 0]] / 2e-3
    assert slopes[:, :, 4, 3, 0] == pytest.approx(moved, abs=2e-3)


@pytest.mark.parametrize("make", [in_nnx, in_linen])
def test_a_layer_that_is_named_gives_the_features(make: Any) -> None:
    found = opened(make("convolution")).answers(IMAGES).features
    assert found is not None
    assert found.shape == (30, 7 * 6 * 4)
    with pytest.raises(DataError, match="'conv'"):
        opened(make("conv")).answers(IMAGES)


def test_the_person_keeps_a_module_in_training() -> None:
    net = nnx_net()
    net.train()
    found = opened(nnx_module(net, "net")).answers(IMAGES)
    assert found.logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    assert not net.dropout.deterministic
    assert type(net.last).__module__.startswith("flax")


def test_a_bound_module_and_one_without_variables() -> None:
    bound = linen_net().bind(linen_variables())
    found = opened(linen_module(bound, None, "net")).answers(IMAGES)
    assert found.logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    with pytest.raises(DataError, match="a module alone"):
        linen_module(linen_net(), None, "net")


def test_a_network_of_deepvid_is_asked_as_any_other() -> None:
    import jax

    from deepvid import config, models

    net = models.build(config.ResNet(width=4), image_shape=SHAPE, class_names=NAMES, key=jax.random.key(0))
    net.eval()
    found = opened(nnx_module(net, "net")).answers(IMAGES)
    assert found.logits == pytest.approx(np.asarray(net.logits(IMAGES)), abs=1e-5)
    assert found.features == pytest.approx(np.asarray(net.features(IMAGES)), abs=1e-5)


def test_the_digest_is_that_of_the_weights() -> None:
    net, other = nnx_net(), nnx_net()
    assert nnx_module(net, "net").digest() == nnx_module(other, "other").digest()
    other.first.bias[...] += 1
    assert nnx_module(net, "net").digest() != nnx_module(other, "net").digest()


def test_a_network_without_derivatives_is_asked_for_answers_alone() -> None:
    class Stopped(linen.Module):  # type: ignore[misc]
        def __call__(self, images: Any) -> Any:
            return jax.lax.stop_gradient(images).reshape(len(images), -1)[:, :3] * 9

    found = check(opened(linen_module(Stopped(), {}, "net")), IMAGES, None, NAMES)
    assert found.tier is Tier.PREDICT
