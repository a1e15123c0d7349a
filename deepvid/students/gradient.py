"""What the teacher says of the neighbors, and the neighborhood gradient: where the image would have to change
to turn its decision.

Averaged over neighbors it is steadier than the gradient at the image alone.
Source: SmoothGrad, Smilkov et al. (2017), arXiv 1706.03825, with the VAE's neighbors for its noise.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from deepvid.students.chunks import in_chunks
from deepvid.students.teachers import Teacher


def contrast(logits: Float[Array, " class"], label: Int[Array, ""]) -> Int[Array, "2"]:
    """The two classes in question: predicted and true, or predicted and runner-up where it is right."""
    predicted, second = jax.lax.top_k(logits, 2)[1]
    return jnp.stack([predicted, jnp.where(label == predicted, second, label)]).astype(jnp.int32)


def labels_and_gradient(
    classifier: Teacher, images: Float[Array, "neighbor y x channel"], classes: Int[Array, "2"], count: int
) -> tuple[Float[Array, "neighbor class"], Float[Array, "y x channel"]]:
    """The logits of all `images`, and the mean over the first `count` of the gradient of
    logit[classes[0]] - logit[classes[1]], nan where there are none.

    Images that have both go through the network once.
    """

    def difference(chunk: Float[Array, "chunk y x channel"]) -> tuple[Array, Array]:
        logits = classifier.logits(chunk)
        return jnp.sum(logits[:, classes[0]] - logits[:, classes[1]]), logits

    labels, gradient = [], jnp.full(images.shape[1:], jnp.nan)
    if count:
        gradients, logits = in_chunks(jax.grad(difference, has_aux=True), images[:count])
        labels.append(logits)
        gradient = jnp.mean(gradients, axis=0)
    if count < len(images):
        labels.append(in_chunks(classifier.logits, images[count:]))
    return jnp.concatenate(labels), gradient
