"""What if the image under study were drawn otherwise, or units were silenced? Votes and units follow."""

import base64
import binascii
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.population import Population
from dashboards.session import needs
from dashboards.session.engine_task import EngineTask
from dashboards.session.needs import Need, missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.network.compared_view import ComparedView
from dashboards.views.network.comparing import compared
from dashboards.views.network.state import LAYERS, RIVER, chosen
from dashboards.views.network.trail import MOST_SILENCED, Unit, read, trail_of, written
from dashboards.views.network.what_if.table import Shown, shown, stored
from dashboards.views.network.what_if.what_if_card import Answer, Card, Silence, WhatIfCard
from dashboards.views.network.what_if.what_if_card import Unit as UnitOfLayer
from dashboards.widgets.help import Help
from deepvid.engine.requests import EditImage, Voted, WhatIf
from deepvid.errors import DataError
from deepvid.store import Run

MOST_ASKED = 2**53  # number of a question, as a browser counts


class Prepared(NamedTuple):
    """What the card will show."""

    card: Card
    image: bytes
    offer: Unit | None  # the unit that the page shows in full


class WhatIfView(ComparedView):
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
        super().__init__(session)
        self._asked = 0
        self._offer: Unit | None = None
        self._asking = EngineTask(session, self._told, of="what if")
        self._card = WhatIfCard({"edit": self._edit, "silence": self._silence}, sizing_mode="stretch_both")
        self.showing.watch(self.state, "silenced", self._offered)
        self.link(self._card)

    def prepare(self, scene: Scene) -> Prepared:
        """The stored image; without an engine what is stored of it."""
        run, table, row = scene.run, scene.table, scene.row
        assert run is not None
        assert table is not None
        assert row is not None
        sample, lacks = int(table.samples[row]), missing([needs.ENGINE], scene)
        card: Card = {
            "sample": sample,
            "shape": list(table.image_shape),
            "refusal": f"Nothing can be drawn here. {lacks.text}" if lacks else "",
            "stored": _stored(run, table, row) if lacks else None,
        }
        return Prepared(card, table.images([row])[0].tobytes(), _shown_in_full(scene))

    def publish(self, prepared: Prepared) -> None:
        """What is being drawn goes on while the image is the same."""
        self._offer = prepared.offer
        self._offered()
        if prepared.card != self._card.card or prepared.image != self._card.image:
            self._asking.cancel()
            self._card.param.update(card=prepared.card, image=prepared.image, answer={})
            self.state.trail = None

    def _offered(self, *_: Any) -> None:
        units = read(self.state.silenced)
        silence: Silence = {
            "offer": None if self._offer is None else _named(self._offer),
            "units": [_named(unit) for unit in units],
        }
        with self.session.hold():
            self._card.silence = silence

    def _silence(self, value: Any) -> None:
        units = [] if value is None else list(read(self.state.silenced))
        match value:
            case {"layer": str(layer), "unit": int(unit), "on": bool(on)} if (
                layer,
                unit,
            ) == self._offer or not on:
                units = [one for one in units if one != (layer, unit)]
                if on and len(units) == MOST_SILENCED:
                    most = f"At most {MOST_SILENCED} units are silenced at once"
                    self.session.fault(DataError(most, "one more", "Let another one answer again"))
                elif on:
                    units.append((layer, unit))
        with self.session.hold():
            self.state.silenced = written(units)

    def _edit(self, wish: Any) -> None:
        run, sample, table = self.session.run, self.sample, self.session.population
        if run is None or table is None or sample is None or not isinstance(wish, Mapping):
            return
        asked, image = wish.get("asked"), _bytes(wish.get("image"), int(np.prod(table.image_shape)))
        if image is None or wish.get("sample") != sample or self._card.card.get("refusal"):
            return
        if type(asked) is not int or not 0 < asked < MOST_ASKED:
            return
        self._asked = asked
        request = EditImage(run.address, sample, image, read(self.state.silenced))
        self._asking.ask(f"#{sample}", request, partial(self._arrived, asked, table))

    def _arrived(self, asked: int, table: Population, found: WhatIf) -> None:
        self._answer(found.sample, asked, shown(found, table.class_names, table.link))
        if found.sample == self.sample:
            with self.session.hold():
                self.state.trail = trail_of(found)

    def _told(self) -> None:
        if not self._asking.busy and self._asking.error is not None and self.sample is not None:
            self._answer(self.sample, self._asked, None, str(self._asking.error))

    def _answer(self, sample: int, asked: int, found: Shown | None, error: str = "") -> None:
        answer: Answer = {"sample": sample, "asked": asked, "error": error, "shown": found}
        with self.session.hold():
            self._card.answer = answer


def _shown_in_full(scene: Scene) -> Unit | None:
    """The unit that the page shows; None where no responses are stored, or none can be silenced."""
    table, own = scene.table, scene.own
    if missing([needs.INSIDE], scene) or table is None or table.layers is None or table.layers.looked is None:
        return None
    at = chosen(table.layers.looked.layers, own.column).number
    found = compared(table, scene.steps, scene.mask, own, at)
    return None if found is None else (found.units.name, int(found.units.index[found.unit]))


def _named(unit: Unit) -> UnitOfLayer:
    return {"layer": unit[0], "unit": unit[1]}


def _bytes(told: Any, count: int) -> bytes | None:
    """An image of so many bytes that a browser tells in base64; None where it tells none."""
    if not isinstance(told, str) or len(told) != 4 * -(-count // 3):
        return None
    try:
        image = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError):
        return None
    return image if len(image) == count else None


def _stored(run: Run, table: Population, row: int) -> Shown | None:
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
    found = WhatIf(sample, np.stack([logits, logits]), voted, neighbors, (), among=among)
    return stored(found, table.class_names, table.link)
