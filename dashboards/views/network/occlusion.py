"""Where covering the image under study changes the unit that the page shows, and every logit."""

from typing import Any, ClassVar

import numpy as np

from dashboards.data.aim import aim
from dashboards.data.class_labels import shortened
from dashboards.data.units import LayerUnits
from dashboards.kit.card import Computation, ComputedCard
from dashboards.kit.elements import Box, Button, Element, column, quiet, row, swatch, text, title
from dashboards.kit.pictures import Heat, Picture, Read, Reading, Scale, Windows
from dashboards.session import needs
from dashboards.session.layer_needs import UNITS, studied
from dashboards.session.scene import Scene
from dashboards.theme import class_color
from dashboards.views.network import comparing
from dashboards.views.network.compared_view import ComparedView
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.engine.requests import Occluded, OccludeImage
from deepvid.wording import signed, two_digits

CLASSES = 10  # that are shown at most
STRONGEST = 5  # units of all layers, that are named
LONGEST = 12  # letters of a class
HARDLY = 0.05  # sd that is not worth a place
NO_FOCUS = "Where covering the image under study changes a unit appears here: click an image."


class OcclusionView(ComputedCard[OccludeImage, Occluded], ComparedView):  # type: ignore[misc]
    """Follows the focus and the unit."""

    subject = "What covering #{focus} changes"
    needs = (*UNITS, *studied(NO_FOCUS, needs.INSIDE))
    follows: ClassVar = (*ComparedView.follows, "focus", "target")
    look = "occlusion-card"
    computation = Computation(
        of="occlusion",
        doing="Covering patches",
        waiting="The image is being covered, patch after patch …",
        stopped="The image is not covered.",
        again="Cover it",
        unstored="What covering an image changes is not stored, but computed with the teacher.",
    )
    help: ClassVar = Help(
        what="One patch of the image after another is covered with a blurred copy of what is there. Each map "
        "has a cell for every patch: blue where covering it lowers the unit's mean response, or a class's "
        "logit, orange where it raises that. All maps have one scale, in standard deviations over the test "
        "images, so that a unit can be held against a logit.",
        use="It follows the image under study and the unit of the page. Point at a cell to read it, and to "
        "see the patch. Below are the units of all layers that change most: a click shows one.",
        beware="A class's map is of its logit alone: what raises all logits alike changes no answer, so hold "
        "it against the other class. A blurred patch is still something to see: at the edge of an object it "
        "can draw a soft one. Patches are covered one at a time, so what is there twice may seem not to "
        "matter.",
        source="A feature map under a moving patch: Zeiler and Fergus 2014, section 4.2. R = f(x) − f(x "
        "with the patch blurred), the Gaussian's deviation half the patch's side.",
    )

    def chosen(self) -> comparing.Own:
        """The unit's page."""
        return ComparedView.local_state(self)

    def actions(self) -> Actions:
        """`unit` {layer, unit}: a unit that changes much is shown."""
        return {"unit": lambda value: self.open_unit(value["unit"], value["layer"])}

    def request(self, scene: Scene) -> OccludeImage:
        """All units and logits under every patch."""
        return OccludeImage(scene.studied.run.address, scene.studied.sample)

    def card(self, scene: Scene, found: Occluded) -> Element:
        """The image, the unit's map, and those of logits."""
        _, table, row, _ = scene.studied
        _, shown = self.comparison(scene)
        asked = aim(table, row, scene.target)
        image = table.images([row])[0]
        return maps(found, shown.units, shown.unit, image, table.class_names, asked.answer, asked.target)


