"""What stands above a map, and what the browser is told of it."""

from collections.abc import Mapping

import numpy as np

from dashboards.data.memberships import MEMBERSHIPS, members
from dashboards.data.time_travel import Travel, travels
from dashboards.kit.plot_header import Bar, Choice
from dashboards.theme import CLASS_COLORS
from dashboards.views.time_travel.landscape.around import AMONG
from dashboards.views.time_travel.landscape.landscape import Described
from dashboards.views.time_travel.landscape.table import Packed
from dashboards.views.time_travel.state import EPOCH, Asked, Beside, Moment
from deepvid.store import Run
from deepvid.wording import percent

SWITCHES = (
    ("training", "Training", "Draw the training images that were drawn for the map"),
    ("test", "Test", "Draw the test images"),
    ("boundary", "Border", "Draw the points that the classifier cannot decide"),
    ("trust", "Trust", "Mark where the map is not to be believed"),
    ("trails", "Trails", "Draw the way of the images that are selected or under the pointer"),
    (
        "neighbors",
        "Neighbors",
        "Draw which test images are near the one under study: in the features, and here",
    ),
    ("isolate", "Isolate", "Draw nothing but what is selected"),
)
"""[field of the page's state, what it is called, hint]."""


_LEGEND = {
    "training": [("dot small", "training", "Training images, in the color of their label")],
    "test": [("dot", "test", "Test images, in the color of their label")],
    "either": [
        ("dot wrong", "misclassified", "A ring in the color of the label around the color of the prediction")
    ],
    "boundary": [("dot border", "border", "Points that the classifier cannot decide, made for each epoch")],
    "trust": [
        (
            "dot hollow",
            "0 of 15 nearest kept",
            "None of the 15 nearest in the features is among the 15 nearest here: where the point lies says "
            "nothing of its neighbors",
        ),
        (
            "dot pale",
            "1–2 kept",
            "One or two of the 15 nearest in the features are among the 15 nearest here",
        ),
        (
            "hatched",
            "not to be believed",
            "No image of that class lies there, or what is decoded there is like no image, or it belongs "
            "elsewhere on the map",
        ),
    ],
    "neighbors": [
        (
            "stroke",
            "nearest in the features and here",
            f"One of its 15 nearest in the features and on the map. {AMONG}",
        ),
        (
            "stroke dashed",
            "in the features alone",
            f"One of its 15 nearest in the features, and on the map others are nearer. {AMONG}",
        ),
        ("dot around", "nearest here", f"One of its 15 nearest on the map. {AMONG}"),
    ],
}
"""Switch -> [sign, what it means, hint] of what it draws."""


def legend(switched: Mapping[str, bool]) -> list[list[str]]:
    """[sign, text, hint] of what is drawn."""
    on = {**switched, "either": switched["training"] or switched["test"]}
    return [[*sign] for name, signs in _LEGEND.items() if on[name] for sign in signs]


def described(owner: str, travel: Travel, sent: Packed, frame: np.ndarray) -> Described:
    """What the browser is told beside the bytes; `frame` (2, 2) are the corners of what is seen."""
    return {
        "owner": owner,
        "number": sent.number,
        "points": len(travel.samples),
        "training": travel.training,
        "boundary": travel.boundary.shape[1],
        "epochs": travel.epochs,
        "planned": travel.planned,
        "side": len(travel.landscapes[0].decided),
        "colors": list(CLASS_COLORS),
        "frame": [float(side) for side in frame.ravel()],
        "span": list(sent.span),
        "boxes": [[float(side) for side in scene.box.ravel()] for scene in travel.landscapes],
        "names": sent.names,
    }


def above(shown: Moment, run: Run, asked: Asked, switched: Mapping[str, bool]) -> Bar:
    """The sentence about the epoch, what could stand beside it, and the switches."""
    known = travels(run)
    choices: list[Choice] = []
    if len(known) > 1:
        forms = [[form, travel.name] for form, travel in known.items()]
        choices.append(_menu("form", shown.travel.form, forms))
    others = [
        ["", "one map"],
        [EPOCH, "with another epoch"],
        *([run, f"with {run}"] for run in asked.runs),
    ]
    if all(asked.beside != name for name, _ in others):
        others.append([asked.beside, f"with {asked.beside}"])  # of a link, or gone: it can be let go
    if shown.travel.epochs > 1 or len(others) > 2:
        choices.append(_menu("beside", asked.beside, others, "side by side"))
    return {
        "title": sentence(shown, asked.epoch),
        "badge": None if shown.travel.finished else partial(shown.travel),
        "choices": [*choices, *training_images(shown, asked.among)],
        "switches": [[name, text, hint, switched[name]] for name, text, hint in SWITCHES],
    }


def training_images(shown: Moment, among: str) -> list[Choice]:
    """The sets of training images that the run knows, each with its number after the epoch shown."""
    travel, epoch = shown
    if not travel.training:
        return []
    options = [["", "all training images", "None is highlighted"]]
    for name, kind in MEMBERSHIPS.items():
        found = members(travel, epoch, name)
        if found is not None:
            options.append([name, f"{int(found.sum()):,} {kind.text}", kind.hint])
    value = among if any(among == name for name, *_ in options) else ""
    return [_menu("among", value, options, "training images")]


def above_beside(other: Beside) -> Bar:
    """The sentence about the other epoch; of another run, how near its map was turned to this one's."""
    if other.explained is None:
        return {"title": sentence(other.moment, other.asked)}
    hint = "How much of the variance of the images' places in this run their places there explain"
    return {
        "title": f"There: {sentence(other.moment, other.asked)}",
        "notes": [[f"turned, {percent(other.explained)} explained", hint]],
        "switches": [["together", "Together", "Go where the other map goes", other.follows]],
    }


def _menu(name: str, value: str, options: list[list[str]], label: str = "") -> Choice:
    return {"name": name, "label": label or name, "value": value, "options": options, "menu": True}


def sentence(shown: Moment, asked: int | None) -> str:
    """Which epoch is shown, and how right the classifier is after it."""
    travel, epoch = shown
    right = (
        f": {percent(travel.accuracy['test'][epoch], digits=1)} right" if "test" in travel.accuracy else ""
    )
    missed = "" if asked in (None, epoch + 1) else f" (there is no epoch {asked})"
    return f"Epoch {epoch + 1} of {travel.epochs}{missed}{right}"


def partial(travel: Travel) -> str:
    """How far a form is that is being computed."""
    return f"partial: {travel.epochs} of {travel.planned} epochs are computed"
