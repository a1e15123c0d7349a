"""Which training images made the teacher say so: for the selection, or the image under study."""

from typing import ClassVar, NamedTuple

import numpy as np

from dashboards.data.commands import network_command
from dashboards.data.training_images import LAYERS, key_of, training_images
from dashboards.kit.card import Card, empty
from dashboards.kit.elements import Box, Child, Choice, Element, column, text
from dashboards.session import needs
from dashboards.session.layer_needs import layers
from dashboards.session.needs import Need, of_run
from dashboards.session.scene import Scene
from dashboards.session.selection import selection_sentence, tally
from dashboards.session.session import Session
from dashboards.session.view import Of
from dashboards.session.work import Task
from dashboards.views.influence.table import MEASURES, Named, found, named, notes, shelves
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help

SHOWS = "It shows which training images speak for the answer, and which against it."
SELECTION, FOCUS = "selection", "focus"
WHO = "Select images, or study one: the training images that speak for what the teacher says appear here."
OLDER = Need(
    lambda scene: scene.run is None or needs.has_variable(scene.run, LAYERS, "training"),
    "This run was looked into by a version that kept no training images, or is archived without them.\n"
    "Look into it again:",
    "No training images to ask",
    of_run(network_command),
)


class Question(NamedTuple):
    """Of whom training images are asked."""

    stages: tuple[str, ...]  # keys
    measure: str
    samples: tuple[int, ...]


class Own(NamedTuple):
    """The view's own state."""

    measure: str
    whose: str  # empty: the image where one is under study
    who: tuple[Question, Named] | None  # who was named first, of which question
    marked: frozenset[int]  # samples that a person takes for mislabelled


class Prepared(NamedTuple):
    """What the card will show, and what is still to be asked of it."""

    tree: Element
    question: Question | None


