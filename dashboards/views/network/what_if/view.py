"""What if the image under study were drawn otherwise, or units were silenced? Votes and units follow."""

from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.population import Population
from dashboards.kit.card import Card
from dashboards.kit.drawing import Drawing, image_bytes
from dashboards.kit.elements import Box, Button, Element, text
from dashboards.session import needs
from dashboards.session.engine_task import EngineTask
from dashboards.session.needs import Need, missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.network.compared_view import ComparedView
from dashboards.views.network.comparing import compared
from dashboards.views.network.state import LAYERS, RIVER, chosen
from dashboards.views.network.trail import MOST_SILENCED, Unit, read, trail_of, written
from dashboards.views.network.what_if.table import answer, sentence, stored
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.engine.requests import EditImage, Voted, WhatIf
from deepvid.errors import DataError
from deepvid.store import Run


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
    offer: Unit | None  # the unit that the page shows in full


class WhatIfView(Card, ComparedView):
    """Follows the focus. What is drawn stays in the browser, and is gone with the next image; silenced units
    stay, and stand in the address.
    """

    subject = "What if #{focus} were another image"
    needs = (
        Need(lambda scene: missing(RIVER, scene) is None, "The image to draw on appears with the river."),
        needs.QUERIES,
        needs.FOCUS.saying("Study an image: here it can be painted, shifted and turned."),
        needs.PICTURES,
    )
    follows: ClassVar = (*ComparedView.follows, "focus")
    look = "what-if-card"
    help: ClassVar = Help(
        what="The image under study, to be drawn on. Beside it what the teacher says of the drawn image and "
        "of the stored one, what most of its nearest training images are at every layer, and which units "
        "answer most otherwise. Lines in the river above are its ways: dashed as stored, full as drawn.",
        use="Drag to paint, to erase or to shift; the slider turns it. Arrow keys on the image shift it by a "
        "pixel, Ctrl+Z undoes one stroke, Escape takes all back. “Silence” holds the unit shown on the left "
        "at its usual response, with the image as it is drawn; several units can be. Of a drawing nothing is "
        "kept, silenced units stand in the address.",
        beware="A drawn image is one that the teacher was not trained on: what follows is what it does, not "
        "what a person would call the thing. Erasing paints with the median of the image's border. A unit at "
        "its usual response everywhere is a state the network may never be in, and what one does alone is "
        "not its share of what several do. Votes are by the 64 numbers of a layer's code, and a narrow "
        "majority counts as a clear one.",
        source="The teacher as it is trained, the votes as in the river above. Units: mean response, in "
        "standard deviations of that over the test images. Usual: the mean over places of at most 500 "
        "training images; held there: Morcos et al. 2018.",
    )

    def __init__(self, session: Session) -> None:
        self._number = 0  # of the last question
        self._shown: Prepared | None = None
        self._answer = Answer()
        self._asking = EngineTask(session, self._failed, of="what if")
        super().__init__(session)
        self.showing.watch(self.state, "silenced", self._draw)

    def actions(self) -> Actions:
        """`edit` the image, as `Drawing` has it; `silence` {layer, unit, on}."""
        return {"edit": self._edit, "silence": self._silence}

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
        return Prepared(drawing, table, refusal, known, _shown_in_full(scene))

    def publish(self, prepared: Prepared) -> None:
        """What is being drawn goes on while the image is the same."""
        before, self._shown = self._shown, prepared
        if before is None or before.drawing != prepared.drawing:
            self._asking.cancel()
            self._answer = Answer()
            self.state.trail = None
        self._draw()

    def _draw(self, *_: Any) -> None:
        if self._shown is None:
            return
        drawing, table, refusal, known, offer = self._shown
        names, link, units = table.class_names, table.link, read(self.state.silenced)
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
            context=self.state.silenced,
            children=(silencing(units, offer), beside),
        )
        lines = (
            text(told, tag="h3", look="sentence", role="status"),
            text(refusal, tag="p", look="quiet refusal") if refusal else None,
        )
        with self.session.hold():
            self.component.draw(Box((*lines, easel), look="filled"))

    def _silence(self, asked: Any) -> None:
        unit = asked["layer"], asked["unit"]
        units = [one for one in read(self.state.silenced) if one != unit]
        if asked["on"] and len(units) == MOST_SILENCED:
            most = f"At most {MOST_SILENCED} units are silenced at once"
            self.session.fault(DataError(most, "one more", "Let another one answer again"))
            return
        with self.session.hold():
            self.state.silenced = written([*units, unit] if asked["on"] else units)

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
                self.state.silenced = ""
        request = EditImage(run.address, sample, image, read(self.state.silenced))
        self._asking.ask(f"#{sample}", request, partial(self._arrived, self._number))

    def _arrived(self, number: int, found: WhatIf) -> None:
        if found.sample == self.sample:
            self._answer = Answer(number, found)
            self._draw()
            with self.session.hold():
                self.state.trail = trail_of(found)

    def _failed(self) -> None:
        if not self._asking.busy and self._asking.error is not None and self.sample is not None:
            self._answer = Answer(self._number, None, str(self._asking.error))
            self._draw()


def silencing(units: tuple[Unit, ...], offer: Unit | None) -> Box:
    """The switch of the unit that the page shows, and a chip for each other one that is silenced."""
    return Box(
        (
            None if offer is None else _switch(offer, on=offer in units),
            *(_chip(unit) for unit in units if unit != offer),
        ),
        role="group",
        look="silence",
        label="Silenced units",
    )


def _switch(unit: Unit, *, on: bool) -> Button:
    layer, number = unit
    return Button(
        (Box((), "i", look="knob"), f"Silence unit {number} of {layer}"),
        "silence",
        {"layer": layer, "unit": number, "on": not on},
        checked=on,
        look="chip",
        hint="Hold this unit, the one shown on the left, at its usual response",
    )


def _chip(unit: Unit) -> Button:
    layer, number = unit
    return Button(
        (f"{number} · {layer} ×",),
        "silence",
        {"layer": layer, "unit": number, "on": False},
        look="chip held",
        label=f"Let unit {number} of {layer} answer again",
        hint=f"Unit {number} of {layer} is held at its usual response. Click to let it answer again",
    )


def _shown_in_full(scene: Scene) -> Unit | None:
    """The unit that the page shows; None where no responses are stored, or none can be silenced."""
    table, own = scene.table, scene.own
    if missing([needs.INSIDE], scene) or table is None or table.layers is None or table.layers.looked is None:
        return None
    at = chosen(table.layers.looked.layers, own.column).number
    found = compared(table, scene.steps, scene.mask, own, at)
    return None if found is None else (found.units.name, int(found.units.index[found.unit]))


def _stored(run: Run, table: Population, row: int) -> WhatIf | None:
    """What is known of an image that nobody draws on."""
    sample, logits = int(table.samples[row]), table.logits(row)
    if logits is None:
        return None
    group = run.together(LAYERS)
    columns, place = group.attrs["columns"], np.flatnonzero(group["sample"].to_numpy() == sample)
    votes: list[tuple[int, int] | None] = [None] * len(columns)
    if len(place) and "probe_votes" in group:
        said, many = (group[name][:, int(place[0])].to_numpy().tolist() for name in ("probe", "probe_votes"))
        votes = list(zip(said, many, strict=True))
    voted = tuple(Voted(column["name"], vote, vote) for column, vote in zip(columns, votes, strict=True))
    neighbors, among = int(group.attrs["neighbors"]), group.attrs.get("among", "training images")
    return WhatIf(sample, np.stack([logits, logits]), voted, neighbors, (), among=among)
