"""The stage of what would change the teacher's mind: distances to another answer, and strips of errors."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import numpy as np

from deepvid import config, fields
from deepvid.config import names
from deepvid.models import LayeredClassifier
from deepvid.network.ablation import work_of
from deepvid.network.adversarial_distance import adversarial_distances
from deepvid.network.counterfactual_strip import FRAMES, CounterfactualStrip, counterfactual_strips
from deepvid.network.layers import PIXELS
from deepvid.network.spaces import SPACES, Latents, spaces_with
from deepvid.pipeline.group import GroupStage, Result
from deepvid.pipeline.images import Images, load_images
from deepvid.pipeline.looked_into import stage_inside
from deepvid.pipeline.stage import StageContext
from deepvid.pipeline.transfer_teacher import transfer
from deepvid.progress import Progress
from deepvid.store import dataset_of

What = Literal["flips", "strips"]

FLIPPED: tuple[names.Space, ...] = ("latent", "pixel")  # spaces of distances
MOST_WORK = 2e12  # multiplications of all distances, and again of all strips: some minutes on a core or two
MOST_PIXELS: dict[What, int] = {"flips": 2**22, "strips": 2**19}  # of all images that are changed
PASSES: dict[What, int] = {"flips": 90, "strips": 400}  # through the network, about, of one in all spaces
WORDS: dict[What, str] = {"flips": "distances to another answer", "strips": "strips of errors"}
MEASURED, DRAWN = 0.35, 0.65  # how far it is when distances are measured, and strips drawn
TOGETHER = 16  # strips between two reports


Arrays = dict[str, np.ndarray]


class CounterfactualRows(NamedTuple):
    """Rows among the test images."""

    rows: np.ndarray  # in rising order of their margin
    errors: np.ndarray  # those of them whose strips are kept


def counterfactuals_stage(section: config.Counterfactuals, *, seed: int, vae: bool = False) -> GroupStage:
    """With a `vae`, which the run is to have, images are changed in its latents, too."""

    def work(context: StageContext) -> Result:
        images, network, progress = load_images(context), context.trained.network, context.progress
        latents = context.trained.latents if vae else None
        text = f"{section.flips:,} distances to another answer, {section.strips:,} strips of errors at most"
        progress.foretell(text, size=stored_bytes(network, images, section))
        for text in cuts(network, images, section):
            progress.note(text)
        arrays, told = find_counterfactuals(
            context, network, latents, images, section, seed=seed, progress=progress
        )
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
    network: LayeredClassifier,
    latents: Latents | None,
    images: Images,
    section: config.Counterfactuals,
    *,
    seed: int,
    progress: Progress,
) -> tuple[Arrays, dict[str, Any] | None]:
    """Through the latents where there are some; nothing of a teacher of one class."""
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
        part = progress.part(0, MEASURED, 1).part(number, number + 1, len(spaces))
        found = adversarial_distances(network, latents, space, images.image[test[rows.rows]], progress=part)
        distance[number, rows.rows], flipped[number, rows.rows] = found
    told: dict[str, Any] = {"spaces": list(spaces), "asked": len(rows.rows), "transfer": None}
    arrays: Arrays = {"flip_distance": distance, "flip_class": flipped}
    if len(rows.errors):
        kept, more = _strips(context, network, latents, images, rows.errors, seed, progress)
        return arrays | kept, told | more
    return arrays, told


def stored_bytes(network: LayeredClassifier, images: Images, section: config.Counterfactuals) -> int:
    """About what it takes in the store."""
    kept = affordable("strips", network, images, section)
    of_strip = len(SPACES) * FRAMES * 2 * int(np.prod(images.shape))
    return 12 * int(np.count_nonzero(images.test)) + kept * of_strip


def cuts(network: LayeredClassifier, images: Images, section: config.Counterfactuals) -> Iterator[str]:
    """What is left out of large images, or of a large network, in words."""
    for what, words in WORDS.items():
        most, wanted = affordable(what, network, images, section), getattr(section, what)
        if most < wanted:
            yield f"{most:,} of {wanted:,} {words}: more would take too long (counterfactuals.{what})"


def _strips(
    context: StageContext,
    network: LayeredClassifier,
    latents: Latents | None,
    images: Images,
    errors: np.ndarray,
    seed: int,
    progress: Progress,
) -> tuple[Arrays, dict[str, Any]]:
    """Towards the true class of each error, and what another teacher says of their frames."""
    samples = images.test_samples[errors]
    image, target = images.image[samples], images.labels[samples]
    ways = spaces_with(latents)
    found: dict[names.Space, CounterfactualStrip] = {}
    for number, way in enumerate(ways):
        part = progress.part(MEASURED, DRAWN, 1).part(number, number + 1, len(ways))
        found[way] = _in_turn(network, latents, way, image, target, part)
    shared = transfer(context, network, images, found, target, seed=seed, progress=progress.part(DRAWN, 1, 1))
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
