"""The confusion matrix of what is selected; a click on a cell, a row's or a column's name selects it."""

from typing import ClassVar

import numpy as np

from dashboards.data.class_groups import MANY, grouped, shown_words, summed
from dashboards.data.population import Mask, Population
from dashboards.kit.class_search import class_search
from dashboards.kit.elements import Box, Choice, header, text
from dashboards.kit.matrix import COUNTS, RATES, Confusions, MatrixCard, PreparedMatrix, matrix
from dashboards.session import needs
from dashboards.session.gestures import Cells
from dashboards.session.scene import Scene
from dashboards.session.selection import Steps, cell_counts, confusion_sentence, outlined_cells, tally
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help


class ConfusionView(MatrixCard):
    """Shows counts or rates; with a selection the counts under it, and the totals beside them."""

    title = "Confusion matrix"
    subject = "The confusion matrix"
    needs = (needs.PREDICTIONS.saying("The confusion matrix appears after the teacher's first epoch."),)
    follows: ClassVar = ("facts", "steps", "mask", "classes")
    unit = COUNTS
    help: ClassVar = Help(
        what="How often images of a class, one row each, are taken for another, one column each; the "
        "diagonal is right.",
        use="A click on a cell selects its images, one on a name its row or column, a second click "
        "lets them go. With a selection the cells count it alone. Of many classes the most confused are "
        "shown; search for another one, or show all and zoom with the wheel.",
        beware="A dark row may only be a common class: choose rate for the share of each row. Few images "
        "make rates that chance explains; its list has intervals.",
        source="Rates are counts over the number of images of the true class. Without labels rows are the "
        "runners-up, what the teacher nearly took an image for, and the diagonal is empty.",
    )

    def actions(self) -> Actions:
        """`show` classes, too."""
        return {**super().actions(), "show": self.session.show_classes}

    def prepare(self, scene: Scene) -> PreparedMatrix:
        """Counts what is taken for what."""
        table, unit, wanted = scene.table, scene.own, scene.classes
        assert table is not None
        counted = confusions(table, scene.steps, scene.mask, wanted)
        names, groups = table.class_names, counted.groups
        whose = "true class" if table.labeled else "runner-up"
        rate = f"Percent of a {whose}'s images; with a selection, of those that are selected"
        units = (COUNTS, "count", "How many images a cell holds"), (RATES, "rate", rate)
        sentence = confusion_sentence(table, scene.steps, tally(table, scene.mask))
        top = header(
            sentence,
            text(f"partial: {table.partial}", look="partial") if table.partial else None,
            Choice("unit", units, unit, segments=True, label="Unit of the cells"),
        )
        search = class_search(names, wanted, shown_words(groups, wanted, names), everything=True)
        cells = matrix(counted, names, unit, outlined_cells(groups, scene.steps))
        return PreparedMatrix(Box((top, search, cells), look="filled"), groups, table.confusion(), Cells)


def confusions(table: Population, steps: Steps, mask: Mask | None, wanted: str = "") -> Confusions:
    """The confusions under a mask (None: of everything), beside all of them; zeros until a teacher exists.

    Of many classes `wanted` says which are shown: those most confused in what is selected elsewhere.
    """
    total = table.confusion()
    selected = total if mask is None else table.confusion(mask)
    order = np.arange(table.class_count)
    if table.class_count < MANY:
        groups = grouped(total, order)
    else:
        shared, _ = cell_counts(table, steps, mask)
        groups = grouped(shared, order if table.decisions is None else table.decisions.tree.order, wanted)
    groups = groups._replace(labeled=table.labeled)
    return Confusions(groups, summed(selected, groups), summed(total, groups), mask is not None)
