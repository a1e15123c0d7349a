"""A strip in words and numbers: what each frame is, where the answer changes, and whom it would convince."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.population import Population
from dashboards.data.predictions import Link, softmax
from dashboards.theme import class_color
from deepvid import wording
from deepvid.config.names import SPACES
from deepvid.statistics import wilson

LEVELS = 127
LONGEST = 12  # letters of a class
AWAY = "away"  # in the place of a class
TOLERANCE = 0.02  # of what one frame is to add
BEYOND = 2.0  # logits by which the target leads at the end

HINTS = {
    "latent": "The image plus what moving its latent changes in its reconstruction",
    "smooth": "Pixels, of which neighbors change together: steps of (I + sΔ)⁻¹ ∇, s = 10",
    "pixel": "Every pixel for itself: speckle, which hardly ever convinces another teacher",
}


class Frame(TypedDict):
    """One picture."""

    answer: str  # the class and its probability
    short: str
    color: str
    target: str  # the target's probability
    change: str  # ‖Δ‖
    hint: str


class Shown(TypedDict):
    """One strip."""

    shape: list[int]  # y, x, channel
    frames: list[Frame]
    flip: int | None  # number of the first frame with another answer
    end: float  # of the colors, in shares of the whole range


NOTHING: Shown = {"shape": [1, 1, 1], "frames": [], "flip": None, "end": 1.0}


class Aim(NamedTuple):
    """What a strip leads to: a class, or None: away from the answer."""

    answer: int
    target: int | None
    why: str  # in a word or two


class Drawn(NamedTuple):
    """What is drawn: pictures uint8 (frame, y, x, channel) and differences int8 (frame, y, x)."""

    shown: Shown
    pictures: bytes
    differences: bytes


def aim(table: Population, row: int, asked: str) -> Aim:
    """The class that is asked for; else the true one of an error, the runner-up of a right answer."""
    assert table.predictions is not None
    logits = table.predictions.logits[int(table.predictions.source[row])].to_numpy()
    answer, true = int(logits.argmax()), int(table.label[row])
    if asked == AWAY:
        return Aim(answer, None, "")
    if asked.isdecimal() and len(asked) < 6 and int(asked) < table.class_count and int(asked) != answer:
        target = int(asked)
        return Aim(answer, target, "its true class" if target == true and table.labeled else "")
    if table.labeled and answer != true:
        return Aim(answer, true, "its true class")
    return Aim(answer, int(np.argsort(logits)[-2]), "its runner-up")


def aims(table: Population, chosen: Aim) -> list[list[str]]:
    """[value, text] of everything a strip may lead to."""
    away = [AWAY, f"away from {table.class_names[chosen.answer]}"]
    others = [
        [str(index), f"towards {name}"]
        for index, name in enumerate(table.class_names)
        if index != chosen.answer
    ]
    return [*others, away]


def drawn(
    image: np.ndarray,
    difference: np.ndarray,
    logits: np.ndarray,
    names: Sequence[str],
    chosen: Aim,
    link: Link = softmax,
) -> Drawn:
    """`image` is uint8 (y, x, channel). One scale of colors for all frames: that of the largest change."""
    pictures = np.clip(np.rint(image + 255 * difference.astype(np.float32)), 0, 255).astype(np.uint8)
    means = difference.astype(np.float32).mean(axis=-1)
    end = float(np.abs(means).max()) or 1.0
    answers = logits.argmax(axis=1)
    turned = np.flatnonzero(answers != chosen.answer)
    short = shortened(tuple(names), LONGEST)
    lengths = np.sqrt((difference.astype(np.float64) ** 2).reshape(len(difference), -1).sum(axis=1))
    shown: Shown = {
        "shape": list(image.shape),
        "frames": [
            _frame(logits[number], link(logits[number]), names, short, chosen, float(lengths[number]))
            for number in range(len(logits))
        ],
        "flip": int(turned[0]) if len(turned) else None,
        "end": end,
    }
    levels = np.rint(means / end * LEVELS).astype(np.int8)
    return Drawn(shown, pictures.tobytes(), levels.tobytes())


def sentence(shown: Shown, names: Sequence[str], chosen: Aim, sample: int, space: str) -> str:
    """Where it leads and where the answer changes."""
    why = f", {chosen.why}," if chosen.why else ""
    way = (
        f"away from {names[chosen.answer]}"
        if chosen.target is None
        else f"towards {names[chosen.target]}{why}"
    )
    flip = shown["flip"]
    if flip is None:
        found = "the answer does not change"
    else:
        before, after = (shown["frames"][number]["change"] for number in (flip - 1, flip))
        found = f"the answer changes between ‖Δ‖ {before} and {after}"
    return f"#{sample} {way} in {SPACES[space]}: {found}"


def notes(logits: np.ndarray, chosen: Aim) -> list[str]:
    """How even the frames are."""
    evidence = evidence_of(logits, chosen)
    goals = np.linspace(evidence[0], max(BEYOND, evidence[0] + BEYOND), len(evidence))
    apart = goals[1] - goals[0]
    short = np.flatnonzero(goals - evidence > TOLERANCE * apart)
    what = "the best other class" if chosen.target is None else "the target"
    told = f"Each frame adds {apart:.2f} logits of evidence: {what} less the answer"
    if len(short):
        return [f"{told}; from frame {short[0] + 1} on the way adds no more"]
    return [told]


def evidence_of(logits: np.ndarray, chosen: Aim) -> np.ndarray:
    """Logit of the target, or of the best other class, less that of the answer: (frame,)."""
    others = np.delete(logits, chosen.answer, axis=1).max(axis=1)
    aimed = others if chosen.target is None else logits[:, chosen.target]
    return np.asarray(aimed - logits[:, chosen.answer])


def transfer(told: Mapping[str, Any] | None, space: str) -> list[str]:
    """[sentence, hint]: how often a teacher of another seed agreed with such strips."""
    found = (told or {}).get("transfer")
    if not found or space not in found["ways"]:
        return ["Whether another teacher agrees was not measured.", "Look into the run: deepvid network RUN"]
    own, ways = found["ways"][space], found["ways"]
    flips, ends = (_share(own[f"{what}_followed"], own[what]) for what in ("flips", "ends"))
    others = ", ".join(
        f"{SPACES[way]} {wording.share(each['flips_followed'], each['flips'])}"
        for way, each in ways.items()
        if way != space and each["flips"]
    )
    hint = (
        f"A teacher of the same settings and another seed, {found['epochs']} epochs, right of "
        f"{wording.percent(found['accuracy'])} of all test images. Asked about {own['strips']} errors on "
        f"their way to their true class; of {own['anyway']} it said that anyway, and does not count. 95 % "
        "intervals"
    )
    text = f"Another teacher agrees with {flips} of such flips, and with {ends} where the target leads by 2"
    return [f"{text}{f' ({others})' if others else ''}.", hint]


def _frame(
    logits: np.ndarray,
    probability: np.ndarray,
    names: Sequence[str],
    short: Sequence[str],
    chosen: Aim,
    length: float,
) -> Frame:
    answer = int(logits.argmax())
    certain = wording.probability(float(probability[answer]))
    aimed = None if chosen.target is None else float(probability[chosen.target])
    told = "" if aimed is None else f", {names[chosen.target or 0]} {wording.probability(aimed)}"
    return {
        "answer": certain,
        "short": short[answer],
        "color": class_color(answer),
        "target": "" if aimed is None or answer == chosen.target else wording.probability(aimed),
        "change": wording.bare(length) if length >= 0.005 else "0",
        "hint": f"{names[answer]} {certain}{told}; ‖Δ‖ {length:.3f}",
    }


def _share(part: int, whole: int) -> str:
    if not whole:
        return "none"
    return wording.percent_interval(wilson(part, whole))
