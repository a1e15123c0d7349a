"""Settings of a map that follow the number of its samples, where there are few."""

from typing import NamedTuple

from deepvid import config

FEWEST = 5  # samples of t-SNE and UMAP: a perplexity is over 1, and openTSNE takes 3 x perplexity neighbors


class Feasible(NamedTuple):
    """Settings that so many samples allow."""

    settings: config.Projection
    note: str | None  # which of them are others than those that were set; None: none


def feasible(settings: config.Projection, samples: int) -> Feasible:
    """The same settings with a perplexity of (samples - 1) / 3 and samples - 1 neighbors at most.

    The map of fewer than `FEWEST` samples is their principal components.
    """
    most = {"tsne": ("perplexity", (samples - 1) / 3), "umap": ("neighbors", samples - 1)}
    if settings.method not in most:
        return Feasible(settings, None)
    if samples < FEWEST:
        return Feasible(
            settings.replaced(method="pca"),
            f"principal components, as fewer than {FEWEST} images have: there {_are(samples)}",
        )
    name, limit = most[settings.method]
    wanted = getattr(settings, name)
    if wanted <= limit:
        return Feasible(settings, None)
    return Feasible(
        settings.replaced(**{name: limit}), f"{name} {limit:.3g}, not {wanted:g}: there {_are(samples)}"
    )


def _are(samples: int) -> str:
    return "is 1 image" if samples == 1 else f"are {samples} images"
