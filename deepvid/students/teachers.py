"""Teachers that JAX knows nothing of: a person's own class with one method."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import jax
from jaxtyping import Array, Float

from deepvid.errors import DataError


class Teacher(Protocol):
    """Classifier as students need it. JAX traces and differentiates the method."""

    def logits(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample class"]:
        """Of float32 images in [0, 1]."""
        ...


@jax.tree_util.register_static
class Constant:
    """An object that is known by its identity: programs are compiled once for each."""

    def __init__(self, teacher: Teacher) -> None:
        self.teacher = teacher

    def logits(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample class"]:
        return self.teacher.logits(images)

    def __hash__(self) -> int:
        return id(self.teacher)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Constant) and self.teacher is other.teacher


@contextmanager
def traced(teacher: Any) -> Iterator[Any]:
    """Yields `teacher` as a compiled program takes it: what is no tree of arrays is a constant there.

    Says of a method that leaves JAX what it must do instead.
    """
    try:
        yield Constant(teacher) if jax.tree_util.all_leaves([teacher]) else teacher
    except jax.errors.ConcretizationTypeError as error:
        raise _untraceable(teacher, error) from error
    except TypeError as error:
        if "Tracer" not in str(error):
            raise
        raise _untraceable(teacher, error) from error


def _untraceable(teacher: object, error: Exception) -> DataError:
    return DataError(
        "JAX traces and differentiates the logits of a classifier",
        f"{type(teacher).__name__}.logits leaves JAX: {str(error).splitlines()[0]}",
        "Write it with jax.numpy, or restore its weights into a network of deepvid.models",
    )
