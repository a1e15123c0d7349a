"""What maps are fitted to, as functions of a batch of edges' ends."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray


def info_nce(heads: Float[Array, "edge 2"], tails: Float[Array, "edge 2"]) -> Float[Array, ""]:
    """mean_(i,j) -log q_ij / (Σ_l∈tails q_il + Σ_l∈heads, l≠i q_il), where q_ij = 1 / (1 + |y_i - y_j|²).

    Source: van den Oord et al. (2018), arXiv 1807.03748; with this kernel, Damrich et al. (2023), ICLR.
    """
    to_tails = -jnp.log1p(squared_distances(heads, tails))
    to_heads = -jnp.log1p(squared_distances(heads, heads))
    to_heads = jnp.where(jnp.eye(len(heads), dtype=bool), -jnp.inf, to_heads)
    every = jax.nn.logsumexp(jnp.logaddexp(to_tails, to_heads), axis=1)
    return (every - jnp.diagonal(to_tails)).mean()


UMAP_A, UMAP_B = 1.577, 0.895  # of the kernel of spread 1 and least distance 0.1
CLIP = 1e-4  # the least probability whose logarithm is taken
NEGATIVES = 5  # for each edge


def umap_loss(
    heads: Float[Array, "edge 2"], tails: Float[Array, "edge 2"], key: PRNGKeyArray
) -> Float[Array, ""]:
    """mean of -log q over edges and of -log(1 - q) over five shuffled ones each; q = 1 / (1 + a |y - y'|^2b).

    Source: Sainburg et al. (2021), Neural Comput. 33(11), 2881-2907, as Yang et al. (2022) use it.
    """
    others = jnp.tile(tails, (NEGATIVES, 1))
    others = others[jax.random.permutation(key, len(others))]
    near = jnp.log(jnp.clip(_kernel(heads, tails), CLIP, 1)).sum()
    far = jnp.log(jnp.clip(1 - _kernel(jnp.tile(heads, (NEGATIVES, 1)), others), CLIP, 1)).sum()
    return -(near + far) / (len(heads) * (1 + NEGATIVES))


def _kernel(first: Float[Array, "pair 2"], second: Float[Array, "pair 2"]) -> Float[Array, " pair"]:
    squared = jnp.maximum(((first - second) ** 2).sum(axis=1), 1e-12)  # its slope at 0 is infinite
    return 1 / (1 + UMAP_A * squared**UMAP_B)


def squared_distances(first: Float[Array, "row 2"], second: Float[Array, "column 2"]) -> Array:
    """(row, column). Without the product of both, whose rounding is as large as near neighbors' distances."""
    return sum((first[:, None, axis] - second[None, :, axis]) ** 2 for axis in (0, 1))  # type: ignore[return-value]


def divergence(
    logits: Float[Array, "sample class"], decoded: Float[Array, "sample class"]
) -> Float[Array, " sample"]:
    """KL(softmax logits || softmax decoded), nats."""
    right, found = jax.nn.log_softmax(logits), jax.nn.log_softmax(decoded)
    return (jnp.exp(right) * (right - found)).sum(axis=1)