def maps(
    found: Occluded,
    units: LayerUnits,
    place: int,
    image: np.ndarray,
    names: tuple[str, ...],
    answer: int,
    other: int | None,
) -> Element:
    """The unit at `place` of a layer, the class of the answer, the `other` one in question, and those whose
    logits change most: one scale for all.
    """
    own, number = int(units.row[place]), int(units.index[place])
    asked = [answer, *([other] if other is not None and other != answer else [])]
    size = np.abs(found.logit).max(axis=(1, 2))
    rest = [index for index in np.argsort(-size, kind="stable").tolist() if index not in asked]
    classes = [*asked, *rest][:CLASSES]
    end = float(np.abs(np.concatenate([found.unit[own][None], found.logit[classes]])).max()) or 1.0
    windows = Windows(found.top, found.left, found.patch, image.shape)
    grid = len(found.top), len(found.left)

    def tile(drop: np.ndarray, name: str, hint: str, nats: float = 0.0, **look: Any) -> Box:
        reading = Reading(name, "sd", -1.0, (nats, "nats") if nats else None, always=not nats)
        heat = Heat(drop.astype("<f4").tobytes(), grid, end, hint=hint, windows=windows, reading=reading)
        short, value = look.pop("short", name), signed(-_largest(drop))
        caption = Box((text(short), text(value)), "figcaption")
        return Box((heat, caption), "figure", hint=hint, data={"name": name, "value": value}, **look)

    def logit(index: int) -> Box:
        drop, nats = found.logit[index], float(found.deviation[index])
        value = -_largest(drop)
        hint = f"Logit of {names[index]}: at most {signed(value)} sd ({signed(value * nats)} nats), "
        short = text(swatch(class_color(index)), shortened(names, LONGEST)[index])
        look = "tile asked" if index in asked else "tile"
        return tile(drop, names[index], hint + _where(found, drop), nats, short=short, look=look)

    drop = found.unit[own]
    hint = f"Mean response of unit {number} of {units.name}: at most {signed(-_largest(drop))} sd, "
    unit = tile(drop, f"unit {number}", hint + _where(found, drop), look="tile unit")
    picture = Picture(image.tobytes(), image.shape, marked=True, label="The image under study")
    return column(
        title(sentence(found, units, place)),
        row(
            Box((picture, Box((f"#{found.sample}",), "figcaption")), "figure", look="tile unit"),
            unit,
            Box(tuple(map(logit, classes)), look="classes grow", role="group", label="Logits of classes"),
            look="grow maps",
        ),
        _below(found, end, len(classes), len(names)),
        row(
            quiet("change most", hint=f"{_MOST}, in their standard deviations over the test images"),
            *(_strong(found, place, place == own) for place in _strongest(found)),
            look="wrap middle strongest",
        ),
    )


_MOST = "The units of all layers whose mean response one patch changes most"


def sentence(found: Occluded, units: LayerUnits, place: int) -> str:
    """Where the unit changes most."""
    drop = found.unit[int(units.row[place])]
    value = -_largest(drop)
    which = f"Unit {int(units.index[place])} of {units.name}"
    if abs(value) < HARDLY:
        return f"{which} hardly changes, wherever the image is covered"
    moves = "falls" if value < 0 else "rises"
    return f"{which} {moves} most, {signed(value)} sd, {_where(found, drop)}"


def _below(found: Occluded, end: float, shown: int, classes: int) -> Read:
    patches = f"{len(found.top) * len(found.left)} blurred patches, {found.patch}x{found.patch} px"
    more = f" · {shown} of {classes} classes" if classes > shown else ""
    chosen = "Covered one at a time; of many classes those are shown whose logits change most"
    one = "In standard deviations over the test images: one scale for all maps, whose colors end at"
    scale = Scale("rises", f"falls, to {two_digits(end)} sd", hint=f"{one} ±{two_digits(end)} sd")
    return Read(
        "Rows {rows}, columns {columns} covered",
        (text(patches + more, hint=chosen), scale),
        look="told quiet row spread",
    )


def _strongest(found: Occluded) -> list[int]:
    """Of all layers."""
    size = np.abs(found.unit).max(axis=(1, 2))
    return np.argsort(-size, kind="stable")[:STRONGEST].tolist()


def _strong(found: Occluded, place: int, own: bool) -> Button:
    (layer, unit), drop = found.units[place], found.unit[place]
    value = signed(-_largest(drop))
    hint = f"Unit {unit} of {layer}: {value} sd, {_where(found, drop)}"
    return Button(
        (quiet(layer), text(f" {unit} ", tag="b"), value),
        "unit",
        {"layer": layer, "unit": unit},
        pressed=own,
        look="chip",
        hint=hint,
        label=hint,
        data={"unit": f"{layer} {unit}"},
    )


def _largest(drop: np.ndarray) -> float:
    """The one of the largest size, with its sign."""
    return float(drop.ravel()[np.abs(drop).argmax()])


def _where(found: Occluded, drop: np.ndarray) -> str:
    v, u = np.unravel_index(int(np.abs(drop).argmax()), drop.shape)
    rows, columns = (
        f"{begin + 1}–{begin + found.patch}" if found.patch > 1 else f"{begin + 1}"
        for begin in (found.top[int(v)], found.left[int(u)])
    )
    return f"where rows {rows}, columns {columns} are covered"
