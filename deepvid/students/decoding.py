"""The first step of a student's chain: what its teacher is asked about, an image and its neighbors.

Nothing here depends on the teacher, so that one program serves all of them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, UInt8

from deepvid.config import names
from deepvid.cores import PATIENT
from deepvid.models import VAE
from deepvid.students import neighbors as near
from deepvid.students.fitting import Method, Strengths


class Plan(NamedTuple):
    """The settings that decide what is compiled."""

    neighbors: int
    held_out: int
    distribution: names.Distribution
    neighborhood: names.Neighborhood
    gradient_neighbors: int
    anchor: names.Anchor
    probes: int  # neighbors that are labeled at each width; 0: the band stays as it is
    method: Method


class Values(NamedTuple):
    """The settings that may change from call to call without compiling anew."""

    seed: Int[Array, ""]
    band: Float[Array, " latent"]
    widest: Float[Array, ""]  # times the band
    commonest: Float[Array, ""]  # share of the neighbors
    smoothness: Float[Array, " fit"]
    strengths: Strengths


class Inputs(NamedTuple):
    """Image to explain, with its sample and label; or many, with a leading axis."""

    image: UInt8[Any, "y x channel"]
    sample: Int[Any, ""]
    label: Int[Any, ""]


class Seen(NamedTuple):
    """One image, and where its neighbors lie in a band that is not widened."""

    center: near.Center
    offsets: Float[Array, "neighbor latent"]


def see(vae: VAE, inputs: Inputs, values: Values, plan: Plan) -> Seen:
    """Encodes and decodes the image itself, and draws its neighbors' latents."""
    image = inputs.image.astype(jnp.float32) / 255
    key = near.sample_key(values.seed, inputs.sample)
    offsets = near.offsets(key, plan.neighbors, values.band, plan.distribution)
    return Seen(near.center(vae, image), offsets)


def probed(vae: VAE, seen: Seen, factor: Float[Array, ""], plan: Plan) -> Float[Array, "probe y x channel"]:
    """Those fitted neighbors that are asked about at each width, `factor` times as far away."""
    fitted = plan.neighbors - plan.held_out
    offsets = seen.offsets[fitted - plan.probes : fitted]
    return near.neighborhood(vae, seen.center, factor * offsets, plan.neighborhood)


def decoded(
    vae: VAE, seen: Seen, factor: Float[Array, ""], plan: Plan
) -> Float[Array, "neighbor y x channel"]:
    """All neighbors `factor` times as far away; the first is the image itself."""
    images = near.neighborhood(vae, seen.center, factor * seen.offsets, plan.neighborhood)
    return images.at[0].set(seen.center.image)


class Decoding(NamedTuple):
    """The step's three functions: as they are traced into a program, or as programs of their own."""

    see: Callable[[VAE, Inputs, Values, Plan], Seen]
    probed: Callable[[VAE, Seen, Array, Plan], Array]
    decoded: Callable[[VAE, Seen, Array, Plan], Array]


TRACED = Decoding(see, probed, decoded)
COMPILED = Decoding(*(jax.jit(step, static_argnums=3, compiler_options=PATIENT) for step in TRACED))
