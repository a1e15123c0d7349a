"""Which squares of the image under study speak for its answer against the class in question."""

from typing import ClassVar

import numpy as np

from dashboards.data.aim import Aim, aim
from dashboards.data.class_labels import shortened
from dashboards.kit.card import Computation, ComputedCard
from dashboards.kit.elements import Box, Element, column, row, title
from dashboards.kit.pictures import Heat, Picture, Scale
from dashboards.session import needs
from dashboards.session.layer_needs import studied
from dashboards.session.scene import Scene
from dashboards.widgets.help import Help
from deepvid.engine.requests import Superpixels, SuperpixelWeights
from deepvid.wording import signed, two_digits

LONGEST = 16  # letters of a class
WELL, BADLY = 0.7, 0.5  # held-out R² from which on it can be believed, and below which it cannot
NO_FOCUS = "Which squares of the image under study speak for its answer appears here: click one."


class SuperpixelsView(ComputedCard[Superpixels, SuperpixelWeights]):
    """Follows the focus, and the class that strips lead to."""

    subject = "The squares of #{focus}"
    needs = studied(NO_FOCUS, needs.QUERIES)
    follows: ClassVar = ("run", "facts", "focus", "target")
    look = "superpixels-card"
    computation = Computation(
        of="squares",
        doing="Covering squares",
        waiting="The squares are being covered …",
        stopped="No squares are covered.",
        again="Cover them",
        unstored="What squares say is not stored, but computed with the teacher.",
    )
    help: ClassVar = Help(
        what="What each square of a 4x4 grid adds to the teacher's answer (blue) or to another class "
        "(orange): the weights of a linear model of which squares are there, each covered with its mean "
        "color.",
        use="It follows the image under study, and the class that the strip leads to: the true one of an "
        "error, else the runner-up.",
        beware="Covered squares make images that the teacher has never seen. Finer squares fit better and "
        "say less: what counts is R² on masks that were held out of the fit, and whether other masks give "
        "the same. Below .5 squares alone do not explain the answer.",
        source="LIME, Ribeiro et al. 2016, on squares, whose own score is that of the fitted masks; 300 "
        "masks, a fifth of them held out.",
    )

    def request(self, scene: Scene) -> Superpixels:
        """Weights against the class in question, or the runner-up where none is."""
        target = _asked(scene).target
        assert target is not None
        return Superpixels(scene.studied.run.address, scene.studied.sample, target)

    def card(self, scene: Scene, found: SuperpixelWeights) -> Element:
        """The image beside its squares."""
        _, table, row, sample = scene.studied
        return squares(found, table.images([row])[0], table.class_names, _asked(scene), sample)


def squares(
    found: SuperpixelWeights, image: np.ndarray, names: tuple[str, ...], asked: Aim, sample: int
) -> Element:
    """One scale, whose ends are the largest weight: above it which square speaks most, below how far to
    believe it.
    """
    assert asked.target is not None
    short = shortened(names, LONGEST)
    sides, low, high = (names[asked.target], names[asked.answer]), short[asked.target], short[asked.answer]
    end = float(np.abs(found.weight).max()) or 1.0
    texts, hints = [], []
    for (v, u), value in np.ndenumerate(found.weight):
        texts.append(signed(value))
        hints.append(f"Row {v + 1}, column {u + 1}: {signed(value)} logits for {sides[int(value > 0)]}")
    v, u = np.unravel_index(int(np.abs(found.weight).argmax()), found.weight.shape)
    most = float(found.weight[v, u])
    return column(
        title(
            f"#{sample}: most speaks the square in row {v + 1}, column {u + 1}, for {sides[int(most > 0)]} "
            f"({signed(most)} logits)"
        ),
        Box(
            (
                Picture(image.tobytes(), image.shape, label="The image under study"),
                Heat(
                    found.weight.astype("<f4").tobytes(),
                    found.weight.shape,
                    end,
                    texts=tuple(texts),
                    hints=tuple(hints),
                    sizes=tuple(_sizes(side, found.cell) for side in image.shape[:2]),
                    label="Squares of the image",
                ),
            ),
            look="pictures",
        ),
        row(
            trust(found),
            Scale(
                f"for {low}",
                f"for {high}",
                hint=f"Logits that a square adds to {high} against {low}; colors end at ±{two_digits(end)}",
            ),
            look="quiet wrap middle spread",
        ),
    )


def trust(found: SuperpixelWeights) -> Box:
    """How far it can be believed: of masks that were not fitted, and of the same with other masks."""
    again = "not known" if np.isnan(found.repeated) else f"{found.repeated:.2f}"
    repeat = f"correlation with a repeat of other masks {again}"
    text = f"Held-out R² {found.r2:.2f}, {repeat} ({found.masks} masks each)"
    if found.r2 < BADLY:
        return Box((f"{text}: squares alone do not explain the answer",), "span", look="trust warning")
    return Box((text if found.r2 >= WELL else f"{text}: they explain a part of it",), "span", look="trust")


def _asked(scene: Scene) -> Aim:
    """The answer, and the class that it is held against: where no class is asked for, as if nothing was."""
    _, table, row, _ = scene.studied
    asked = aim(table, row, scene.target)
    return aim(table, row, "") if asked.target is None else asked


def _sizes(side: int, cell: int) -> tuple[int, ...]:
    return tuple(min(cell, side - at) for at in range(0, side, cell))
