"""Which training images made the teacher say so: for the selection, or the image under study."""

from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.commands import network_command
from dashboards.data.training_images import LAYERS, key_of, training_images
from dashboards.session import needs
from dashboards.session.needs import Need, missing, of_run
from dashboards.session.scene import Scene
from dashboards.session.selection import selection_sentence, tally
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.session.work import Task
from dashboards.views.network.state import RIVER
from dashboards.views.network.training.table import (
    MEASURES,
    NOTHING,
    Card,
    Named,
    found,
    named,
    notes,
    sides,
)
from dashboards.views.network.training.training_card import TrainingCard
from dashboards.widgets.help import Help

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
    whose: str  # empty: the selection where there is one
    who: tuple[Question, Named] | None  # who was named first, of which question


class Prepared(NamedTuple):
    """What the card will show, and what is still to be asked of it."""

    card: Card
    tiles: bytes
    question: Question | None


class TrainingView(View):
    """Who is named first by many images, each asked alone, is measured after the card is drawn."""

    subject = "The training images"
    needs = (
        Need(lambda scene: missing(RIVER, scene) is None, "The training images appear with the river."),
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

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._measure, self._whose = next(iter(MEASURES)), ""
        self._who: tuple[Question, Named] | None = None
        self._shown: set[int] = set()  # training images that have a tile
        self._asking = Task(session.schedule, lambda: None)
        actions = {
            "measure": self._choose_measure,
            "whose": self._choose_whose,
            "study": self.session.focus_asked,
            "hover": self._hover,
            "mark": self._mark,
        }
        self._card = TrainingCard(actions, sizing_mode="stretch_both")
        self.showing.watch(session.navigation, "hover", self._ring)
        self.showing.watch(session.marks, "entries", self._flag)
        self.link(self._card)

    def local_state(self) -> Own:
        return Own(self._measure, self._whose, self._who)

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
        card: Card = {
            **NOTHING,
            "shape": list(table.image_shape),
            "sentence": _sentence(scene, whose),
            "measures": [[name, text, hint, asked.lacks(name)] for name, (text, hint, _) in MEASURES.items()],
            "measure": own.measure,
            "whose": whose,
            "choices": _choices(scene),
        }
        if lacks:
            return Prepared({**card, "waiting": lacks}, b"", None)
        question = Question(key_of(run), own.measure, tuple(samples.tolist()))
        strong = found(asked, own.measure, samples)
        card["sides"], card["unit"] = sides(
            table, asked, strong, asked.said[samples], MEASURES[own.measure][2]
        )
        known = own.who[1] if own.who is not None and own.who[0] == question else None
        card["notes"] = notes(asked.attrs, own.measure, known)
        shown = asked.sample[np.concatenate([strong.towards, strong.against])]
        return Prepared(
            card, table.images_of(shown).tobytes(), question if len(samples) > 1 and not known else None
        )

    def publish(self, prepared: Prepared) -> None:
        self._shown = {tile["sample"] for side in prepared.card["sides"] for tile in side["tiles"]}
        if prepared.card != self._card.card or prepared.tiles != self._card.tiles:
            self._card.param.update(card=prepared.card, tiles=prepared.tiles)
        self._flag()
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

    def _choose_measure(self, measure: Any) -> None:
        if isinstance(measure, str) and measure in MEASURES:
            self._measure = measure
            self.redraw()

    def _choose_whose(self, whose: Any) -> None:
        if whose in (SELECTION, FOCUS):
            self._whose = whose
            self.redraw()

    def _hover(self, sample: Any) -> None:
        with self.session.hold():
            self.session.navigation.hover = sample if type(sample) is int else None

    def _mark(self, sample: Any) -> None:
        """Marks one of those shown, or takes its mark back."""
        if type(sample) is not int or sample not in self._shown:
            return
        with self.session.hold():
            if sample in self.session.marks.entries:
                self.session.marks.drop(sample)
            else:
                self.session.marks.put(sample, "", None)

    def _flag(self, *_: Any) -> None:
        self._card.marked = list(self.session.marks.entries)

    def _ring(self, *_: Any) -> None:
        hover = self.session.navigation.hover
        self._card.hovered = -1 if hover is None else hover


def _whose(scene: Scene) -> str:
    """What was chosen, where it is there."""
    there = {SELECTION: scene.mask is not None, FOCUS: scene.row is not None}
    if there.get(scene.own.whose):
        return str(scene.own.whose)
    return SELECTION if there[SELECTION] else FOCUS


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


def _choices(scene: Scene) -> list[list[str]]:
    selected = "" if scene.mask is not None else "Nothing is selected"
    studied = "" if scene.row is not None else "No image is under study"
    text = f"#{scene.focus}" if scene.row is not None else "Image"
    return [[SELECTION, "Selection", selected], [FOCUS, text, studied]]
