"""How far each image is from another answer: a histogram that selects, and what that is worth."""

from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.aim import space_shown
from dashboards.data.changes import Changes
from dashboards.data.population import Mask, Population
from dashboards.kit.card import Card
from dashboards.kit.charts import Bars, Rule
from dashboards.kit.elements import Box, Choice, Element, column, text
from dashboards.session.gestures import FlipDistance
from dashboards.session.layer_needs import MEASURED
from dashboards.session.modifiers import MapActions, held
from dashboards.session.scene import Scene
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid import wording
from deepvid.statistics import Interval, auroc, auroc_difference

BINS = 30  # up to the distance that few are beyond
FEW = 0.98
MOST = 60  # bins in all
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
KINDS = "right", "wrong"

WORDS = {"latent": "latents", "pixel": "pixels"}
UNITS = {
    "latent": "distance in standard deviations of the latents",
    "pixel": "L2 distance in pixels, of which each is 0 to 1",
}
HINTS = {
    "latent": "The image plus what moving its latent changes in its reconstruction",
    "pixel": "Every pixel for itself, between black and white",
}


class FlipView(Card):
    """Of the images that were measured; what is selected is bright."""

    subject = "Distance to flip"
    needs = MEASURED
    follows: ClassVar = ("run", "version", "facts", "steps", "mask", "focus", "space")
    look = "flip-card"
    help: ClassVar = Help(
        what="How little an image must change until the teacher gives another answer: right images above the "
        "line, wrong ones below it. Dashed are the medians, the bold line is the image under study.",
        use="A drag selects the images of a range on every page; Shift adds, Control takes away. With the "
        "keyboard, arrows go from bar to bar, Shift stretches, Enter selects.",
        beware="It is the shortest way that was found: there may be a shorter one. Through the latents an "
        "image keeps what its autoencoder cannot draw, and moves only as that can. A small distance is no "
        "sign of an error that the margin would not give as well: compare the areas below. Half of the "
        "images are errors where there are as many, which is not their share.",
        source="DeepFool, Moosavi-Dezfooli et al. 2016, with steps of at most .75 logits and bisection along "
        "the way. Areas under ROC curves with DeLong's intervals.",
    )

    def actions(self) -> Actions:
        """`select` images from {low} to {high} in the space {name}; `space` name."""
        return {"select": self._select, "space": self._choose}

    def prepare(self, scene: Scene) -> Element:
        """The distances in the space that is asked for."""
        table = scene.table
        assert table is not None
        assert table.changes is not None
        found = table.changes.changes
        assert found is not None
        shown = distances(table, found, space_shown(scene.space, found.spaces))
        own = of_focus(table, found, shown, scene.row)
        return column(
            _head(sentence(shown, scene.mask), shown.space, found.spaces),
            histogram(shown, scene.mask, own),
            _foot(own, detection(table, shown), verdict(table, shown)),
            text(measured(table, found, shown), tag="p", look="quiet measured"),
        )

    def _choose(self, name: str) -> None:
        with self.session.hold():
            self.session.navigation.space = name

    def _select(self, asked: Any) -> None:
        drawn = FlipDistance(asked["name"], asked["low"], asked["high"])
        MapActions(self.session).brush(drawn, held(asked))


def _head(told: str, space: str, spaces: tuple[str, ...]) -> Box:
    options = tuple((name, WORDS[name], HINTS[name]) for name in spaces)
    choice = Choice("space", options, space, segments=True, label="Where images are changed")
    return Box((text(told, tag="h3"), choice if len(spaces) > 1 else None), look="top")


def _foot(own: "Own | None", areas: "list[Area]", told: str) -> Box:
    parts = [part for area in areas for part in (" · ", text(f"{area.name} {area.text}", hint=area.hint))]
    return Box(
        (
            None if own is None else text(text(own.text, tag="b"), look="own"),
            text("AUC for errors: ", *parts[1:], look="detection") if areas else None,
            text(told, look="verdict") if told else None,
        ),
        look="quiet foot",
    )


class Distances(NamedTuple):
    """Of the rows that were measured in one space."""

    space: str
    edges: np.ndarray  # f64 (bin + 1,): round numbers
    rows: np.ndarray  # int (measured,)
    distance: np.ndarray  # f32 (measured,)
    wrong: np.ndarray  # bool (measured,)


class Own(NamedTuple):
    """Where the image under study is, None where it was not measured, and that in words."""

    at: float | None
    text: str


def distances(table: Population, found: Changes, space: str) -> Distances:
    """In the space that is asked for, or the first there is."""
    at = found.spaces.index(space) if space in found.spaces else 0
    rows = np.flatnonzero(np.isfinite(found.distance[at]))
    distance = found.distance[at, rows]
    wrong = np.zeros(len(rows), np.bool_) if table.wrong is None else table.wrong[rows]
    return Distances(found.spaces[at], edges_of(distance), rows, distance, wrong)


def edges_of(distance: np.ndarray) -> np.ndarray:
    """From 0 in round steps to beyond the largest."""
    if not len(distance) or distance.max() <= 0:
        return np.array([0.0, 1.0])
    wanted = max(float(np.quantile(distance, FEW)) / BINS, float(distance.max()) / MOST)
    scale = 10.0 ** np.floor(np.log10(wanted))
    step = next(step for step in STEPS if step * scale >= wanted * (1 - 1e-9)) * scale
    count = int(distance.max() / step) + 1
    return np.round(step * np.arange(count + 1), 9)


