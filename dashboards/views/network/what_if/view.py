"""What if the image under study were drawn otherwise: probabilities, votes and units follow the brush."""

import base64
import binascii
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.session import needs
from dashboards.session.asking import Asking
from dashboards.session.needs import Need, missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.views.network.state import RIVER, STAGE
from dashboards.views.network.what_if.table import Shown, shown, stored
from dashboards.views.network.what_if.what_if_card import Answer, Card, WhatIfCard
from dashboards.widgets.help import Help
from deepvid.engine.requests import EditImage, Voted, WhatIf
from deepvid.store import Run

MOST_ASKED = 2**53  # number of a question, as a browser counts


class Prepared(NamedTuple):
    """What the card will show."""

    card: Card
    image: bytes


class WhatIfView(View):
    """Follows the focus; what is drawn stays in the browser, and is gone with the next image."""

    subject = "What if #{focus} were another image"
    needs = (
        Need(lambda scene: missing(RIVER, scene) is None, "The image to draw on appears with the river."),
        needs.ASKED,
        needs.FOCUS.saying("Study an image: here it can be painted, shifted and turned."),
        needs.PICTURES,
    )
    follows: ClassVar = ("run", "facts", "version", "focus")
    help: ClassVar = Help(
        what="The image under study, to be drawn on. Beside it what the teacher says of the drawn image and "
        "of the stored one, what most of its nearest training images are at every layer, and which units "
        "answer most otherwise.",
        use="Drag to paint, to erase or to shift; the slider turns it. Arrow keys on the image shift it by a "
        "pixel, Ctrl+Z undoes one stroke, Escape takes all back. Nothing of it is kept.",
        beware="A drawn image is one that the teacher was not trained on: what follows is what it does, not "
        "what a person would call the thing. Erasing paints with the median of the image's border. Votes are "
        "by the 64 numbers of a layer's code, and a narrow majority counts as a clear one.",
        source="The teacher as it is trained, the votes as in the river above. Units: mean response, in "
        "standard deviations of that over the test images.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._asked = 0
        self._asking = Asking(session, self._told, of="what if")
        self._card = WhatIfCard({"edit": self._edit}, sizing_mode="stretch_both")
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
            "stored": _stored(run, sample, table.logits(row), table.class_names) if lacks else None,
        }
        return Prepared(card, table.images([row])[0].tobytes())

    def publish(self, prepared: Prepared) -> None:
        """What is being drawn goes on while the image is the same."""
        if prepared.card != self._card.card or prepared.image != self._card.image:
            self._asking.cancel()
            self._card.param.update(card=prepared.card, image=prepared.image, answer={})

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
        request = EditImage(run.address, sample, image)
        self._asking.ask(f"#{sample}", request, partial(self._arrived, asked, table.class_names))

    def _arrived(self, asked: int, names: tuple[str, ...], found: WhatIf) -> None:
        self._answer(found.sample, asked, shown(found, names))

    def _told(self) -> None:
        if not self._asking.busy and self._asking.error is not None and self.sample is not None:
            self._answer(self.sample, self._asked, None, str(self._asking.error))

    def _answer(self, sample: int, asked: int, found: Shown | None, error: str = "") -> None:
        answer: Answer = {"sample": sample, "asked": asked, "error": error, "shown": found}
        with self.session.hold():
            self._card.answer = answer


def _bytes(told: Any, count: int) -> bytes | None:
    """An image of so many bytes that a browser tells in base64; None where it tells none."""
    if not isinstance(told, str) or len(told) != 4 * -(-count // 3):
        return None
    try:
        image = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError):
        return None
    return image if len(image) == count else None


def _stored(run: Run, sample: int, logits: np.ndarray | None, names: tuple[str, ...]) -> Shown | None:
    """What is known of an image that nobody draws on."""
    if logits is None:
        return None
    group = run.stages[STAGE].open()
    columns, place = group.attrs["columns"], np.flatnonzero(group["sample"].to_numpy() == sample)
    votes: list[tuple[int, int] | None] = [None] * len(columns)
    if len(place) and "probe_votes" in group:
        said, many = (group[name][:, int(place[0])].to_numpy().tolist() for name in ("probe", "probe_votes"))
        votes = list(zip(said, many, strict=True))
    voted = tuple(Voted(column["name"], vote, vote) for column, vote in zip(columns, votes, strict=True))
    neighbors, among = int(group.attrs["neighbors"]), group.attrs.get("among", "training images")
    return stored(WhatIf(sample, np.stack([logits, logits]), voted, neighbors, (), among), names)
