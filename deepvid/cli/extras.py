"""A command that computes says which extra to install, before it begins."""

from importlib.util import find_spec

from deepvid.errors import MissingExtraError

COMPUTE = (
    "jax",
    "flax",
    "jaxtyping",
    "openTSNE",
    "optax",
    "pooch",
    "scipy",
    "sklearn",
    "threadpoolctl",
    "umap",
)


def require_compute(what: str) -> None:
    """Raises `MissingExtraError` where a package of deepvid[compute] is absent; imports none."""
    for module in COMPUTE:
        if find_spec(module) is None:
            raise MissingExtraError.of(what, "compute", module)
