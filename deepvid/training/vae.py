"""Trains a VAE: one `VaeSnapshot` an epoch, continued bit for bit."""

import math
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray, UInt8

from deepvid import config
from deepvid.fitted import fitted
from deepvid.models import VAE, build_vae, to_vector
from deepvid.progress import SILENT, Progress
from deepvid.training.batches import LATENTS_BATCH, in_batches, unit
from deepvid.training.loop import Average, Metrics, Step, from_arrays, run_epochs, steps_per_epoch, to_arrays
from deepvid.training.optimizers import SCHEDULES

# Nats a value of an image: the gradient's norm is below 1.6 on Fashion-MNIST and 5.6 on CIFAR-10, but for a
# step in thousands after which a Gaussian's loss went to 4e12, and to nan.
STEEPEST = 6.0
SMALL_BATCH = 32  # images that tell a direction well enough


class VaeSnapshot(NamedTuple):
    """The VAE after one epoch. Held-out metrics are means over the test images; nats an image."""

    epoch: int  # 0 is the first
    parameters: Float[np.ndarray, " parameter"]  # as `models.to_vector` orders them
    metrics: dict[str, float]
    state: dict[str, np.ndarray]  # all that `train_vae` needs to continue


class State(NamedTuple):
    """State that changes from step to step."""

    steps: Int[Array, ""]  # finished ones
    parameters: nnx.State
    optimizer: optax.OptState


class Bound(NamedTuple):
    """Of each image, nats: the two terms of the evidence lower bound, `log_density - kl`."""

    log_density: Float[Array, " sample"]
    kl: Float[Array, " sample"]


def train_vae(
    settings: config.Vae,
    images: UInt8[np.ndarray, "sample y x channel"],
    test: Bool[np.ndarray, " sample"],
    *,
    seed: int,
    state: Mapping[str, np.ndarray] | None = None,
    progress: Progress = SILENT,
) -> Iterator[VaeSnapshot]:
    """Yields a snapshot after every epoch that is not yet part of `state` (that of an earlier snapshot).

    Adam under the one-cycle schedule, whose peak is the learning rate. What it yields does not depend on
    whether the training was interrupted; resume with the seed of the start. Metrics: `train_loss` (with the
    weight `beta` of the moment), and on the test images `elbo` (at weight 1), `kl` and
    `reconstruction_error` (mean square, of decoded posterior means), `beta`, `seconds`.
    Raises `DataError` where `state` was written with other settings.
    """
    y, x, channels = images.shape[1:]
    training = images[fitted(test)]
    batch, times, rate = passes(settings, len(training))
    training = np.tile(training, (times, 1, 1, 1))
    steps = steps_per_epoch(len(training), batch)
    optimizer = optax.adam(SCHEDULES["one_cycle"](rate, settings.epochs * steps))
    graph, begin = init(settings, optimizer, (y, x, channels), key=jax.random.key(seed))
    if state is not None:
        begin = from_arrays(begin, state)
    began = time.perf_counter()
    for epoch in run_epochs(
        step(settings, optimizer, graph, steps),
        begin,
        (training,),
        first=int(begin.steps) // steps,
        epochs=settings.epochs,
        batch=batch,
        seed=seed,
        held_out=int(test.sum()),
        progress=progress,
    ):
        vae = nnx.merge(graph, epoch.state.parameters)
        held_out = held_out_metrics(vae, images[test], progress=epoch.judging)
        metrics = {
            "train_loss": epoch.metrics["loss"],
            **held_out,
            "beta": epoch.metrics["beta"],
            "seconds": time.perf_counter() - began,
        }
        yield VaeSnapshot(epoch.number, to_vector(vae), metrics, to_arrays(epoch.state))
        began = time.perf_counter()


class Passes(NamedTuple):
    """How an epoch goes through the images."""

    batch: int  # images a step
    times: int  # that an epoch sees every image
    learning_rate: float  # highest: smaller by the root of how much smaller batches are (Malladi et al. 2022)


