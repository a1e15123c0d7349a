"""A classifier that answers for images with holes: a VAE fills them in from what is left."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from deepvid.models import VAE
from deepvid.students.teachers import Teacher

ROUNDS = 6
CELLS = 4  # of a checkerboard, to a side


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class InfilledClassifier:
    """The classifier, whose images may have nan: what is absent is decoded from what is there."""

    classifier: Teacher
    vae: VAE

    def logits(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample class"]:
        return self.classifier.logits(self.filled(images))

    def filled(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample y x channel"]:
        """Without nan: from the picture of the mean latent on, absent pixels are encoded and decoded a few
        times over, and those that are known are held.
        """
        with jax.disable_jit(False):
            return _filled(self.vae, images)

    def knows(self, image: Float[Array, "y x channel"]) -> Bool[Array, ""]:
        """Whether it fills in one half of the image from the other, and that from this, in squares, better
        than the image's mean color would. A VAE that does not says nothing about the image.
        """
        y, x, _ = image.shape
        squares = (jnp.arange(y)[:, None] * CELLS // y + jnp.arange(x) * CELLS // x) % 2 == 0
        hidden = jnp.stack([squares, ~squares])[..., None]
        filled = jnp.where(hidden, self.filled(jnp.where(hidden, jnp.nan, image)), 0).sum(axis=0)
        return jnp.sum((image - filled) ** 2) < jnp.sum((image - image.mean(axis=(0, 1))) ** 2)


@jax.jit
def _filled(vae: VAE, images: Array) -> Array:
    absent = jnp.isnan(images)
    nothing = vae.decode(jnp.zeros((1, vae.latent)))

    def again(_: Array, known: Array) -> Array:
        return jnp.where(absent, vae.decode(vae.encode(known)[0]), images)

    return jax.lax.fori_loop(0, ROUNDS, again, jnp.where(absent, nothing, images))
