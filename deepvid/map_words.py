"""Sentences about one map on one image: whether it holds, how that is known, and how much it carries."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from deepvid.faithfulness import places_of_explainers
from deepvid.trust import MapEvidence, MapVerdict
from deepvid.wording import change, enumeration, percent

WORDS: Mapping[str, tuple[str, str]] = {
    "student": ("Student", "weights × (image − its neighbors’ mean)"),
    "student_times_input": ("Student × input", "weights × image"),
    "neighborhood_gradient": ("Neighbors’ gradient", "teacher’s mean there, × image"),
    "gradient": ("Gradient × input", "teacher’s, at this image"),
    "integrated_gradients": ("Integrated gradients", "teacher’s, on paths to the image"),
    "expected_gradients": ("Expected gradients", "teacher’s, on paths from training images"),
    "smoothgrad": ("SmoothGrad × input", "teacher’s, averaged over noise"),
    "cam": ("CAM", "last activations × weights"),
    "gradcam": ("Grad-CAM", "last activations × mean gradients"),
    "hirescam": ("HiResCAM", "last activations × their gradients"),
    "gradcam_plus_plus": ("Grad-CAM++", "activations × weighted gradients"),
    "score_cam": ("Score-CAM", "last activations × their score"),
    "occlusion": ("Occlusion", "what a mean-color patch takes away"),
    "places": ("Student of places", "what goes when a place goes"),
    "pixels_and_places": ("Pixels + places", "student of values and of places"),
    "rise": ("RISE", "what parts add that are there at random"),
    "lime_grid": ("LIME, squares", "linear model of squares left out"),
    "lime_quickshift": ("LIME, superpixels", "linear model of superpixels left out"),
    "random": ("Random", "noise, a control"),
    "image": ("Image itself", "ink, a control"),
}
"""Name -> (title, what it is): short enough for two lines below a small picture."""

FAMILIES: tuple[frozenset[str], ...] = (
    frozenset({"student", "student_times_input", "neighborhood_gradient"}),
    frozenset({"places", "pixels_and_places"}),
    frozenset({"cam", "gradcam", "hirescam", "gradcam_plus_plus", "score_cam"}),
)
"""Methods whose maps of one image hardly differ: the best of a family stands for it."""

COMPLETE: Mapping[str, str] = {
    "integrated_gradients": "at the start of its paths",
    "expected_gradients": "at the training images that its paths begin at",
}
"""Methods whose pixels sum to the difference between the answers to the image and to another, and where."""

LEAST = 0.05  # logits: less is no difference of which shares can be told
LARGE = 99.95  # logits, from which on digits behind the point say nothing
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_RANKS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


class MapFacts(NamedTuple):
    """One map on one image, as the judges found it; nan of a judge that was not asked."""

    verdict: MapVerdict
    disputed: bool  # it holds by one judge and does not by the other
    lost: float  # logits beyond the same map laid elsewhere, by flat colors
    chance: float  # what these exceed in 2.5 % of cases
    infill_lost: float  # by an autoencoder that fills in what is absent
    infill_chance: float
    rank: int  # 1: worth the most of the maps that were judged; 0: it was not, or can explain nothing
    of: int  # maps that were judged

    @property
    def both(self) -> bool:
        """Whether two judges were asked."""
        return not math.isnan(self.infill_lost)

    @property
    def worth(self) -> float:
        """The mean over the judges that were asked."""
        return (self.lost + self.infill_lost) / 2 if self.both else self.lost


def facts_of_maps(methods: Sequence[str], evidence: MapEvidence) -> list[MapFacts]:
    """Of each method, by its evidence (entries of shape (method,))."""
    explainers = places_of_explainers(methods)
    verdicts, disputed = evidence.verdicts(len(explainers)), evidence.disputed(len(explainers))
    judged = [place for place in explainers if not np.isnan(evidence.worth[place])]
    ranked = sorted(judged, key=lambda place: -float(evidence.worth[place]))
    return [
        MapFacts(
            MapVerdict(int(verdicts[place])),
            bool(disputed[place]),
            lost=float(evidence.lost[place]),
            chance=float(evidence.chance[place]),
            infill_lost=float(evidence.infill_lost[place]),
            infill_chance=float(evidence.infill_chance[place]),
            rank=ranked.index(place) + 1 if place in ranked else 0,
            of=len(ranked),
        )
        for place in range(len(methods))
    ]


def trust_sentence(facts: MapFacts) -> str:
    """Whether the map looked at can be believed on this image; it begins with the verdict and a colon."""
    if facts.verdict is MapVerdict.UNKNOWN:
        return "Not measured here: how much its strongest pixels matter to the teacher is not known."
    place = _place(facts)
    if facts.disputed:
        return (
            f"The judges disagree: {logits(facts.lost)} by flat colors, {logits(facts.infill_lost)} by the "
            f"autoencoder, {place}."
        )
    this = "This" if facts.both else "By the one judge asked this"
    worth = f"{logits(facts.worth)} beyond chance" + (" by the mean of both judges" if facts.both else "")
    if facts.verdict is MapVerdict.HOLDS:
        return f"{this} map holds here: {worth}, {place}."
    if facts.verdict is MapVerdict.PARTLY:
        luck = f"{'each of them ' if facts.both else ''}beyond the luckiest of {count(facts.of)} maps"
        return f"{this} map holds in part: {worth}, but not {luck}; {place}."
    reach = max(facts.chance, facts.infill_chance) if facts.both else facts.chance
    return f"{this} map does not hold here: {worth}, and luck alone reaches {logits(reach)}; {place}."


def _place(facts: MapFacts) -> str:
    """ "first of five on this image"."""
    if not facts.rank:
        return "a control"
    rank = _RANKS[facts.rank - 1] if facts.rank <= len(_RANKS) else f"number {facts.rank}"
    return f"{rank} of {count(facts.of)} on this image" if facts.of > 1 else "the only map on this image"


def evidence_sentences(facts: MapFacts) -> tuple[str, ...]:
    """How it is known that a map holds or does not, by each judge that was asked."""
    if facts.verdict is MapVerdict.UNKNOWN:
        return ()
    judges = [("flat colors in place of", facts.lost, facts.chance)]
    if facts.both:
        judges.append(("the autoencoder filling in", facts.infill_lost, facts.infill_chance))
    return (
        "Its strongest tenth of pixels is taken away, and so is that of the same map laid elsewhere on the "
        "image, which means nothing. The answer must lose more without the first.",
        *(
            f"With {how} what is absent: {logits(lost)} more than elsewhere; luck reaches "
            f"{logits(chance)} in one of forty cases."
            for how, lost, chance in judges
        ),
        f"It holds if it loses more than the luckiest of {count(facts.of)} maps without meaning would, in "
        "part if more than one such map.",
    )


def share_sentence(
    method: str, pixels: float, difference: float, classes: tuple[str, str], base: float | None = None
) -> str:
    """How much of the difference between two classes' logits a map carries; empty where it is not a sum.

    `pixels` is the sum of the map and `difference` that of the teacher. `base` is, of a student's picture,
    what the student answers to the mean of its neighbors.
    """
    first, second = classes
    if base is not None:
        whole = pixels + base
        of_base = "what its neighbors share"
        if whole < LEAST:
            return (
                f"It carries little: by the student this image is no {first} ({logits(whole)} against "
                f"{second}), while the teacher says {logits(difference)}."
            )
        if pixels < 0:
            return (
                f"Its pixels speak against {first} ({logits(pixels)}): all of the difference is {of_base}, "
                f"{logits(base)}."
            )
        if base < 0:
            return (
                f"These pixels make all of the difference, {logits(pixels)}; {of_base} speaks for {second}."
            )
        return (
            f"{percent(base, whole)} of the difference is {of_base}; these pixels add "
            f"{100 - round(100 * base / whole)} %."
        )
    if method not in COMPLETE or abs(difference) < LEAST:
        return ""
    share = pixels / difference
    if not 0 <= share <= 1:
        return f"These pixels sum to {logits(pixels)}, the difference is {logits(difference)}."
    rest = 100 - round(100 * share)
    there = f"; {rest} % is there already {COMPLETE[method]}" if rest else ""
    return f"These pixels sum to {percent(share)} of the difference{there}."


def representatives(methods: Sequence[str], worth: Sequence[float]) -> list[int]:
    """Places of those to show, the one that is worth the most first: of each family its best, and no control.

    What was not judged (nan) comes last, in its order.
    """
    merit = [-math.inf if math.isnan(value) else value for value in worth]
    shown: list[int] = []
    for place in sorted(places_of_explainers(methods), key=lambda place: -merit[place]):
        family = next((one for one in FAMILIES if methods[place] in one), {methods[place]})
        if not any(methods[other] in family for other in shown):
            shown.append(place)
    return shown


def tried_sentence(causes: Sequence[str], lacks: Sequence[str], maps: int) -> str:
    """Everything looked for where every cause and every map fails: causes with their strengths, as "label
    doubt .40", causes that could not be looked for, and how many maps were judged.
    """
    parts = []
    if causes:
        parts.append(f"causes looked for, of 1 needed: {enumeration(causes)}")
    if maps:
        parts.append(f"{count(maps)} {'map' if maps == 1 else 'maps'} judged, none beyond chance")
    said = f"{'; '.join(parts)}.".capitalize() if parts else "Nothing was looked for."
    return " ".join([said, *(f"{one}." for one in lacks)])


def logits(value: float) -> str:
    """ "+5.0 logits"."""
    digits = 0 if abs(value) >= LARGE else 1 if abs(value) >= 0.95 else 2
    return f"{change(value, digits)} logits"


def count(number: int) -> str:
    """ "five", and digits of more than ten."""
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def in_words(name: str, label: str) -> tuple[str, str]:
    """Title and description; a method that is not ours has its own label."""
    return WORDS.get(name, (label, ""))


def title(name: str) -> str:
    """A method's title alone."""
    return in_words(name, name)[0]
