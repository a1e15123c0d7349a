"""The stage of what would change the teacher's mind: distances to another answer, and strips of errors.

Strips are also shown to another teacher, of the same settings and another seed: does it change its mind, too?
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float

from deepvid import config, fields, models, training
from deepvid.config import experiment_from, names
from deepvid.errors import DivergedError
from deepvid.models import Classifier, LayeredClassifier
from deepvid.network.ablation import work_of
from deepvid.network.adversarial_distance import adversarial_distances
from deepvid.network.counterfactual_strip import FRAMES, CounterfactualStrip, counterfactual_strips
from deepvid.network.layers import PIXELS
from deepvid.network.spaces import SPACES, Latents, spaces_with
from deepvid.pipeline.looked_into import stage_inside
from deepvid.pipeline.stage import GroupStage, Images, Result, StageContext, load_images
from deepvid.progress import SILENT, Progress
from deepvid.store import dataset_of
from deepvid.training.batches import in_batches

What = Literal["flips", "strips"]

FLIPPED: tuple[names.Space, ...] = ("latent", "pixel")  # spaces of distances
MOST_WORK = 2e12  # multiplications of all distances, and again of all strips: some minutes on a core or two
MOST_PIXELS: dict[What, int] = {"flips": 2**22, "strips": 2**19}  # of all images that are changed
PASSES: dict[What, int] = {"flips": 90, "strips": 400}  # through the network, about, of one in all spaces
WORDS: dict[What, str] = {"flips": "distances to another answer", "strips": "strips of errors"}
MEASURED, DRAWN = 0.35, 0.65  # how far it is when distances are measured, and strips drawn
TOGETHER = 16  # strips between two reports
RIVAL_EPOCHS, RIVAL_IMAGES, RIVAL_PIXELS, RIVAL_WORK = 2, 8_000, 2**25, 2e12
"""Of the brief training of another teacher: at most so many images, pixels of them and multiplications."""
BATCH = 200  # frames that the other teacher is asked about at once

Arrays = dict[str, np.ndarray]


class CounterfactualRows(NamedTuple):
    """Rows among the test images."""

    rows: np.ndarray  # in rising order of their margin
    errors: np.ndarray  # those of them whose strips are kept


def counterfactuals_stage(section: config.Counterfactuals, *, seed: int, vae: bool = False) -> GroupStage:
    """With a `vae`, which the run is to have, images are changed in its latents, too."""

    def work(context: StageContext) -> Result:
        images, network = load_images(context), context.trained.network
        latents = context.trained.latents if vae else None
        text = f"{section.flips:,} distances to another answer, {section.strips:,} strips of errors at most"
        context.progress.foretell(text, size=stored_bytes(network, images, section))
        for text in cuts(network, images, section):
            context.progress.note(text)
        arrays, told = find_counterfactuals(context, latents, images, section, seed=seed)
        arrays["sample"] = images.test_samples
        return Result(dataset_of(fields.COUNTERFACTUALS, arrays, {"changes": told, "vae": vae}), {})

    return stage_inside(section, work, seed=seed, needs=("vae",) if vae else ())


def affordable(
    what: What, network: LayeredClassifier, images: Images, section: config.Counterfactuals
) -> int:
    """How many distances are measured, or strips drawn: of large images and large networks fewer."""
    pixels = MOST_PIXELS[what] // int(np.prod(images.shape))
    work = int(MOST_WORK / (PASSES[what] * work_of(network, PIXELS)))
    wanted: int = getattr(section, what)
    return min(wanted, max(1, min(pixels, work)))


def choose_rows(
    images: Images, logits: np.ndarray, flips: int, strips: int, *, seed: int
) -> CounterfactualRows:
    """Half of `flips` are errors where there are as many; `logits` (sample, class) of test images."""
    wrong = logits.argmax(axis=1) != images.labels[images.test]
    random = np.random.default_rng(seed)
    errors, right = (random.permutation(np.flatnonzero(kind)) for kind in (wrong, ~wrong))
    some = errors[: max(flips // 2, flips - len(right))]
    asked = np.concatenate([some, right[: flips - len(some)]])
    second, first = np.partition(logits[asked], -2, axis=1)[:, -2:].T
    return CounterfactualRows(asked[np.argsort(first - second)], some[:strips])


def find_counterfactuals(
    context: StageContext,
    latents: Latents | None,
    images: Images,
    section: config.Counterfactuals,
    *,
    seed: int,
) -> tuple[Arrays, dict[str, Any] | None]:
    """Through the latents where there are some; nothing of a teacher of one class."""
    network = context.trained.network
    logits = context.open("teacher", "logits")["logits"].to_numpy()[images.test]
    if logits.shape[1] < 2 or not section.flips:
        return {}, None
    most = [affordable(what, network, images, section) for what in WORDS]
    rows = choose_rows(images, logits, *most, seed=seed)
    spaces = tuple(name for name in FLIPPED if name in spaces_with(latents))
    test = np.flatnonzero(images.test)
    distance = np.full((len(spaces), len(test)), np.nan, np.float32)
    flipped = np.full((len(spaces), len(test)), -1, np.int16)
    for number, space in enumerate(spaces):
        part = context.progress.part(0, MEASURED, 1).part(number, number + 1, len(spaces))
        found = adversarial_distances(network, latents, space, images.image[test[rows.rows]], progress=part)
        distance[number, rows.rows], flipped[number, rows.rows] = found
    told: dict[str, Any] = {"spaces": list(spaces), "asked": len(rows.rows), "transfer": None}
    arrays: Arrays = {"flip_distance": distance, "flip_class": flipped}
    if len(rows.errors):
        kept, more = _strips(context, latents, images, rows.errors, seed)
        return arrays | kept, told | more
    return arrays, told


def stored_bytes(network: LayeredClassifier, images: Images, section: config.Counterfactuals) -> int:
    """About what it takes in the store."""
    kept = affordable("strips", network, images, section)
    of_strip = len(SPACES) * FRAMES * 2 * int(np.prod(images.shape))
    return 12 * int(np.count_nonzero(images.test)) + kept * of_strip


def cuts(network: LayeredClassifier, images: Images, section: config.Counterfactuals) -> Iterator[str]:
    """Says what is left out of large images, or of a large network."""
    for what, words in WORDS.items():
        most, wanted = affordable(what, network, images, section), getattr(section, what)
        if most < wanted:
            yield f"{most:,} of {wanted:,} {words}: more would take too long (counterfactuals.{what})"


def _strips(
    context: StageContext, latents: Latents | None, images: Images, errors: np.ndarray, seed: int
) -> tuple[Arrays, dict[str, Any]]:
    """Towards the true class of each error, and what another teacher says of their frames."""
    network, progress = context.trained.network, context.progress
    samples = images.test_samples[errors]
    image, target = images.image[samples], images.labels[samples]
    ways = spaces_with(latents)
    found: dict[names.Space, CounterfactualStrip] = {}
    for number, way in enumerate(ways):
        part = progress.part(MEASURED, DRAWN, 1).part(number, number + 1, len(ways))
        found[way] = _in_turn(network, latents, way, image, target, part)
    shared = transfer(context, images, found, target, seed=seed, progress=progress.part(DRAWN, 1, 1))
    told = {"ways": list(ways), "transfer": shared}
    pictures = np.stack([found[way].picture for way in ways], axis=1)
    difference = pictures - (image.astype(np.float32) / 255)[:, None, None]
    arrays = {
        "strip_sample": samples,
        "strip_difference": difference.astype(np.float16),
        "strip_logits": np.stack([found[way].logits for way in ways], axis=1).astype(np.float32),
    }
    return arrays, told


def _in_turn(
    network: LayeredClassifier,
    latents: Latents | None,
    way: names.Space,
    image: np.ndarray,
    target: np.ndarray,
    progress: Progress,
) -> CounterfactualStrip:
    parts = []
    for begin in range(0, len(image), TOGETHER):
        progress.update(begin, len(image), f"strips in {names.SPACES[way]}")
        some = slice(begin, begin + TOGETHER)
        parts.append(counterfactual_strips(network, latents, way, image[some], target[some]))
    return CounterfactualStrip(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def transfer(
    context: StageContext,
    images: Images,
    found: Mapping[names.Space, CounterfactualStrip],
    target: np.ndarray,
    *,
    seed: int,
    progress: Progress,
) -> dict[str, Any] | None:
    """How often one like the teacher agrees with the strips, by the space they were drawn in; None where it
    did not learn.
    """
    try:
        rival = _transfer_teacher(context, images, seed, progress)
    except DivergedError:
        return None
    tested = training.predict(rival, images.image[images.test]).logits.argmax(axis=1)
    return {
        "accuracy": float((tested == images.labels[images.test]).mean()),
        "epochs": RIVAL_EPOCHS,
        "ways": {way: _shared(rival, strip, target) for way, strip in found.items()},
    }


def _transfer_teacher(context: StageContext, images: Images, seed: int, progress: Progress) -> Classifier:
    section = experiment_from(context.run.config).teacher
    assert isinstance(section, config.Teacher)  # the stage is of no other
    work = int(
        RIVAL_WORK / (RIVAL_EPOCHS * 3 * work_of(context.trained.network, PIXELS))
    )  # a step is about three passes
    most = max(section.batch, min(RIVAL_IMAGES, RIVAL_PIXELS // int(np.prod(images.shape)), work))
    chosen = np.random.default_rng(seed + 1).permutation(np.flatnonzero(~images.test))[:most]
    rows = np.concatenate([chosen, images.test_samples[:1]])
    *_, last = training.train_teacher(
        section.replaced(epochs=RIVAL_EPOCHS),
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
