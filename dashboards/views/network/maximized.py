"""Pictures that the unit of the page answers as strongly as a picture can be made to."""

from dataclasses import replace
from math import ceil, sqrt
from typing import Any, ClassVar, NamedTuple, get_args

import numpy as np

from dashboards.data.units import LayerUnits
from dashboards.kit.card import Computation, ComputedCard, Inquiry
from dashboards.kit.elements import Box, Element, Slider, column, text
from dashboards.kit.pictures import Picture
from dashboards.session import needs
from dashboards.session.engine_task import Answer
from dashboards.session.layer_needs import UNITS
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.network import comparing
from dashboards.views.network.compared_view import ComparedView
from dashboards.views.network.unit.patches import PATCHES
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.config import names
from deepvid.engine.requests import Maximize, MaximizedImages
from deepvid.network.switches import MOST, SHOWN, Switches

GAP = 1  # pixels between images
MAKINGS: tuple[names.Making, ...] = get_args(names.Making)
TITLES: dict[names.Making, str] = {"latent": "in latents", "pixel": "in pixels", "held": "held back"}
HINTS: dict[names.Making, str] = {
    "latent": "The picture that it answers most of those that the autoencoder decodes, no farther from the "
    "middle than images are",
    "pixel": "The picture that it answers most of all: nothing holds its pixels back",
    "held": "The same, with the five switches below",
}
BEFORE = "The picture of the switches before; the new one is being made"
SLIDERS = {
    "decay": ("decay", "The share that every step takes of the difference to the mean image"),
    "blur": ("blur", "Standard deviation, in pixels, of the Gaussian that blurs every fourth step"),
    "values": (
        "values",
        "The share of the numbers that lie nearest to the mean image, and are put back to it",
    ),
    "norms": (
        "norms",
        "The share of the pixels that lie nearest to it, over channels: of gray images as values",
    ),
    "contributions": ("effects", "The share of the pixels that contribute least to the response, put back"),
}
STEPS = {"decay": 0.01, "blur": 0.1, "values": 0.05, "norms": 0.05, "contributions": 0.05}
WARNING = (
    "Believe the images: on the demo's last layer they tell in 89 % which of two others drives a unit, "
    "pictures in latents 77, in pixels 56, held back 55, chance 50."
)


class Chosen(NamedTuple):
    """What the page asks for, and the switches."""

    page: comparing.Own
    switches: Switches


