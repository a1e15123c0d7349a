"""What the teacher says of the neighbors, and its derivatives there: where the image would have to change to
change an answer.

Averaged over neighbors they are steadier than at the image alone.
Source: SmoothGrad, Smilkov et al. (2017), arXiv 1706.03825, with the VAE's neighbors for its noise.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from deepvid.students.chunks import in_chunks
from deepvid.students.teachers import Teacher

MOST_CLASSES = 5  # that are differentiated; docs/decisions/anchor.md has what more would give


def contrast(logits: Float[Array, " class"], label: Int[Array, ""]) -> Int[Array, "2"]:
    """The two classes in question: predicted and true, or predicted and runner-up where it is right."""
    predicted, second = jax.lax.top_k(logits, 2)[1]
    return jnp.stack([predicted, jnp.where(label == predicted, second, label)]).astype(jnp.int32)


def differentiated(logits: Float[Array, " class"], pair: Int[Array, "2"]) -> Int[Array, " asked"]:
    """The classes whose logits are differentiated: the `pair` in question, then the most probable others."""
    others = min(MOST_CLASSES, len(logits)) - 2
    return jnp.concatenate([pair, jax.lax.top_k(logits.at[pair].set(-jnp.inf), others)[1]])


def labels_and_jacobian(
    classifier: Teacher,
    images: Float[Array, "neighbor y x channel"],
    classes: Int[Array, " asked"],
    count: int,
) -> tuple[Float[Array, "neighbor class"], Float[Array, "asked y x channel"]]:
    """The logits t of all `images`, and 1/m Σᵢ ∂t/∂x (xᵢ) of `classes` over the first m = `count` (nan of 0).

    Images that have both go through the network once.
    """

    def both(chunk: Float[Array, "chunk y x channel"]) -> tuple[Array, Array]:
        logits, pull = jax.vjp(classifier.logits, chunk)
        slopes = [pull(jnp.zeros_like(logits).at[:, classes[i]].set(1.0))[0] for i in range(len(classes))]
        return logits, jnp.stack(slopes, axis=1)

    labels, jacobian = [], jnp.full((len(classes), *images.shape[1:]), jnp.nan)
    if count:
        logits, slopes = in_chunks(both, images[:count])
        labels.append(logits)
        jacobian = jnp.mean(slopes, axis=0)
    if count < len(images):
        labels.append(in_chunks(classifier.logits, images[count:]))
    return jnp.concatenate(labels), jacobian
