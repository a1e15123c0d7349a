"""From the image under study to another one, and where on the way the teacher changes its mind."""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple, get_args

import numpy as np

from dashboards.data.captions import verdict
from dashboards.data.class_labels import shortened
from dashboards.data.feature_neighbors import Space, space
from dashboards.data.population import Population
from dashboards.data.predictions import Link, softmax
from dashboards.kit.card import Computation, ComputedCard, Inquiry, empty
from dashboards.kit.charts import Area, Change, Way
from dashboards.kit.elements import Children, Choice, Element, column, quiet, text
from dashboards.session import needs
from dashboards.session.scene import Scene
from dashboards.session.session import ImageOverride, Session
from dashboards.session.view import Of
from dashboards.theme import class_color
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid import config, wording
from deepvid.config import names
from deepvid.engine.requests import Edited, Flip, Morph, Morphed

NO_FOCUS = "The way from the image under study to another one appears here."
NO_MODELS = (
    "The way to another image needs the teacher and the autoencoder. Open the whole run, or continue it."
)
STEPS = (11, 21, 41)
HINTS: dict[names.Way, str] = {
    "linear": "Latents on the straight line between both",
    "spherical": "Latents on the arc around zero between both: as long as those of images in between",
}
PINNED: dict[Of, str] = {"focus": "the pinned image", "pin": "the image under study"}
PIN = " Pin it (P) and study another: the way then leads between the two."
NO_GOAL = "The teacher recognizes no image that it could lead to. Pin this one (P), and study another."
HOW = (
    "areas: the teacher's probabilities, together 1 · dashed: its answer changes, found to a thousandth of "
    "the way"
)
MOST = 6  # classes with an area of their own, beside those that are an answer
LEAST = 0.02  # probability that an area of its own reaches somewhere
LONGEST = 16  # letters of a class
TOLD = 3  # changes that a sentence tells all of


class Goal(NamedTuple):
    """The image at the other end, and why it is that one."""

    sample: int
    why: str


class Chosen(NamedTuple):
    """How a way is walked."""

    steps: int
    way: names.Way


