"""Training a VAE: what it learns, what each setting does, cancelling and resuming."""

from itertools import islice
from threading import Event
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from deepvid import config
from deepvid.errors import Cancelled, DataError
from deepvid.models import restore_vae
from deepvid.progress import Progress
from deepvid.training import VaeSnapshot, encode, reconstruct, train_vae
from deepvid.training.vae import at_most

pytestmark = pytest.mark.long

SETTINGS = config.Vae(latent=2, width=8, hidden=16, epochs=3, batch=16, learning_rate=0.02)


def bars() -> tuple[np.ndarray, np.ndarray]:
    """Images 8x8 of a bright square somewhere on a dark ground: two numbers say all; the last 40 are test."""
    rng = np.random.default_rng(0)
    images = np.full((200, 8, 8, 1), 20, np.uint8)
    for image, (y, x) in zip(images, rng.integers(0, 6, (200, 2)), strict=True):
        image[y : y + 3, x : x + 3] = 240
    return images, np.arange(200) >= 160


def train(settings: config.Vae = SETTINGS, **options: Any) -> list[VaeSnapshot]:
    return list(train_vae(settings, *bars(), **{"seed": 0, **options}))


def changed(**values: Any) -> config.Vae:
    return config.Vae.model_validate({**SETTINGS.model_dump(), **values})


@pytest.fixture(scope="module")
def snapshots() -> list[VaeSnapshot]:
    return train()


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_a_trained_vae_copies_images_it_has_not_seen(likelihood: str) -> None:
    settings = changed(epochs=40, hidden=32, likelihood=likelihood)
    images, test = bars()
    first, *_, last = train(settings)
    assert last.metrics["elbo"] > first.metrics["elbo"]
    vae = restore_vae(settings, image_shape=(8, 8, 1), vector=last.parameters)
    mean, log_variance = encode(vae, images[test])
    assert mean.shape == log_variance.shape == (40, 2)
    copies = reconstruct(vae, mean)
    assert copies.dtype == np.uint8
    error = np.square(copies / 255 - images[test] / 255).mean()
    assert error < 0.5 * images[test].astype(float).var(axis=0).mean() / 255**2
    assert error == pytest.approx(last.metrics["reconstruction_error"], rel=0.02)  # but for the rounding


def test_metrics_belong_together(snapshots: list[VaeSnapshot]) -> None:
    assert [snapshot.epoch for snapshot in snapshots] == [0, 1, 2]
    assert set(snapshots[0].metrics) == {
        "train_loss",
        "elbo",
        "kl",
        "reconstruction_error",
        "beta",
        "seconds",
    }
    for snapshot in snapshots:
        assert np.isfinite(list(snapshot.metrics.values())).all()
        assert snapshot.metrics["kl"] > 0


def test_beta_grows_over_the_warm_up() -> None:
    """160 images make 10 steps an epoch; warming up for 20, beta is s / 20 at step s: 4.5 / 20 on average."""
    betas = [snapshot.metrics["beta"] for snapshot in train(changed(beta=2.0, warmup=2.0))]
    assert betas == pytest.approx([2 * 4.5 / 20, 2 * 14.5 / 20, 2.0])
    assert train(changed(epochs=1, warmup=0.0))[0].metrics["beta"] == 1


def test_a_larger_beta_leaves_less_in_the_latents(snapshots: list[VaeSnapshot]) -> None:
    assert train(changed(beta=50.0))[-1].metrics["kl"] < 0.5 * snapshots[-1].metrics["kl"]


@pytest.mark.parametrize(
    ("values", "seed"),
    [({"learning_rate": 0.01}, 0), ({"batch": 32}, 0), ({"epochs": 4}, 0), ({}, 1)],
    ids=["learning rate", "batch", "epochs", "seed"],
)
def test_every_setting_and_the_seed_change_what_is_learned(
    values: dict[str, Any], seed: int, snapshots: list[VaeSnapshot]
) -> None:
    other = next(iter(train_vae(changed(**values), *bars(), seed=seed)))
    assert not np.array_equal(other.parameters, snapshots[0].parameters)


def test_resuming_from_a_snapshot_is_bit_for_bit_the_uninterrupted_training(
    snapshots: list[VaeSnapshot],
) -> None:
    resumed = train(state=snapshots[1].state)
    assert [snapshot.epoch for snapshot in resumed] == [2]
    assert resumed[-1].parameters.tobytes() == snapshots[-1].parameters.tobytes()
    assert resumed[-1].metrics["elbo"] == snapshots[-1].metrics["elbo"]
    assert train(state=snapshots[-1].state) == []


def test_cancelled_inside_an_epoch_the_last_snapshot_continues(snapshots: list[VaeSnapshot]) -> None:
    cancel = Event()
    progress = Progress(lambda tick: cancel.set() if tick.done >= 15 else None, cancel)
    training = train_vae(SETTINGS, *bars(), seed=0, progress=progress)
    (kept,) = islice(training, 1)
    with pytest.raises(Cancelled):
        next(training)
    assert train(state=kept.state)[-1].parameters.tobytes() == snapshots[-1].parameters.tobytes()


def test_the_state_of_another_network_is_refused(snapshots: list[VaeSnapshot]) -> None:
    with pytest.raises(DataError, match="continues the settings it was written with"):
        train(changed(latent=3), state=snapshots[0].state)


def test_a_few_color_images_of_another_size_train() -> None:
    images = np.asarray(jax.random.randint(jax.random.key(0), (40, 16, 12, 3), 0, 256), np.uint8)
    (*_, last) = train_vae(changed(batch=500), images, np.arange(40) >= 30, seed=0)
    assert np.isfinite(last.metrics["elbo"])
    vae = restore_vae(SETTINGS, image_shape=(16, 12, 3), vector=last.parameters)
    assert reconstruct(vae, encode(vae, images).mean).shape == images.shape


def test_a_gradient_is_shortened_where_it_is_long_and_else_the_same_to_the_bit() -> None:
    gradient = {"a": jnp.array([3.0, 0.1]), "b": jnp.array(4.0)}  # of norm 5.001
    short, same = at_most(gradient, 1.0), at_most(gradient, 6.0)  # type: ignore[arg-type]
    assert float(optax.global_norm(short)) == pytest.approx(1.0)
    assert float(short["b"] / short["a"][0]) == pytest.approx(4 / 3)
    assert all(jax.tree.leaves(jax.tree.map(np.array_equal, same, gradient)))
