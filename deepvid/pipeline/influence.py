"""The last layer of a run, fitted again so that the influence of training images on it can be told."""

import numpy as np

from deepvid import config
from deepvid.network.influence import LARGEST, leave_one_out, predicted, refit
from deepvid.pipeline.images import Images
from deepvid.pipeline.parts import Part
from deepvid.pipeline.stage import StageContext
from deepvid.progress import Progress

QUERIES = 8  # test images on which influence is measured


def numbers_of(features: int, classes: int) -> int:
    """How many numbers the last layer has; 0 where they are too many for a Hessian."""
    numbers = classes * (features + 1)
    return numbers if numbers <= LARGEST else 0


def fitted_head(
    context: StageContext,
    images: Images,
    rows: np.ndarray,
    section: config.Layers,
    *,
    seed: int,
    progress: Progress,
) -> Part:
    """The head for the training images `rows`, and how well influence predicts what leaving one out does.

    Measured on some errors, or on other test images where there are none. Nothing of a layer too large.
    """
    teacher = context.open("teacher", "features", "logits")
    features, logits = teacher["features"].to_numpy(), teacher["logits"].to_numpy()
    classes = len(images.class_names)
    if not numbers_of(features.shape[1], classes):
        return Part({}, None)
    training, tested, said = features[rows], features[images.test], logits[images.test].argmax(axis=1)
    head = refit(training, images.labels[rows], classes, progress=progress.part(0, 0.5, 1))
    rng = np.random.default_rng(seed)
    errors = np.flatnonzero(said != images.labels[images.test])
    among = errors if len(errors) else np.arange(len(said))
    queries = rng.permutation(among)[:QUERIES]
    samples = rng.permutation(len(rows))[: section.left_out]
    correlation = leave_one_out(
        head, tested[queries], said[queries], samples, progress=progress.part(0.5, 1, 1)
    )
    return Part(
        {"head": head.weight.astype(np.float32), "inverse_hessian": head.inverse.astype(np.float32)},
        {
            "l2": head.l2,
            "gradient": head.gradient,
            "agreement": float((predicted(head, tested) == said).mean()),
            "leave_one_out": None if np.isnan(correlation) else correlation,
            "left_out": len(samples),
            "queries": len(queries),
        },
    )
