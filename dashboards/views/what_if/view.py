"""What if the image under study were drawn otherwise, or units were silenced? Votes and units follow."""

from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.population import Population
from dashboards.data.trail import Trail, Unit, read, trail_of, written
from dashboards.kit.card import Card
from dashboards.kit.drawing import Drawing, image_bytes
from dashboards.kit.elements import Box, Button, Element, text
from dashboards.session import needs
from dashboards.session.engine_task import EngineTask
from dashboards.session.layer_needs import LAYERS
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of
from dashboards.views.what_if.table import answer, sentence, stored
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.engine.requests import EditImage, Voted, WhatIf
from deepvid.store import Run

NO_FOCUS = "Study an image: here it can be painted, shifted and turned."


class Answer(NamedTuple):
    """An answer to the question of this number."""

    number: int = 0
    found: WhatIf | None = None
    error: str = ""


class Prepared(NamedTuple):
    """What it will show while nothing is drawn."""

    drawing: Drawing
    table: Population
    refusal: str  # why nothing can be drawn; empty: it can
    known: WhatIf | None  # without asking


class WhatIfView(Card):
    """Follows the focus. What is drawn stays in the browser, and is gone with the next image; silenced units
    stay, and stand in the address.
    """

    subject = "What if #{focus} were another image"
    needs = (
        needs.IMAGES.saying(NO_FOCUS),
        needs.MODEL,
        needs.QUERIES,
        needs.TEACHER,
        needs.FOCUS.saying(NO_FOCUS),
        needs.PICTURES,
    )
    follows: ClassVar = ("run", "version", "facts", "focus")
    look = "what-if-card"
    help: ClassVar = Help(
        what="The image under study, to be drawn on. Beside it what the teacher says of the drawn image and "
        "of the stored one, what most of its nearest training images are at every layer, and which units "
        "answer most otherwise. Lines in the river of Network are its ways: dashed as stored, full as drawn.",
        use="Drag to paint, to erase or to shift; the slider turns it. Arrow keys on the image shift it by a "
        "pixel, Ctrl+Z undoes one stroke, Escape takes all back. “Silence” at a unit of "
        "Network holds it at its usual response here, with the image as it is drawn; several can be. Of "
        "a drawing nothing is kept, silenced units stand in the address.",
        beware="A drawn image is one that the teacher was not trained on: what follows is what it does, not "
        "what a person would call the thing. Erasing paints with the median of the image's border. A unit at "
        "its usual response everywhere is a state the network may never be in, and what one does alone is "
        "not its share of what several do. Votes are by the 64 numbers of a layer's code, and a narrow "
        "majority counts as a clear one.",
        source="The teacher as it is trained, the votes as in the river of Network. Units: mean response, in "
        "standard deviations of that over the test images. Usual: the mean over places of at most 500 "
        "training images; held there: Morcos et al. 2018.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        self._number = 0  # of the last question
        self._shown: Prepared | None = None
        self._answer = Answer()
        self._asking = EngineTask(session, self._failed, of=f"{of} what if")
        super().__init__(session, of=of)
        self.showing.watch(session.navigation, "silenced", self._draw)

    def actions(self) -> Actions:
        """`edit` the image, as `Drawing` has it; `silence` [layer, unit] no more."""
        return {"edit": self._edit, "silence": self._answer_again}

    def prepare(self, scene: Scene) -> Prepared:
        """The stored image; without an engine what is stored of it."""
        run, table, row = scene.run, scene.table, scene.row
        assert run is not None
        assert table is not None
        assert row is not None
        sample, lacks = int(table.samples[row]), missing([needs.ENGINE], scene)
        drawing = Drawing(
            "edit",
            f"{run.address} {sample}",
            table.images([row])[0].tobytes(),
            tuple(table.image_shape),
            disabled=lacks is not None,
            label=f"#{sample}: drag to draw, arrow keys to move it, Escape to take all back",
        )
        refusal = f"Nothing can be drawn here. {lacks.text}" if lacks else ""
        known = _stored(run, table, row) if lacks else None
        return Prepared(drawing, table, refusal, known)

    def publish(self, prepared: Prepared) -> None:
        """What is being drawn goes on while the image is the same."""
        before, self._shown = self._shown, prepared
        if before is None or before.drawing != prepared.drawing:
            self._asking.cancel()
            self._answer = Answer()
            self._follow(None)
        self._draw()

    def _draw(self, *_: Any) -> None:
        if self._shown is None:
            return
        drawing, table, refusal, known = self._shown
        names, link, units = table.class_names, table.link, read(self.session.navigation.silenced)
        number, found, error = self._answer
        found = found or known
        if found is None:
            told = "What if this image were another one?" if refusal or error else "The teacher is asked …"
            look = {"look": "failed", "role": "alert"} if error else {"look": "quiet"}
            beside: Element = Box((text(error or refusal or told, tag="p", **look),), look="said")
        else:
            told = sentence(found, names, link) if known is None else stored(found, names, link)
            beside = answer(found, names, link)
        easel = replace(
            drawing,
            answer=number,
            context=self.session.navigation.silenced,
            children=(silencing(units), beside),
        )
        lines = (
            Box((text(told, tag="h3", look="sentence"),), role="status"),
            text(refusal, tag="p", look="quiet refusal") if refusal else None,
        )
        with self.session.hold():
            self.component.draw(Box((*lines, easel), look="filled"))

    def _answer_again(self, unit: Any) -> None:
        with self.session.hold():
            units = read(self.session.navigation.silenced)
            self.session.navigation.silenced = written(one for one in units if list(one) != unit)

    def _edit(self, asked: Any) -> None:
        run, sample, shown = self.session.run, self.sample, self._shown
        if run is None or sample is None or shown is None:
            return
        image = image_bytes(asked["image"], len(shown.drawing.pixels))
        if image is None or asked["about"] != f"{run.address} {sample}":
            return
        self._number = asked["number"]
        if asked["reset"]:
            with self.session.hold():
                self.session.navigation.silenced = ""
        request = EditImage(run.address, sample, image, read(self.session.navigation.silenced))
        self._asking.ask(f"#{sample}", request, partial(self._arrived, self._number))

    def _arrived(self, number: int, found: WhatIf) -> None:
        if found.sample == self.sample:
            self._answer = Answer(number, found)
            self._draw()
            self._follow(trail_of(found))

    def _follow(self, trail: Trail | None) -> None:
        """The river shows the way of what is tried on the image under study."""
        if self._of == "focus":
            with self.session.hold():
                self.session.navigation.trail = trail

    def _failed(self) -> None:
        if not self._asking.busy and self._asking.error is not None and self.sample is not None:
            self._answer = Answer(self._number, None, str(self._asking.error))
            self._draw()


def silencing(units: tuple[Unit, ...]) -> Box:
    """A chip for each unit that is silenced."""
    return Box(tuple(map(_chip, units)), role="group", look="silence", label="Silenced units")


def _chip(unit: Unit) -> Button:
    layer, number = unit
    return Button(
        (f"{number} · {layer} ×",),
        "silence",
        [layer, number],
        look="chip held",
        label=f"Let unit {number} of {layer} answer again",
        hint=f"Unit {number} of {layer} is held at its usual response. Click to let it answer again",
    )


def _stored(run: Run, table: Population, row: int) -> WhatIf | None:
    """What is known of an image that nobody draws on."""
    sample, logits = int(table.samples[row]), table.logits(row)
    if logits is None:
        return None
    if run.stage(LAYERS) is None:
        return WhatIf(sample, np.stack([logits, logits]), (), 0, ())
    group = run.together(LAYERS)
    columns, place = group.attrs["columns"], np.flatnonzero(group["sample"].to_numpy() == sample)
    votes: list[tuple[int, int] | None] = [None] * len(columns)
    if len(place) and "probe_votes" in group:
        said, many = (group[name][:, int(place[0])].to_numpy().tolist() for name in ("probe", "probe_votes"))
        votes = list(zip(said, many, strict=True))
    voted = tuple(Voted(column["name"], vote, vote) for column, vote in zip(columns, votes, strict=True))
    neighbors, among = int(group.attrs["neighbors"]), group.attrs.get("among", "training images")
    return WhatIf(sample, np.stack([logits, logits]), voted, neighbors, (), among=among)