class MaximizedView(ComputedCard[Maximize, MaximizedImages], ComparedView):  # type: ignore[misc]
    """Two pictures are stored with the run; the one that is held back is made when seen."""

    subject = "The pictures of the unit"
    needs = (*UNITS, needs.INSIDE)
    look = "maximized-card"
    computation = Computation(
        of="maximized",
        doing="Maximizing",
        waiting="It is being made …",
        stopped="Not made.",
        again="Make it",
        unstored="Not stored.",
    )
    help: ClassVar = Help(
        what="What drives the unit: the nine test images that it answers most, and pictures made for it by "
        "going up the slope of its response: in the latents of the autoencoder, in raw pixels, and in pixels "
        "that five switches hold back. Each with the unit's largest response to it, over that to the ninth "
        "image; marked is what it answers more than any image.",
        use="Choose the unit in the units' matrix. Move a switch to see what it makes of the picture; at 0 "
        "it is off, and with all off the picture is that in pixels.",
        beware="What a unit answers more than any image is off the data: the network was never asked about "
        "the like. In a game for a machine that compares pixels (which of two other images does the unit "
        "answer?) the demo's last layer was told in 89 % [85, 93] by the nine images, in 77 [71, 83] by "
        "pictures in latents, in 56 [47, 66] by those in pixels, in 55 [45, 64] by those held back, in 51 "
        "[42, 60] by nine images at random; before that layer, latents tell little more than chance. A unit "
        "that answers several things has a picture of one of them.",
        source="Yosinski et al. 2015 and their DeepVis toolbox: decay, blur, small values, small norms, "
        "small contributions. The game: Borowski et al. 2021, in which people do better with images, too.",
    )

    def __init__(self, session: Session) -> None:
        self._switches = SHOWN
        super().__init__(session)

    def chosen(self) -> Chosen:
        """The unit's page, and the switches."""
        return Chosen(ComparedView.local_state(self), self._switches)

    def actions(self) -> Actions:
        """`switch` {name, value}: another picture is made with it."""
        return {"switch": self._switch}

    def tree(self, scene: Scene, asking: Inquiry[Maximize, MaximizedImages]) -> Element:
        """The images, the pictures that are stored and those that were made, and the switches."""
        table, run, own = scene.table, scene.run, scene.own
        assert table is not None
        assert run is not None
        _, shown = self.comparison(replace(scene, own=own.page))
        units, place, latents = shown.units, shown.unit, "vae" in run.stages
        known = stored(units, place)
        lacking = [name for name in MAKINGS if name not in known and (latents or name != "latent")]
        unit = int(units.index[place])
        asking.result(Maximize(run.address, units.name, unit, own.switches, tuple(lacking)))
        before = asking.before()
        known |= _made(asking.answer or before)
        rows = strongest(units, place) if table.pictured else np.zeros(0, np.intp)
        images = table.images(units.rows[rows]) if len(rows) else np.zeros((0, *table.image_shape), np.uint8)
        largest = float(units.largest[:, place].max(initial=0))
        absent = asking.absent("nothing quiet")
        tiles = [images_tile(units, place, rows, images, pictured=table.pictured)]
        for name in MAKINGS:
            why = absent if latents or name != "latent" else _nothing("The run has no autoencoder.")
            stale = before is not None and name == "held"
            tiles.append(tile(name, known.get(name), why, largest, stale=stale))
        refused = "" if asking.lacks is None else asking.lacks.text
        switches = "Switches of the picture that is held back"
        return column(
            Box((sentence(units, place, known),), "h3"),
            Box(tuple(tiles), look="makings", role="list", label="What the unit answers most"),
            Box(sliders(own.switches, refused), look="sliders", role="group", label=switches),
            text(WARNING, tag="p", look="foot quiet"),
        )

    def _switch(self, value: Any) -> None:
        switches = self._switches._replace(**{value["name"]: float(value["value"])})
        if switches != self._switches:
            self._switches = switches
            self.redraw()


class MaximizedPicture(NamedTuple):
    """One picture of a unit, stored or just made."""

    picture: np.ndarray  # uint8 (y, x, channel)
    response: float
    ratio: float  # to the response of the image that it answers ninth strongest; NaN: that is not positive


def stored(units: LayerUnits, place: int) -> dict[names.Making, MaximizedPicture]:
    """What the stage has made of a unit, by the space."""
    found = units.maximized
    at = np.flatnonzero(found.unit == place) if found is not None else np.zeros(0, np.intp)
    if found is None or not len(at):
        return {}
    return {
        space: MaximizedPicture(
            found.picture[at[0], number],
            float(found.response[at[0], number]),
            float(found.ratio[at[0], number]),
        )
        for number, space in enumerate(found.spaces)
    }


def strongest(units: LayerUnits, place: int) -> np.ndarray:
    """int64 (image,): the nine known images that it answers most, none that it does not answer."""
    largest = units.largest[:, place]
    answered = np.flatnonzero(largest > largest.min(initial=np.inf))
    return answered[np.argsort(-largest[answered], kind="stable")[:PATCHES]]


def images_tile(
    units: LayerUnits, place: int, rows: np.ndarray, images: np.ndarray, *, pictured: bool
) -> Box:
    """The nine, from the strongest to the measure."""
    largest = units.largest[rows, place]
    whole = len(rows) == PATCHES and largest[-1] > 0
    title = f"{len(rows)} images" if len(rows) else "images"
    hint = (
        "The test images that it answers most: the largest response at a place of each. The last of them is "
        "the measure of the pictures beside"
    )
    shown = (
        _picture(mosaic(images), title)
        if len(rows)
        else _nothing("It answers no image." if pictured else "The run has no images.")
    )
    return _tile("images", title, hint, shown, f"1–{times(largest[0] / largest[-1])}" if whole else "")


