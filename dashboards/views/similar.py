"""What the teacher sees as the same: the nearest training and test images in its features."""

from typing import ClassVar

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.feature_neighbors import COSINE, EUCLID, Near, Neighbors, Space, Usual, space
from dashboards.data.population import Population
from dashboards.kit.card import Card
from dashboards.kit.elements import Box, Button, Choice, Element, column, quiet, text
from dashboards.kit.pictures import Thumbnail
from dashboards.session import needs
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of
from dashboards.session.work import Task
from dashboards.theme import class_color
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid import wording

COUNT = 20  # nearest images of each group
LONGEST = 11  # letters of a class under a tile
_METRICS = (
    (EUCLID, "Euclid", "By Euclidean distance"),
    (COSINE, "cosine", "By the angle between features, whatever their length"),
)
NAMED = 3  # classes that a sentence names
NO_FOCUS = "The images that the teacher finds most similar to the one under study appear here."
NO_TEACHER = (
    "The most similar images appear here once the teacher is trained: they are the nearest in its features. "
    "An archive without the teacher has none; open the whole run."
)


class SimilarView(Card):
    """Follows the focus; a click studies a neighbor, and hover goes both ways.

    What is usual of a class is measured in a thread, and the card is drawn once more when it is known.
    """

    subject = "What is similar to #{focus}"
    needs = (
        needs.IMAGES.saying(NO_FOCUS),
        needs.FOCUS.saying(NO_FOCUS),
        needs.stage("teacher").saying(NO_TEACHER),
        needs.variable("teacher", "features"),
    )
    follows: ClassVar = ("run", "facts", "focus", "metric")
    look = "similar-card"
    hovers = True
    help: ClassVar = Help(
        what="The images that the teacher sees as most alike, training images among them.",
        use="A click puts one under study. Many of another label hint at a wrong label, or at classes "
        "that this teacher cannot tell apart.",
        beware="Alike is what the teacher's features say, not what people see.",
        source="Distance of the teacher's features, the input of its last layer, by Euclid or by cosine; "
        "exact search.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        self._measuring = Task(session.schedule, lambda: None)
        super().__init__(session, of=of)

    def actions(self) -> Actions:
        """`study` a sample, measure by another `metric`."""
        return {"study": self.session.focus_asked, "metric": self._measure}

    def _measure(self, metric: str) -> None:
        with self.session.hold():
            self.session.navigation.metric = metric

    def prepare(self, scene: Scene) -> Element:
        """Compares the image with all others."""
        run, table, _, sample = scene.studied
        known = space(run, scene.metric)
        label = int(known.label[sample])
        usual = known.usual(label, COUNT) if known.knows_usual(label, COUNT) else None
        near = known.neighbors(sample, COUNT)
        return neighbors(table, known, sample, near, usual, metric=scene.metric)

    def publish(self, prepared: Element) -> None:
        """Shows the card; what is still missing of it is measured."""
        super().publish(prepared)
        run, sample = self.session.run, self.sample
        if run is None or sample is None:
            return
        known = space(run, self.session.navigation.metric)
        label = int(known.label[sample])
        if not known.knows_usual(label, COUNT):
            self._measuring.start(f"#{sample}", lambda _: known.usual(label, COUNT), self.redraw)


def neighbors(
    table: Population,
    known: Space,
    sample: int,
    near: Neighbors,
    usual: Usual | None,
    *,
    metric: str = EUCLID,
) -> Element:
    """Of which classes they are, in words, and a tile each. `usual` is of the class of the image under
    study, or not known yet.
    """
    label, names = int(known.label[sample]), table.class_names
    of_training = known.label[near.training.sample]
    how = "" if usual is None else unusual(int((of_training == label).sum()), usual, names[label])
    colors = "frame: true class · corner: predicted, if wrong" if known.labeled else "frame: predicted class"
    both = np.concatenate([near.training.sample, near.test.sample])
    training, test = np.split(table.images_of(both), [len(near.training.sample)])
    its = "label" if known.labeled else "predicted class"
    return column(
        Box(
            (
                text(sentence(of_training, label, names, its=its), tag="h3", look="sentence"),
                text(how, tag="p", look="quiet", role="status"),
            ),
            look="said",
        ),
        Box(
            (
                _group("training", _tiles(table, known, near.training, training, usual)),
                _group("test", _tiles(table, known, near.test, test, usual)),
            ),
            look="groups grow",
        ),
        Box(
            (
                text(colors),
                None if usual is None else _scale(names[label]),
                Choice("metric", _METRICS, metric, segments=True, label="Distance of features"),
            ),
            look="quiet wrap row how",
        ),
    )


def sentence(near: np.ndarray, label: int, names: tuple[str, ...], *, its: str = "label") -> str:
    """ "Of its 20 nearest training images 17 are Coat, 2 Shirt and 1 Pullover (its label)."

    `its` is what their classes are: labels or, without them, what the teacher predicts.
    """
    if not len(near):
        return "The run has no training image to compare it with."
    count = np.bincount(near, minlength=len(names))
    most = [int(index) for index in np.argsort(-count, kind="stable") if count[index]]
    none = "" if count[label] else f"; none is {names[label]}, its {its}"
    if len(most) == 1 and len(near) > 1:
        own = f", its {its}" if most == [label] else none
        return f"All of its {len(near)} nearest training images are {names[most[0]]}{own}."
    shown = [index for index in most if index in most[:NAMED] or index == label]
    told = [f"{count[index]} {names[index]}{f' (its {its})' * (index == label)}" for index in shown]
    told[0] = told[0].replace(" ", " are " if count[shown[0]] > 1 else " is ", 1)
    others = len(near) - int(count[shown].sum())
    told += [f"{others} of other classes"] if others else []
    return f"Of its {len(near)} nearest training images {wording.enumeration(told)}{none}."


def unusual(own: int, usual: Usual, name: str) -> str:
    """How many images of its class have as few of their own near them: measured, on so many."""
    few, asked = usual.as_few(own), len(usual.own)
    has = "has" if few == 1 else "have"
    if few > asked / 2:
        return f"That is usual: of {asked} test images of {name}, {few} {has} no more of their own near them."
    return f"Of {asked} test images of {name}, {few or 'none'} {has} so few of their own near them."


def _scale(name: str) -> Box:
    full = f"1 × is how far a test image of {name} is from the training image nearest to it, in the median"
    return text(f"×: times the distance that is usual for {name}", look="scale", hint=full)


def _group(split: str, tiles: list[Button]) -> Box:
    """In the order of their distance."""
    title = f"Nearest {split} images"
    none = text(f"The run has no other {split} image.", tag="p", look="quiet")
    return Box(
        (text(title, tag="h4"), Box(tuple(tiles), look="tiles") if tiles else none), "section", label=title
    )


def _tiles(
    table: Population, known: Space, near: Near, pictures: np.ndarray, usual: Usual | None
) -> list[Button]:
    names, short, tiles = table.class_names, shortened(table.class_names, LONGEST), list[Button]()
    files = table.files.of(near.sample) if table.files and len(near.sample) else [""] * len(near.sample)
    for sample, distance, file, picture in zip(
        near.sample.tolist(), near.distance.tolist(), files, pictures, strict=True
    ):
        label, predicted = int(known.label[sample]), int(known.predicted[sample])
        times = _times(distance, usual)
        own = f"#{sample} {f'true {names[label]} · ' * known.labeled}predicted {names[predicted]}"
        told = f"{own} · {times} the usual distance" if times else own
        corner = "" if predicted == label else class_color(predicted)
        tiles.append(
            Button(
                (
                    Thumbnail(
                        picture.tobytes(),
                        picture.shape,
                        class_color(label),
                        corner,
                        words=file * table.textual,
                    ),
                    text(short[label], look="name"),
                    quiet(times, look="name distance"),
                ),
                "study",
                sample,
                hover=sample,
                look="tile",
                hint="\n".join(filter(None, [told, file])),
                label=told,
                data={"sample": sample},
            )
        )
    return tiles


def _times(distance: float, usual: Usual | None) -> str:
    """A multiple of what is usual; of nothing where equal images are usual."""
    if usual is None or not usual.nearest:
        return ""
    multiple = distance / usual.nearest
    return f"{multiple:.0f} ×" if multiple >= 9.95 else f"{multiple:.1f} ×"