class MorphView(ComputedCard[Morph, Morphed]):
    """Follows the focus and the pin: the way leads to the pinned image, else to a near one. The last way
    between two images stays until the next one is there.
    """

    subject = "The way from #{focus}"
    needs = (
        needs.IMAGES.saying(NO_FOCUS),
        needs.FOCUS.saying(NO_FOCUS),
        needs.MODEL,
        needs.QUERIES,
        needs.stage("teacher").saying(NO_MODELS),
        needs.stage("vae").saying(NO_MODELS),
        needs.variable("teacher", "features"),
        needs.PICTURES,
    )
    follows: ClassVar = ("run", "facts", "focus", "beside")
    help: ClassVar = Help(
        what="The way from this image to another through the latents, with the teacher's probabilities "
        "at each step and where its answer flips.",
        use="Drag along the strip, use the slider or play it; the image card follows. A pinned image "
        "is where it leads.",
        beware="What lies between is what the autoencoder draws there, not data. An answer that flips "
        "and returns between two steps is not seen.",
        source="Spherical: White 2016. Flips are found by bisection to a thousandth of the way.",
    )
    look = "morph-card"
    computation = Computation(
        of="way",
        doing="Walking the way",
        waiting="The way is being walked …",
        stopped="The way is not walked.",
        again="Walk it",
        unstored="The images on the way are not stored, but computed.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        self._standing = ImageOverride(session)
        self._chosen = Chosen(STEPS[0], "linear")
        super().__init__(session, of=of)

    def chosen(self) -> Chosen:
        """How it is walked."""
        return self._chosen

    def actions(self) -> Actions:
        """`show` {sample, step, or None for none}; `steps` their number; `way` name."""
        return {
            "show": self._show,
            "steps": lambda steps: self._choose(steps=int(steps)),
            "way": lambda way: self._choose(way=way),
        }

    def tree(self, scene: Scene, asking: Inquiry[Morph, Morphed]) -> Element:
        """The way where it is walked, below what it leads to."""
        run, table, _, sample = scene.studied
        chosen = self._goal(scene)
        if chosen is None:
            return empty(text(NO_GOAL, tag="p"))
        told = note(table, sample, chosen)
        kind = config.Students.model_validate(run.config.get("students", {})).neighborhood
        request = Morph(run.address, sample, chosen.sample, scene.own.steps, scene.own.way, kind)
        found, last = asking.result(request), asking.before()
        if found is None and last is not None and last.request.other == chosen.sample:
            found = last.result
        if found is None:
            return column(quiet(told, tag="p", look="note"), asking.absent())
        more = "" if scene.beside is not None else PIN
        return way(found, table.class_names, sample, told + more, choices(scene.own), table.link)

    def _goal(self, scene: Scene) -> Goal | None:
        run, table, _, sample = scene.studied
        beside = scene.beside
        if beside is not None and beside != sample and table.row_of(beside) is not None:
            return Goal(beside, PINNED[self._of])
        return goal(table, space(run), sample)

    def _choose(self, **chosen: Any) -> None:
        before, self._chosen = self._chosen, self._chosen._replace(**chosen)
        if self._chosen != before:
            self._standing.leave()
            self.redraw()

    def _show(self, asked: Any) -> None:
        """The image card shows a step of the way that is drawn, or what it did before."""
        step = asked["step"]
        if step is None or self._last is None:
            self._standing.leave()
            return
        found = self._last.result
        name = f"morph {found.position[step]:.2f}".replace(" 0.", " .")
        self._standing.show(Edited(asked["sample"], found.image[step], found.logits[step], name))


def choices(chosen: Chosen) -> Children:
    """How a way may be walked."""
    counts = tuple((str(count), str(count), f"{count} images on the way") for count in STEPS)
    ways = tuple((name, name, HINTS[name]) for name in get_args(names.Way))
    return (
        Choice("steps", counts, str(chosen.steps), segments=True, label="Steps"),
        Choice("way", ways, chosen.way, segments=True, label="Way"),
    )


def goal(table: Population, space: Space, sample: int) -> Goal | None:
    """The nearest image that the teacher recognizes: of the image's class, or where it is recognized itself,
    of the class that the teacher holds second; without labels every image is. None where there is none, as
    of one class.
    """
    label, recognized = int(space.label[sample]), space.predicted == space.label
    row = table.row_of(sample)
    probabilities = None if row is None else table.probabilities(row)
    if probabilities is None:
        return None
    right = int(probabilities.argmax()) == label
    if right and len(probabilities) == 1:
        return None
    wanted = int(np.argsort(-probabilities, kind="stable")[1]) if right else label
    near = space.nearest(sample, recognized & (space.label == wanted))
    if near is None:
        return None
    which = "the teacher's second choice" if right else "its label"
    kind = "test" if space.test[near] else "training"
    name = table.class_names[wanted]
    if not space.labeled:
        return Goal(
            near, f"the nearest {kind} image that the teacher takes for {name}, its second choice here"
        )
    return Goal(near, f"the nearest {kind} image of {name}, {which}, that the teacher recognizes")


def way(
    found: Morphed,
    class_names: Sequence[str],
    sample: int,
    told: str,
    besides: Children = (),
    link: Link = softmax,
) -> Way:
    """What is drawn of a way. Areas are stacked, so they are shares of 1 whatever the link."""
    position = np.concatenate([found.position, [flip.position for flip in found.flips]])
    logits = np.concatenate([found.logits, *(flip.logits[None] for flip in found.flips)])
    order = np.argsort(position, kind="stable")
    return Way(
        act="show",
        sample=sample,
        title=sentence(found.flips, class_names[int(found.logits[0].argmax())], class_names),
        note=told,
        below=HOW,
        pixels=found.image.tobytes(),
        shape=found.image.shape[1:],
        positions=tuple(found.position.tolist()),
        answers=tuple(
            f"{class_names[each.argmax()]} {wording.probability(each.max())}" for each in link(found.logits)
        ),
        points=tuple(position[order].round(5).tolist()),
        areas=tuple(areas(softmax(logits[order]), class_names)),
        changes=tuple(
            Change(flip.position, f"{class_names[flip.before]} → {class_names[flip.after]}")
            for flip in found.flips
        ),
        children=besides,
    )


def areas(probability: np.ndarray, class_names: Sequence[str]) -> list[Area]:
    """Of (point, class): the first answer below, the last one on top, the others as they come between."""
    answers, most = probability.argmax(axis=1), probability.max(axis=0)
    likely = [index for index in np.argsort(-most, kind="stable")[:MOST] if most[index] >= LEAST]
    classes = {int(index) for index in (*likely, *answers)}
    first, last = int(answers[0]), int(answers[-1])
    between = sorted(classes - {first, last}, key=lambda index: int(probability[:, index].argmax()))
    short = shortened(tuple(class_names), LONGEST)

    def area(index: int) -> Area:
        value = tuple(probability[:, index].round(5).tolist())
        return Area(class_names[index], short[index], class_color(index), value)

    others = len(class_names) - len(classes)
    rest = np.maximum(0, 1 - probability[:, sorted(classes)].sum(axis=1)).round(5)
    name = wording.quantity(others, "other class", "other classes")
    told = [Area(name, name, "", tuple(rest.tolist()))]
    top = [last] if last != first else []
    return [
        *(area(index) for index in (first, *between)),
        *(told if others else []),
        *(area(index) for index in top),
    ]


def sentence(flips: Sequence[Flip], answer: str, class_names: Sequence[str]) -> str:
    """ "The teacher's answer changes from Shirt to Coat at .424 of the way." `answer` is the first one."""
    if not flips:
        return f"The teacher's answer does not change on the way: it stays {answer}."
    began = f"from {class_names[flips[0].before]}"
    if len(flips) <= TOLD:
        told = [f"to {class_names[flip.after]} at {_place(flip)}" for flip in flips]
        return f"The teacher's answer changes {began} {wording.enumeration(told)} of the way."
    last = flips[-1]
    return (
        f"The teacher's answer changes {len(flips)} times, first {began} to {class_names[flips[0].after]} at "
        f"{_place(flips[0])}, at last to {class_names[last.after]} at {_place(last)} of the way."
    )


def note(table: Population, sample: int, chosen: Goal) -> str:
    """From where to where, and why there."""
    return f"From {_named(table, sample)} to {_named(table, chosen.sample)}, {chosen.why}."


def _named(table: Population, sample: int) -> str:
    row = table.row_of(sample)
    return f"#{sample}" if row is None else f"#{sample} ({verdict(table, row)})"


def _place(flip: Flip) -> str:
    return wording.bare(flip.position, 3)