def tile(
    name: names.Making, known: MaximizedPicture | None, absent: Box, largest: float, *, stale: bool = False
) -> Box:
    """One picture, or why it is `absent`; `largest` is the response to the strongest image.

    A `stale` one is that of the switches before: another is being made.
    """
    title = TITLES[name]
    if known is None:
        return _tile(name, title, HINTS[name], absent)
    picture = _picture(known.picture, title)
    if stale:
        return _tile(name, title, BEFORE, picture, "…", look="frame stale")
    measured = bool(np.isfinite(known.ratio))
    ratio = times(known.ratio) if measured else "no measure"
    beyond = "beyond" if measured and known.response > largest else ""
    return _tile(name, title, HINTS[name] + _meant(known, largest), picture, ratio, beyond)


def mosaic(images: np.ndarray) -> np.ndarray:
    """Images, uint8 (image, y, x, channel), as one of four channels, with clear lines between them."""
    across = ceil(sqrt(len(images)))
    height, width = (side + GAP for side in images.shape[1:3])
    sheet = np.zeros((ceil(len(images) / across) * height, across * width, 4), np.uint8)
    for at, image in enumerate(images):
        top, left = (place * side for place, side in zip(divmod(at, across), (height, width), strict=True))
        place = sheet[top : top + height - GAP, left : left + width - GAP]
        place[..., :3], place[..., 3] = image, 255
    return sheet[:-GAP, :-GAP]


def sentence(units: LayerUnits, place: int, known: dict[names.Making, MaximizedPicture]) -> str:
    """How far its pictures drive it beyond what images do."""
    unit = f"Unit {int(units.index[place])} of {units.name}"
    driven = {name: one for name, one in known.items() if name != "held" and np.isfinite(one.ratio)}
    if known and not any(one.response > 0 for one in known.values()):
        return f"{unit} answers none of the pictures that were tried: nothing was found that drives it."
    if driven:
        of = " and ".join(f"{TITLES[name]} {times(one.ratio)}" for name, one in driven.items())
        return f"{unit}: a picture {of} as strong as its ninth image"
    if known:
        return f"{unit} answers fewer than {PATCHES} images, so that nothing measures its pictures"
    return f"{unit}: pictures that it answers most"


def sliders(switches: Switches, refused: str) -> tuple[Slider, ...]:
    """In the order of the steps they are taken in; `refused` says why none can be moved."""
    return tuple(
        Slider(
            "switch",
            name,
            title,
            value,
            f"{value:.2g}" if value else "off",
            getattr(MOST, name),
            STEPS[name],
            disabled=bool(refused),
            hint=refused or hint,
            label=f"{title}. {hint}",
        )
        for (name, value), (title, hint) in zip(switches._asdict().items(), SLIDERS.values(), strict=True)
    )


def times(ratio: float) -> str:
    """ "2.1x"."""
    return f"{ratio:.1f}x" if ratio < 10 else f"{ratio:.0f}x"


def _made(answer: Answer[Maximize, MaximizedImages] | None) -> dict[names.Making, MaximizedPicture]:
    """What has come of a request."""
    if answer is None:
        return {}
    made, found = answer.request.made, answer.result
    return {
        name: MaximizedPicture(picture, float(response), float(response) / found.measure)
        for name, picture, response in zip(made, found.picture, found.response, strict=True)
    }


def _tile(
    name: str, title: str, hint: str, shown: Element, ratio: str = "", beyond: str = "", look: str = "frame"
) -> Box:
    caption = Box((text(title), text(ratio, tag="b", look=beyond)), "figcaption")
    return Box(
        (Box((shown,), look=look), caption),
        "figure",
        role="listitem",
        look="tile",
        hint=hint,
        data={"tile": name},
    )


def _picture(pixels: np.ndarray, title: str) -> Picture:
    return Picture(np.ascontiguousarray(pixels).tobytes(), pixels.shape, label=title)


def _nothing(why: str) -> Box:
    return Box((text(why, tag="p"),), look="nothing quiet")


def _meant(known: MaximizedPicture, largest: float) -> str:
    response = f". Its response is {known.response:.3g}"
    if not np.isfinite(known.ratio):
        return f"{response}; it answers fewer than {PATCHES} images, so that nothing measures that"
    beyond = ": more than to any test image" if known.response > largest else ""
    return f"{response}, {times(known.ratio)} that to the image it answers ninth strongest{beyond}"
