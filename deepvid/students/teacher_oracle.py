"""The second step of a student's chain: what its teacher says of an image and of its neighbors.

A native teacher is traced, with the decoding before it, into one program. A foreign one, which JAX knows
nothing of, is called with NumPy's arrays, a few images at a time, between programs that decode.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from deepvid.adapters.contract import Model
from deepvid.cores import CHUNK, PATIENT, in_chunks
from deepvid.errors import DataError, DeepVIDError
from deepvid.models import VAE
from deepvid.students import neighbors as near
from deepvid.students.decoding import COMPILED, TRACED, Decoding, Inputs, Plan, Values
from deepvid.students.teachers import Teacher, traced
from deepvid.students.widening import Widening, widened, widened_plainly
from deepvid.tier import Tier

T = TypeVar("T")


class Neighborhood(NamedTuple):
    """One image, its neighbors, and what the teacher says of them."""

    image: Float[Array, "y x channel"]
    neighbors: Float[Array, "neighbor y x channel"]
    widening: Float[Array, ""]
    labels: Float[Array, "neighbor class"]  # logits
    weight: Float[Array, " fitted"]  # of the neighbors that are not held out
    teacher_logits: Float[Array, " class"]
    reconstruction_class: Int[Array, ""]
    jacobian: Float[Array, "asked y x channel"]  # nan where none is asked for
    classes: Int[Array, " asked"]


def label_neighborhood(
    teacher: Teacher | Model, vae: VAE, inputs: Inputs, values: Values, plan: Plan
) -> Neighborhood:
    """The surroundings of one image. Raises DataError for a teacher that cannot be asked.

    The plan is one of `plan_for` this teacher: without gradients none are asked for.
    """
    if isinstance(teacher, Model):
        return _look_around(Foreign(teacher, int(inputs.sample)), vae, inputs, values, plan)
    with traced(teacher) as argument:
        found: Neighborhood = look_around_native(argument, vae, inputs, values, plan)
    return found


def native_surroundings(
    teacher: Teacher, vae: VAE, inputs: Inputs, values: Values, plan: Plan
) -> Neighborhood:
    """The same for JAX to trace."""
    return _look_around(Native(teacher), vae, inputs, values, plan)


look_around_native = jax.jit(native_surroundings, static_argnames="plan", compiler_options=PATIENT)


class TeacherOracle(Protocol):
    """How one kind of teacher is asked."""

    @property
    def decoding(self) -> Decoding: ...

    def logits(self, images: Float[Array, "image y x channel"]) -> Float[Array, "image class"]: ...

    def labels_and_jacobian(
        self, images: Float[Array, "neighbor y x channel"], classes: Int[Array, " asked"], count: int
    ) -> tuple[Float[Array, "neighbor class"], Float[Array, "asked y x channel"]]:
        """As the function of this name has them."""
        ...

    def widened(
        self, label: Callable[[Array], Array], widest: Float[Array, ""], most: Float[Array, ""]
    ) -> Widening:
        """As `deepvid.students.widening` has it."""
        ...


class Native(NamedTuple):
    """A teacher that JAX traces."""

    teacher: Teacher
    decoding: Decoding = TRACED

    def logits(self, images: Float[Array, "image y x channel"]) -> Float[Array, "image class"]:
        return in_chunks(self.teacher.logits, images)

    def labels_and_jacobian(self, images: Array, classes: Array, count: int) -> tuple[Array, Array]:
        return labels_and_jacobian(self.teacher, images, classes, count)

    def widened(self, label: Callable[[Array], Array], widest: Array, most: Array) -> Widening:
        return widened(label, widest, most)


class Foreign(NamedTuple):
    """A model that is called. Whatever it raises becomes a DataError that names the image."""

    model: Model
    sample: int
    decoding: Decoding = COMPILED

    def logits(self, images: Float[Array, "image y x channel"]) -> Float[Array, "image class"]:
        return jnp.asarray(self.labels(np.asarray(images)))

    def labels(self, images: Float[np.ndarray, "image y x channel"]) -> Float[np.ndarray, "image class"]:
        """The same of NumPy's arrays; the model makes batches of them."""
        logits = self._said(partial(self.model.answers, images)).logits
        self._require(images, logits)
        return np.asarray(logits, np.float32)

    def labels_and_jacobian(self, images: Array, classes: Array, count: int) -> tuple[Array, Array]:
        asked, pixels = np.asarray(classes), np.asarray(images)
        labels, total = [], np.zeros((len(asked), *pixels.shape[1:]), np.float32)
        for part in _parts(pixels[:count]):
            found = self._said(partial(self.model.slopes, part, asked))
            self._require(part, found.logits, found.slopes)
            labels.append(found.logits)
            total += np.asarray(found.slopes, np.float32).sum(axis=0)
        if len(pixels) > count:
            labels.append(self.labels(pixels[count:]))
        jacobian = total / count if count else np.full_like(total, np.nan)
        return jnp.concatenate(labels), jnp.asarray(jacobian)

    def widened(self, label: Callable[[Array], Array], widest: Array, most: Array) -> Widening:
        return widened_plainly(label, widest, most)

    def _said(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except DeepVIDError as error:
            raise DataError(error.must, f"around image {self.sample}: {error.found}", error.action) from error
        except Exception as error:
            said = str(error).strip().partition("\n")[0]
            raise self._fault(f"{type(error).__name__}{': ' if said else ''}{said}") from error

    def _require(self, part: np.ndarray, *arrays: np.ndarray) -> None:
        for array in arrays:
            if len(array) != len(part):
                raise self._fault(f"{len(array)} answers to {len(part)} images")
            if wrong := int((~np.isfinite(array)).reshape(len(array), -1).any(axis=1).sum()):
                raise self._fault(f"numbers that are not finite for {wrong} of {len(part)} images")

    def _fault(self, found: str) -> DataError:
        return DataError(
            f"{self.model.name} answers for every neighbor of an image",
            f"around image {self.sample}: {found}",
            "Fix the model and run the same command again: what is committed stays",
        )


def has_gradients(teacher: Teacher | Model) -> bool:
    """Whether it can be asked for a Jacobian."""
    return not isinstance(teacher, Model) or teacher.tier >= Tier.GRADIENTS


def answering(teacher: Teacher | Model, images: Callable[..., Array]) -> Callable[..., tuple[Array, Array]]:
    """Gives `images(*arguments)` and the teacher's logits of it, in a function compiled as far as can be."""
    if isinstance(teacher, Model):
        model, made = teacher, jax.jit(images)

        def in_turn(*arguments: Array) -> tuple[Array, Array]:
            found = made(*arguments)
            return found, jnp.asarray(model.answers(np.asarray(found)).logits)

        return in_turn
    native = teacher

    def at_once(*arguments: Array) -> tuple[Array, Array]:
        found = images(*arguments)
        return found, native.logits(found)

    return jax.jit(at_once)


def _look_around(ask: TeacherOracle, vae: VAE, inputs: Inputs, values: Values, plan: Plan) -> Neighborhood:
    decode = ask.decoding
    seen = decode.see(vae, inputs, values, plan)
    teacher, of_reconstruction = ask.logits(jnp.stack([seen.center.image, seen.center.reconstruction]))
    asked = classes_to_differentiate(teacher, contrast(teacher, inputs.label))
    fitted = plan.neighbors - plan.held_out
    first = fitted - plan.probes

    def label(factor: Float[Array, ""]) -> Float[Array, "probe class"]:
        return ask.logits(decode.probed(vae, seen, factor, plan))

    factor, probes = jnp.ones(()), jnp.zeros((0, len(teacher)))
    if plan.probes:
        factor, probes = ask.widened(label, values.widest, values.commonest)
    images = decode.decoded(vae, seen, factor, plan)
    others = jnp.concatenate([images[:first], images[fitted:]])
    labels, jacobian = ask.labels_and_jacobian(others, asked, plan.gradient_neighbors)
    return Neighborhood(
        seen.center.image,
        images,
        factor,
        jnp.concatenate([labels[:first], probes, labels[first:]]),
        near.weights(seen.offsets[:fitted], values.band, values.strengths.locality),
        teacher,
        jnp.argmax(of_reconstruction).astype(jnp.int32),
        jacobian,
        asked,
    )


def _parts(images: np.ndarray) -> list[np.ndarray]:
    """At most `CHUNK` images each."""
    return [images[first : first + CHUNK] for first in range(0, len(images), CHUNK)]


MOST_CLASSES = 5  # that are differentiated; docs/decisions/anchor.md has what more would give


def contrast(logits: Float[Array, " class"], label: Int[Array, ""]) -> Int[Array, "2"]:
    """The two classes in question: predicted and true, or predicted and runner-up where it is right."""
    predicted, second = jax.lax.top_k(logits, 2)[1]
    return jnp.stack([predicted, jnp.where(label == predicted, second, label)]).astype(jnp.int32)


def classes_to_differentiate(logits: Float[Array, " class"], pair: Int[Array, "2"]) -> Int[Array, " asked"]:
    """The classes whose logits are differentiated: the `pair` in question, then the most probable others."""
    others = min(MOST_CLASSES, len(logits)) - 2
    return jnp.concatenate([pair, jax.lax.top_k(logits.at[pair].set(-jnp.inf), others)[1]])


def labels_and_jacobian(
    classifier: Teacher,
    images: Float[Array, "neighbor y x channel"],
    classes: Int[Array, " asked"],
    count: int,
) -> tuple[Float[Array, "neighbor class"], Float[Array, "asked y x channel"]]:
    """Logits t of all `images`, and 1/m Σᵢ ∂t/∂x (xᵢ) of `classes` over the first m = `count` (nan of 0).

    Images that have both go through the network once. A mean over neighbors is steadier than a derivative at
    the image. Source: SmoothGrad, Smilkov et al. (2017), arXiv 1706.03825, with neighbors for its noise.
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