def histogram(shown: Distances, mask: Mask | None, own: Own | None) -> Bars:
    """Right images above the line, wrong ones below it, and of them those that are selected."""
    every = np.ones(len(shown.rows), np.bool_)
    looks = {"right": "dashed above", "wrong": "dashed below", "selected": "dashed accent"}
    rules = [
        Rule(value, f"Median, {kind}", looks[kind])
        for kind, value in medians(shown, mask).items()
        if value is not None
    ]
    if own is not None and own.at is not None:
        rules.append(Rule(own.at, own.text, "accent"))
    return Bars(
        act="select",
        name=shown.space,
        edges=tuple(shown.edges.tolist()),
        kinds=KINDS,
        counts=counts(shown, every),
        hints=tuple(counted_bin(shown, number) for number in range(len(shown.edges) - 1)),
        axis=UNITS[shown.space],
        lit=None if mask is None else counts(shown, mask[shown.rows]),
        rules=tuple(rules),
        label="Images by their distance to another answer",
    )


def counts(shown: Distances, which: np.ndarray) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """How many right and wrong images of `which`, bool (measured,), are in each bin."""
    right, wrong = (
        tuple(np.histogram(shown.distance[of & which], shown.edges)[0].tolist())
        for of in (~shown.wrong, shown.wrong)
    )
    return right, wrong


def medians(shown: Distances, mask: Mask | None) -> dict[str, float | None]:
    """Of all right and all wrong images, and of those that are selected."""
    kinds = {"right": ~shown.wrong, "wrong": shown.wrong}
    if mask is not None:
        kinds["selected"] = mask[shown.rows]
    return {kind: _median(shown.distance[of]) for kind, of in kinds.items()}


def sentence(shown: Distances, mask: Mask | None) -> str:
    """The distances that half of the images need at most."""
    found = medians(shown, mask)
    told = [f"{kind} {_short(value)}" for kind, value in found.items() if value is not None]
    if not told:
        return "No image that was measured flips."
    where = WORDS[shown.space]
    return f"Median distance to another answer in {where}: {', '.join(told)}"


class Area(NamedTuple):
    """Of a detector of errors under its ROC curve."""

    name: str
    text: str
    hint: str


def detection(table: Population, shown: Distances) -> list[Area]:
    """Distance, margin and confidence as detectors of errors; nothing without right and wrong images."""
    if not shown.wrong.any() or shown.wrong.all() or table.predictions is None:
        return []
    return [
        Area(name, f"{_bare(area.value)} [{_bare(area.low)}, {_bare(area.high)}]", _hint(name))
        for name, area in _areas(table, shown).items()
    ]


def verdict(table: Population, shown: Distances) -> str:
    """Whether distance finds errors better than margin and confidence, which cost nothing to ask for."""
    if not shown.wrong.any() or shown.wrong.all() or table.predictions is None:
        return ""
    scores = _scores(table, shown)
    differences = [
        auroc_difference(scores["distance"], scores[name], shown.wrong) for name in ("margin", "confidence")
    ]
    if all(difference.low > 0 for difference in differences):
        return "Distance finds errors better than margin and confidence."
    if any(difference.high < 0 for difference in differences):
        return "Distance is a worse detector of errors than the teacher's own margin or confidence."
    return "Distance is no better a detector of errors than the teacher's own margin or confidence."


def measured(table: Population, found: Changes, shown: Distances) -> str:
    """Of how many images."""
    asked, lost = int(found.attrs["asked"]), int(found.attrs["asked"]) - len(shown.rows)
    wrong = int(shown.wrong.sum())
    kinds = f"{wrong:,} wrong and {len(shown.rows) - wrong:,} right"
    left = f"; {lost} of {asked:,} were not flipped" if lost else ""
    return f"Measured for {kinds} test images, drawn once{left}: bars compare kinds, not how common each is."


def of_focus(table: Population, found: Changes, shown: Distances, row: int | None) -> Own | None:
    """The distance of the image under study, and the answer there."""
    if row is None:
        return None
    at = found.spaces.index(shown.space)
    distance, there = float(found.distance[at, row]), int(found.flipped[at, row])
    sample = f"#{table.samples[row]}"
    if np.isnan(distance):
        return Own(None, f"{sample} was not measured.")
    return Own(distance, f"{sample} is {_short(distance)} from {table.class_names[there]}")


def _areas(table: Population, shown: Distances) -> dict[str, Interval]:
    return {name: auroc(score, shown.wrong) for name, score in _scores(table, shown).items()}


def _scores(table: Population, shown: Distances) -> dict[str, np.ndarray]:
    """Numbers that are larger the more an image is suspected."""
    assert table.predictions is not None
    logits = table.predictions.logits[table.predictions.source[shown.rows]].to_numpy()
    second, first = np.partition(logits, -2, axis=1)[:, -2:].T
    confidence = table.predictions.confidence[shown.rows]
    return {"distance": -shown.distance, "margin": second - first, "confidence": -confidence}


def _hint(name: str) -> str:
    return (
        f"Area under the ROC curve of the {name} as a detector of errors: the chance that it ranks a wrong "
        "image above a right one, .5 by guessing; 95 % interval by DeLong"
    )


def _median(values: np.ndarray) -> float | None:
    return float(np.median(values)) if len(values) else None


def _short(value: float) -> str:
    """Three digits at most."""
    return f"{value:.3g}" if value >= 1 else wording.bare(value, 3)


def _bare(value: float) -> str:
    return f"{value:.2f}".removeprefix("0")


def counted_bin(shown: Distances, number: int) -> str:
    """A bin in words."""
    low, high = shown.edges[number : number + 2]
    inside = (shown.distance >= low) & (shown.distance < high)
    wrong = int((inside & shown.wrong).sum())
    right = int(inside.sum()) - wrong
    return f"{low:.4g} to {high:.4g}: {wording.quantity(right, 'right image')}, {wrong:,} wrong"