def passes(settings: config.Vae, images: int) -> Passes:
    """Those that train an autoencoder of so many images in `fewest_steps`, or in more where it is set so."""
    batch, an_epoch = settings.batch, -(-settings.fewest_steps // settings.epochs)
    while batch > SMALL_BATCH and steps_per_epoch(images, batch) < an_epoch:
        batch = max(SMALL_BATCH, batch // 2)
    enough = steps_per_epoch(images, batch) >= an_epoch
    times = 1 if enough else -(-an_epoch * batch // images)
    return Passes(batch, times, settings.learning_rate * math.sqrt(batch / settings.batch))


def init(
    settings: config.Vae,
    optimizer: optax.GradientTransformation,
    image_shape: tuple[int, int, int],
    *,
    key: PRNGKeyArray,
) -> tuple[nnx.GraphDef, State]:
    """A fresh VAE, as the structure that stays and the state that training changes."""
    graph, parameters = nnx.split(build_vae(settings, image_shape=image_shape, key=key), nnx.Param)
    return graph, State(jnp.int32(0), parameters, jax.jit(optimizer.init)(parameters))


def step(
    settings: config.Vae, optimizer: optax.GradientTransformation, graph: nnx.GraphDef, steps: int
) -> Step[State]:
    """One step on minus the bound, whose KL term's weight grows linearly over `warmup` epochs of `steps`."""
    warmup = settings.warmup * steps

    def advance(
        state: State,
        images: UInt8[Array, "sample y x channel"],
        *,
        keys: PRNGKeyArray,
        average: Average[Any],
    ) -> tuple[State, Metrics]:
        beta = settings.beta * jnp.minimum(1.0, state.steps / warmup if warmup else 1.0)

        def loss(parameters: nnx.State) -> Array:
            terms = bound(nnx.merge(graph, parameters), unit(images), keys=keys)
            return (beta * terms.kl - terms.log_density).mean()

        value, gradient = average(jax.value_and_grad(loss)(state.parameters))
        gradient = at_most(gradient, STEEPEST * images[0].size)
        updates, optimizer_state = optimizer.update(gradient, state.optimizer, state.parameters)
        parameters = optax.apply_updates(state.parameters, updates)
        return State(state.steps + 1, parameters, optimizer_state), {"loss": value, "beta": beta}

    return advance


def at_most(gradient: nnx.State, norm: float) -> nnx.State:
    """The gradient, shortened to a norm where it is longer: bit for bit the same where it is not."""
    factor = jnp.minimum(1.0, norm / optax.global_norm(gradient))
    return jax.tree.map(lambda leaf: leaf * factor, gradient)


def bound(vae: VAE, images: Float[Array, "sample y x channel"], *, keys: PRNGKeyArray) -> Bound:
    """The evidence lower bound with one draw of each image's latent, by its own of `keys`, key (sample,).

    Source: Kingma and Welling (2014), appendix B.
    """
    mean, log_variance = vae.encode(images)
    noise = jax.vmap(lambda key: jax.random.normal(key, mean.shape[1:]))(keys)
    latents = mean + jnp.exp(log_variance / 2) * noise
    kl = 0.5 * (mean**2 + jnp.exp(log_variance) - 1 - log_variance).sum(axis=1)
    return Bound(vae.likelihood.log_density(vae.logits(latents), images), kl)


def held_out_metrics(
    vae: VAE, images: UInt8[np.ndarray, "sample y x channel"], *, progress: Progress = SILENT
) -> dict[str, float]:
    """`elbo` and `kl` (nats an image), `reconstruction_error` (mean square); always the same draws."""
    terms, squared = in_batches(_held_out, vae, images, size=LATENTS_BATCH, progress=progress)
    log_density, kl, error = (float(values.mean(dtype=np.float64)) for values in (*terms, squared))
    return {"elbo": log_density - kl, "kl": kl, "reconstruction_error": error}


@jax.jit
def _held_out(vae: VAE, images: UInt8[Array, "sample y x channel"]) -> tuple[Bound, Array]:
    pixels = unit(images)
    picture = vae.decode(vae.encode(pixels)[0])
    keys = jax.random.split(jax.random.key(0), len(images))
    return bound(vae, pixels, keys=keys), ((picture - pixels) ** 2).mean(axis=(1, 2, 3))
