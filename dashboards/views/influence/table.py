"""Training images that speak for an answer and against it: who they are, in words, and one tile each."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.population import Population
from dashboards.data.training_images import TrainingImages
from dashboards.kit.elements import Box, Button, Icon, Shelf, Shelves, quiet, text
from dashboards.kit.pictures import Thumbnail
from dashboards.theme import class_color
from deepvid import wording
from deepvid.network.training_images import alone, asked_alone, together

COUNT = 12  # of each side
ALONE = 100  # queries that are asked one by one
LONGEST = 11  # letters of a class under a tile
FLAG = "M4 14.5V2 M4 2.8h8.5l-2.2 3 2.2 3H4"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

MEASURES: Mapping[str, tuple[str, str, str]] = {
    "influence": (
        "Influence",
        "What leaving the image out would take from the answer, to first order",
        "nats",
    ),
    "tracin": ("TracIn", "What training steps on the image gave the answer, at the snapshots kept", "nats"),
    "representer": ("Representer", "The image's share of the answer's logit", "logits"),
    "similarity": (
        "Similarity",
        "Half of 1 + cosine of the teacher's features; against, where the class is another",
        "",
    ),
}
"""Name -> (what a person reads, what it is, its unit)."""


class Named(NamedTuple):
    """Whom queries name first, each asked alone."""

    asked: int
    different: int
    most: int  # sample that is named most often
    times: int


class Found(NamedTuple):
    """The strongest training images of both sides, by their place among the training images."""

    towards: np.ndarray
    against: np.ndarray
    score: np.ndarray  # f64 (training,)


def found(asked: TrainingImages, measure: str, samples: np.ndarray) -> Found:
    """Those that speak for what the teacher says of `samples`, and those against it; nobody for itself."""
    score = together(asked.terms(measure, samples))
    (others,) = np.nonzero(~np.isin(asked.sample, samples))
    count = min(COUNT, len(others))
    least, most = others, others
    if count < len(others):
        least, most = (others[np.argpartition(side * score[others], count - 1)[:count]] for side in (1, -1))
    towards = most[np.lexsort((most, -score[most]))]
    against = least[np.lexsort((least, score[least]))]
    return Found(towards[score[towards] > 0], against[score[against] < 0], score)


def named(asked: TrainingImages, measure: str, samples: np.ndarray) -> Named:
    """Slow: some tenths of a second."""
    terms = asked.terms(measure, samples)
    queries = asked_alone(terms, ALONE)
    score = np.where(asked.sample == samples[queries][:, None], -np.inf, alone(terms, queries))
    first, times = np.unique(score.argmax(axis=1), return_counts=True)
    most = int(times.argmax())
    return Named(len(queries), len(first), int(asked.sample[first[most]]), int(times[most]))


def shelves(
    table: Population,
    asked: TrainingImages,
    strong: Found,
    said: np.ndarray,
    unit: str,
    marked: frozenset[int],
) -> Shelves:
    """Both sides; `said` is what the teacher says of who asks, `marked` are taken for mislabelled."""
    scale, in_unit = _scale(strong, unit)
    answer = table.class_names[said[0]] if len(set(said.tolist())) == 1 else "what the teacher says"

    shown = np.concatenate([strong.towards, strong.against])
    tiles = _tiles(table, asked, shown, strong.score * scale, in_unit, marked)
    towards, against = tiles[: len(strong.towards)], tiles[len(strong.towards) :]
    frame = "frame: true class · corner: what the teacher says, if another"
    how = (frame, *([f"values in {in_unit}"] if in_unit else []))
    return Shelves(
        (
            Shelf(f"Speak for {answer}", towards, how, "No training image speaks for it."),
            Shelf(f"Speak against {answer}", against, (), "No training image speaks against it."),
        )
    )


def notes(told: Mapping[str, Any], measure: str, who: Named | None) -> list[str]:
    """How far the measure can be trusted in this run, and whether it names the same images to everybody."""
    return [*filter(None, (_fitted(told), _trusted(told, measure), "" if who is None else _hub(who)))]


def _fitted(told: Mapping[str, Any]) -> str:
    """Whose training images they are not."""
    if "among" not in told:
        return ""
    return "Asked are all images of this run: which ones the model was trained with, it does not say."


def _trusted(told: Mapping[str, Any], measure: str) -> str:
    fitted, firsts = told.get("influence"), told.get("firsts")
    if measure == "influence" and fitted is not None:
        if (known := fitted["leave_one_out"]) is None:
            return ""
        left = f"leaving out each of {fitted['left_out']}"
        return (
            f"Rank correlation with what {left} does: {_share(known)} (chance 0). It moves the last layer's "
            "boundary, and repairs nothing: others pay."
        )
    if measure == "tracin":
        over = f"Over {wording.quantity(len(told['snapshots']), 'snapshot')}."
        if not firsts:
            return over
        same = " It names the same ones to everybody." if 2 * firsts["tracin"] < firsts["influence"] else ""
        return (
            f"{over} {firsts['queries']} test images name {firsts['tracin']} different training images first "
            f"by TracIn, {firsts['influence']} by influence.{same}"
        )
    if measure == "representer" and fitted is not None:
        agrees = wording.percent(fitted["agreement"])
        return f"Shares of the last layer fitted again, which agrees with the teacher on {agrees}."
    return "Near in the teacher's features, which need not have pushed anything." * (measure == "similarity")


def _hub(who: Named) -> str:
    return (
        f"Asked one by one, {who.times} of {wording.quantity(who.asked, 'image')} name #{who.most} first; "
        f"{who.different} different {'one is' if who.different == 1 else 'ones are'} named first."
    )


def _share(value: float) -> str:
    """ ".999", and never 1 of what is less."""
    text = wording.bare(value, 3)
    return "> .999" if text == "1.000" and value < 1 else text


def _scale(strong: Found, unit: str) -> tuple[float, str]:
    """By what values are multiplied to have one to three digits before the point, and the unit then."""
    shown = np.abs(strong.score[np.concatenate([strong.towards, strong.against])])
    largest = float(shown.max()) if len(shown) else 0.0
    if not unit or largest >= 1 or largest == 0:
        return 1.0, unit
    power = int(3 * np.ceil(-np.log10(largest) / 3))
    return 10.0**power, f"10{str(-power).translate(SUPERSCRIPTS)} {unit}"


def _tiles(
    table: Population,
    asked: TrainingImages,
    chosen: np.ndarray,
    score: np.ndarray,
    unit: str,
    marked: frozenset[int],
) -> tuple[Box, ...]:
    names, short = table.class_names, shortened(table.class_names, LONGEST)
    samples = asked.sample[chosen]
    files = table.files.of(samples) if table.files and len(samples) else [""] * len(samples)
    tiles: list[Box] = []
    for place, sample, file, image in zip(
        chosen.tolist(), samples.tolist(), files, table.images_of(samples), strict=True
    ):
        label, predicted = int(asked.label[place]), int(asked.predicted[place])
        facts = f"training image #{sample} · true {names[label]} · the teacher says {names[predicted]}"
        hint, value = "\n".join(filter(None, (facts, file))), _signed(float(score[place]))
        corner = "" if predicted == label else class_color(predicted)
        picture = Button(
            (
                Thumbnail(
                    image.tobytes(), image.shape, class_color(label), corner, words=file * table.textual
                ),
            ),
            "study",
            sample,
            hover=sample,
            look="picture",
            hint=hint,
            label=f"{facts} · {value} {unit}".strip(),
        )
        words = text(short[label], look="name", hint=hint), quiet(value, look="value")
        tiles.append(
            Box((picture, _flag(sample, sample in marked), *words), look="tile", data={"sample": sample})
        )
    return tuple(tiles)


def _flag(sample: int, marked: bool) -> Button:
    offer = f"Mark #{sample} as mislabelled"
    hint = f"#{sample} is marked as mislabelled: unmark it" if marked else offer
    return Button((Icon(FLAG),), "mark", sample, pressed=marked, look="flag", hint=hint, label=offer)


def _signed(value: float) -> str:
    """Three digits: "+1.23", "−12.3"."""
    digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return wording.change(value, digits)
