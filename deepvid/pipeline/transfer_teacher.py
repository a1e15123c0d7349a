"""Whether what changes one teacher's mind changes another's: one of the same settings and another seed."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float

from deepvid import config, models, training
from deepvid.config import experiment_from, names
from deepvid.errors import DivergedError
from deepvid.models import Classifier, LayeredClassifier
from deepvid.network.ablation import work_of
from deepvid.network.counterfactual_strip import CounterfactualStrip
from deepvid.network.layers import PIXELS
from deepvid.pipeline.images import Images
from deepvid.pipeline.stage import StageContext
from deepvid.progress import SILENT, Progress
from deepvid.training.batches import in_batches

EPOCHS, MOST_IMAGES, MOST_PIXELS, MOST_WORK = 2, 8_000, 2**25, 2e12
"""Of its training, which is brief: so many images, pixels of them and multiplications at most."""
BATCH = 200


def transfer(
    context: StageContext,
    network: LayeredClassifier,
    images: Images,
    found: Mapping[names.Space, CounterfactualStrip],
    target: np.ndarray,
    *,
    seed: int,
    progress: Progress,
) -> dict[str, Any] | None:
    """How often one like the `network` agrees with the strips, by the space they were drawn in; None where it
    did not learn.
    """
    try:
        rival = _transfer_teacher(context, network, images, seed, progress)
    except DivergedError:
        return None
    tested = training.predict(rival, images.image[images.test]).logits.argmax(axis=1)
    return {
        "accuracy": float((tested == images.labels[images.test]).mean()),
        "epochs": EPOCHS,
        "ways": {way: _shared(rival, strip, target) for way, strip in found.items()},
    }


def _transfer_teacher(
    context: StageContext, network: LayeredClassifier, images: Images, seed: int, progress: Progress
) -> Classifier:
    section = experiment_from(context.run.config).teacher
    assert isinstance(section, config.Teacher)  # the stage is of no other
    work = int(MOST_WORK / (EPOCHS * 3 * work_of(network, PIXELS)))  # a step is about three passes
    most = max(section.batch, min(MOST_IMAGES, MOST_PIXELS // int(np.prod(images.shape)), work))
    chosen = np.random.default_rng(seed + 1).permutation(np.flatnonzero(~images.test))[:most]
    rows = np.concatenate([chosen, images.test_samples[:1]])
    *_, last = training.train_teacher(
        section.replaced(epochs=EPOCHS),
        images.image[rows],
        images.labels[rows],
        images.test[rows],
        images.class_names,
        seed=seed + 1,
        progress=progress,
    )
    return models.restore(
        section.network, image_shape=images.shape, class_names=images.class_names, vector=last.parameters
    )


def _shared(rival: Classifier, strip: CounterfactualStrip, target: np.ndarray) -> dict[str, int]:
    """Of strips whose image it does not take for the target anyway: flips, and ends, that it follows."""
    frames = strip.logits.shape[1]
    # not as bytes: a flip is smaller than what they round away
    pictures = strip.picture.reshape(-1, *strip.picture.shape[2:])
    logits = in_batches(_logits, rival, pictures, size=BATCH, progress=SILENT)
    follows = logits.argmax(axis=1).reshape(-1, frames) == target[:, None]
    turned = strip.logits.argmax(axis=2) == target[:, None]
    asked = ~follows[:, 0]
    flips, ends = asked & turned.any(axis=1), asked & turned[:, -1]
    at_flip = follows[np.arange(len(follows)), turned.argmax(axis=1)]
    return {
        "strips": len(follows),
        "anyway": int((~asked).sum()),
        "flips": int(flips.sum()),
        "flips_followed": int((flips & at_flip).sum()),
        "ends": int(ends.sum()),
        "ends_followed": int((ends & follows[:, -1]).sum()),
    }


@jax.jit
def _logits(
    classifier: Classifier, images: Float[Array, "sample y x channel"]
) -> Float[Array, "sample class"]:
    return classifier.logits(images)