class InfluenceView(Card):
    """Who is named first by many images, each asked alone, is measured after the card is drawn."""

    subject = "The training images that speak for #{focus}"
    needs = (
        *layers(SHOWS),
        OLDER,
        needs.FEATURES.saying(
            "Who speaks for an answer is asked of the last layer: that needs activations, what it reads. "
            "This classifier answers with its classes alone."
        ),
        needs.variable("teacher", "features"),
        needs.PICTURES,
        Need(lambda scene: scene.mask is not None or scene.row is not None, WHO),
    )
    follows: ClassVar = ("run", "facts", "version", "focus", "mask", "steps")
    look, hovers = "training-card", True
    help: ClassVar = Help(
        what="The training images that push the teacher most towards what it says of the selection or of the "
        "image under study, and those that push it away. Of a selection what counts is the mean.",
        use="Choose of whom, and by what. A click studies an image where the map has it; the flag marks its "
        "label as wrong on every page.",
        beware="Influence is that on the last layer alone: how an image shaped the layers before is not in "
        "it. Leaving out those that speak for an error moves the boundary and costs other images; it is no "
        "repair, and for finding wrong labels the plain loss is no worse. TracIn and representer points name "
        "a few images to nearly everybody.",
        source="Influence: Koh and Liang 2017, exact Hessian of the last layer fitted again. TracIn: Pruthi "
        "et al. 2020, of the last layer, each snapshot by its epochs' mean learning rate. Representer "
        "points: Yeh et al. 2018.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        self._measure, self._whose = next(iter(MEASURES)), ""
        self._who: tuple[Question, Named] | None = None
        self._asking = Task(session.schedule, lambda: None)
        super().__init__(session, of=of)
        self.showing.watch(session.marks, "entries", self.redraw)

    def actions(self) -> Actions:
        """`measure` name; `whose` images; `study` sample; `mark` it as mislabelled, or no more."""
        return {
            "measure": self._choose_measure,
            "whose": self._choose_whose,
            "study": self.session.focus_asked,
            "mark": self._flag,
        }

    def local_state(self) -> Own:
        """What was chosen, and which training images are marked."""
        return Own(self._measure, self._whose, self._who, frozenset(self.session.marks.wrong))

    def is_stale(self, scene: Scene) -> bool:
        """One may be marked while this is prepared."""
        return bool(scene.own != self.local_state())

    def prepare(self, scene: Scene) -> Prepared:
        """One product of all training images, whoever asks."""
        run, table, own = scene.run, scene.table, scene.own
        assert run is not None
        assert table is not None
        asked, whose = training_images(run), _whose(scene)
        samples = _samples(scene, whose)
        of_all = len(samples)
        if own.measure == "tracin" and not asked.lacks("tracin"):
            samples = samples[asked.can_ask(samples)]
        lacks = asked.lacks(own.measure)
        if not lacks and not len(samples):
            lacks = (
                "Nothing is selected."
                if not of_all
                else "TracIn asks test images: no other is known at every epoch."
            )
        head = _head(scene, whose, {name: asked.lacks(name) for name in MEASURES})
        if lacks:
            return Prepared(_laid_out(head, [], empty(text(lacks, tag="p"))), None)
        question = Question(key_of(run), own.measure, tuple(samples.tolist()))
        strong = found(asked, own.measure, samples)
        known = own.who[1] if own.who is not None and own.who[0] == question else None
        unit = MEASURES[own.measure][2]
        both = shelves(table, asked, strong, asked.said[samples], unit, own.marked)
        tree = _laid_out(head, notes(asked.attrs, own.measure, known), both)
        return Prepared(tree, question if len(samples) > 1 and not known else None)

    def publish(self, prepared: Prepared) -> None:
        """Draws the card, and asks what takes longer."""
        self.component.draw(prepared.tree)
        if prepared.question is not None:
            self._ask(prepared.question)

    def _ask(self, question: Question) -> None:
        run = self.session.run
        if run is None:
            return
        asked, samples = training_images(run), np.array(question.samples)

        def arrived(who: Named) -> None:
            self._who = question, who
            self.redraw()

        self._asking.start(question.measure, lambda _: named(asked, question.measure, samples), arrived)

    def _choose_measure(self, measure: str) -> None:
        self._measure = measure
        self.redraw()

    def _choose_whose(self, whose: str) -> None:
        self._whose = whose
        self.redraw()

    def _flag(self, sample: int) -> None:
        """Marks it, or takes its mark back."""
        with self.session.hold():
            if sample in self.session.marks.wrong:
                self.session.marks.drop(sample)
            else:
                self.session.marks.put(sample, "", None)


def _whose(scene: Scene) -> str:
    """What was chosen, where it is there."""
    there = {SELECTION: scene.mask is not None, FOCUS: scene.row is not None}
    if there.get(scene.own.whose):
        return str(scene.own.whose)
    return FOCUS if there[FOCUS] else SELECTION


def _samples(scene: Scene, whose: str) -> np.ndarray:
    assert scene.table is not None
    if whose == SELECTION:
        return scene.table.samples[scene.mask]
    assert scene.row is not None
    return scene.table.samples[[scene.row]]


def _sentence(scene: Scene, whose: str) -> str:
    table, row = scene.table, scene.row
    assert table is not None
    if whose == SELECTION:
        of = selection_sentence(table, scene.steps, tally(table, scene.mask))
        return f"{of}: which training images made it say so"
    assert row is not None
    predicted, label = table.predicted, int(table.label[row])
    said = -1 if predicted is None else int(predicted[row])
    names = table.class_names
    what = f"{names[label]} taken for {names[said]}" if said not in (-1, label) and table.labeled else ""
    return f"#{table.samples[row]}, {what or names[max(said, 0)]}: which training images made it say so"


def _laid_out(head: Box, told: list[str], content: Child) -> Box:
    line = Box(tuple(text(note, hint=note) for note in told), "p", look="quiet notes", role="status")
    return column(head, line, content)


def _head(scene: Scene, whose: str, lacks: dict[str, str]) -> Box:
    """What is told, of whom, and by what; `lacks` says why a measure cannot be asked."""
    told = _sentence(scene, whose)
    selected = "" if scene.mask is not None else "Nothing is selected"
    studied = "" if scene.row is not None else "No image is under study"
    image = f"#{scene.focus}" if scene.row is not None else "Image"
    of = (SELECTION, "Selection", selected), (FOCUS, image, studied)
    by = tuple((name, text, lacks[name] or hint) for name, (text, hint, _) in MEASURES.items())
    none = tuple(name for name, _, why in of if why)
    return Box(
        (
            text(told, tag="h3", look="sentence line", hint=told),
            Choice("whose", of, whose, segments=True, disabled=none, label="Of which images"),
            Choice(
                "measure",
                by,
                scene.own.measure,
                segments=True,
                disabled=tuple(name for name in MEASURES if lacks[name]),
                label="By what",
            ),
        ),
        look="head",
    )
