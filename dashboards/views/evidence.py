"""Every cause of the closed list in the image under study: how far it goes, and what that rests on."""

from typing import ClassVar

import numpy as np

from dashboards.data.population import Population
from dashboards.kit.card import Card
from dashboards.kit.charts import Rail
from dashboards.kit.elements import Box, Child, Element, column, quiet, row, text
from dashboards.session import needs
from dashboards.session.needs import Need
from dashboards.session.scene import Scene
from dashboards.widgets.help import Help
from deepvid.reasons import CauseStrength, Classes, right
from deepvid.wording import bare, quantity, sentence_case

NO_FOCUS = "The causes of an error appear here: study one."
MOST = 2.0  # times its threshold: the end of the bars
LEAST = 0.005  # of a threshold that is said
NOTHING = "nothing found"
UNKNOWN = "could not be looked for in this image"
CAUSES = Need(
    lambda scene: scene.table is not None and scene.table.causes is not None,
    "Why images are wrong was not looked for in this run. From a shell: deepvid causes RUN",
    "No causes yet",
)
WRONG = Need(
    lambda scene: scene.row is None or _weighed(scene) != [],
    "The teacher is right about this image, or its answer came later than the causes: those are of errors. "
    "The card above asks what speaks against a right answer.",
    "No error to explain",
)


class EvidenceView(Card):
    """Follows the focus."""

    subject = "The causes of #{focus}"
    needs = (needs.IMAGES.saying(NO_FOCUS), needs.FOCUS.saying(NO_FOCUS), needs.PREDICTED, CAUSES, WRONG)
    follows: ClassVar = ("run", "facts", "focus")
    look = "evidence-card"
    help: ClassVar = Help(
        what="Every cause of the closed list: how far it goes in this image, beside the threshold at which "
        "it is named, the evidence of those that are, and how often it is right.",
        use="The longest bar is the cause that the card above names first. Several may hold.",
        beware="How often a cause is right was measured on faults planted in Fashion-MNIST and MNIST. Where "
        "one is not named nothing was found, which does not say that it is not so.",
        source="docs/causes.md.",
    )

    def prepare(self, scene: Scene) -> Element:
        """The strongest first."""
        table = scene.studied.table
        assert table.causes is not None
        return evidence(_weighed(scene), table.causes.stored.lacks)


def evidence(weighed: list[CauseStrength], lacks: list[str]) -> Element:
    """A line a cause, and what could not be looked for."""
    named = sum(one.strength >= 1 for one in weighed)
    known = sum(not np.isnan(one.strength) for one in weighed)
    beyond = "is beyond its threshold" if named < 2 else "are beyond their thresholds"
    told = f"{named or 'None'} of {quantity(known, 'cause')} {beyond}"
    return column(
        row(
            text(told, tag="h3"),
            quiet("line: the threshold at which a cause is named"),
            look="wrap middle spread",
        ),
        Box(tuple(map(_line, weighed)), "ol", look="causes", label="Causes and their evidence"),
        text(f"Could not be looked for: {'. '.join(lacks)}.", tag="p", look="quiet") if lacks else None,
        look="scroll",
        focusable=True,
    )


def _line(one: CauseStrength) -> Box:
    """Its name, how far it goes, and what that rests on."""
    cause, known = one.cause, not np.isnan(one.strength)
    far = (
        UNKNOWN
        if not known
        else f"{bare(one.strength)} of its threshold"
        if one.strength >= LEAST
        else NOTHING
    )
    below: tuple[Child, ...] = ()
    if one.strength >= 1:
        advice = f"{sentence_case(cause.action)}; {right(cause)}."
        below = (text(one.sentence, tag="p") if one.sentence else None, quiet(advice, tag="p"))
    name = sentence_case(cause.title)
    return Box(
        (
            text(text(name, tag="b"), look="name"),
            Rail(min(one.strength, MOST) / MOST if known else 0.0, mark=1 / MOST, hint=f"{name}: {far}"),
            quiet(far, look="far"),
            *below,
        ),
        "li",
        look="named" if one.strength >= 1 else "",
    )


def _weighed(scene: Scene) -> list[CauseStrength]:
    table, row = scene.table, scene.row
    if table is None or row is None or table.causes is None or table.predicted is None:
        return []
    return table.causes.weighed(row, _classes(table, row))


def _classes(table: Population, row: int) -> Classes:
    names = table.class_names
    assert table.predicted is not None
    return Classes(names[table.label[row]], names[table.predicted[row]], names)
