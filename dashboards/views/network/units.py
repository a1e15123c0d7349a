"""Units of the layer shown: how the selection differs from other images in each, beside every class."""

from typing import Any, ClassVar

import numpy as np

from dashboards.data.class_groups import Groups, frequent
from dashboards.data.class_labels import shortened
from dashboards.data.population import Population
from dashboards.data.unit_groups import LayerGroups
from dashboards.data.units import LayerUnits, Moments
from dashboards.kit.card import Card
from dashboards.kit.charts import Matrix, MatrixRow
from dashboards.kit.elements import Box, Button, Child, Choice, Element, column, header, text, with_label
from dashboards.kit.pictures import Scale
from dashboards.session.layer_needs import UNITS
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.theme import class_color
from dashboards.views.network.compared_view import ComparedView
from dashboards.views.network.comparing import KEPT, Compared, Side, kept, offers
from dashboards.views.network.trusting import of_layer
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.wording import change

LONGEST = 15  # letters beside a row
CLIPPED = 0.98  # share of all cells inside the scale: few bright ones must not gray out the rest
WIDEST = {LayerUnits.word: 64, LayerGroups.word: 110}  # CSS pixels of a column
FEWEST_SD = 1.0  # the scale of the colors goes so far at least
ORDERS = {"difference": "by difference", "alike": "like beside like", "index": "by number"}
AS = (
    ("units", "Units", "The units of the layer"),
    ("groups", "Groups", "Units that answer together at the same places: a few for each layer with maps"),
)
HOLD = "Compare what is selected next with what is selected now; press again to let it go"


class UnitsView(Card, ComparedView):
    """Of the selection, else of what is misclassified."""

    subject = "The units"
    needs = UNITS
    look = "units-card"
    help: ClassVar = Help(
        what="Each column is a unit of the layer, each row a set of test images; the color is the set's mean "
        "response, in standard deviations of that unit over all test images. Bars above are the selection "
        "less what it is compared with, in the same unit, with one standard error on each side.",
        use="Select images anywhere, and choose what to compare them with. A click on a column, or the arrow "
        "keys, open that unit in its card. Hold keeps the selection as what the next one is compared with. "
        "Groups shows a few groups of units that answer together instead of the units.",
        beware="In sets of a hundred images most units differ by more than chance, and of many units some "
        "always do: read how large a difference is, not whether it is one. A unit is no concept: it answers "
        "to several things, and the network uses many together. Where places are pooled, the mean hides "
        "where in the image it answers. Groups say less than the layer does: below stand the predictions "
        "that stay when it says only what they do, beside the floor, and how alike two halves' groups are.",
        source="Subsets side by side: ActiVis, Kahng et al. 2018. The standard error is Welch's, of images "
        "that are in one of both sets alone; like beside like is the optimal leaf order of class means, "
        "Bar-Joseph et al. 2001. Groups are a non-negative matrix factorization of positive outputs over "
        "places, Lee and Seung 1999; groups of neurons: Olah et al. 2018.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.showing.watch(self.state, ["order"], self.redraw)

    def actions(self) -> Actions:
        """What is shown of the units, and `unit` or `group` {value}: the one that is shown in full."""
        return {
            "compare": lambda what: self._set(compare=what),
            "grouped": lambda shown_as: self._set(grouped=shown_as == "groups"),
            "order": lambda order: self._set(order=order),
            "keep": self._keep,
            LayerUnits.word: lambda asked: self.open_unit(asked["value"]),
            LayerGroups.word: lambda asked: self.open_group(asked["value"]),
        }

    def prepare(self, scene: Scene) -> Element:
        """Bars and rows of all units, in the order that is asked for."""
        table, own = scene.table, scene.own
        assert table is not None
        _, found = self.comparison(scene)
        against = tuple((value, text, "") for value, text in offers(table, own, all_wrong=scene.mask is None))
        orders = tuple(
            (name, text, "")
            for name, text in ORDERS.items()
            if name != "alike" or found.units.leaf is not None
        )
        shown_as = "groups" if own.grouped else "units"
        hold = Button(("Hold",), "keep", pressed=own.compare.startswith(KEPT), hint=HOLD)
        return card(
            found,
            matrix(table, found, own.order, scene.mask),
            with_label(Choice("compare", against, own.compare, label="against")),
            Choice("grouped", AS, shown_as, segments=True, label="Units or groups"),
            with_label(Choice("order", orders, own.order, label="units")),
            Box((hold,), look="segmented", role="group", label="What is shown"),
        )

    def _set(self, **chosen: Any) -> None:
        with self.session.hold():
            self.state.param.update(**chosen)

    def _keep(self, _: None) -> None:
        """What is selected now is what later selections are compared with; pressed again, it is let go."""
        steps = self.session.selection.steps
        held = self.state.compare.startswith(KEPT)
        if steps or held:
            self._set(compare="" if held else kept(steps))


def card(found: Compared, drawn: Matrix, *choices: Child) -> Element:
    """What is compared, with `choices` of it, above the matrix."""
    scale = Scale(
        change(-drawn.end, 1) + " sd",
        change(drawn.end, 1) + " sd",
        hint="Mean response, in standard deviations from that of all test images",
    )
    told = (text(words, look="note", hint=hint) for words, hint in notes(found))
    foot = Box((scale, *told), look="foot quiet")
    return column(header(title(found), *choices), Box((drawn, foot), look="plot"))


def matrix(table: Population, found: Compared, order: str, mask: np.ndarray | None) -> Matrix:
    """Rows are the selection, what it is compared with, then classes: the selection's commonest first."""
    units, place = found.units, ordered(found, order)
    of_class = units.of_classes(table.filed, table.class_count)
    known = [(index, of_class[index]) for index in _groups(table, mask).classes if of_class[index].images]
    sides, short = _sides(found), shortened(tuple(table.class_names), LONGEST)
    ends = np.abs(np.stack([each.mean for _, each in known])) if known else np.zeros((1, 1))
    lines = [(each.mean, each.error) for _, each in [*sides, *known]]
    if found.difference is not None:
        lines.insert(0, found.difference)
    mean, error = (_numbers([line[part][place] for line in lines]) for part in (0, 1))
    at, numbers = int(np.flatnonzero(place == found.unit)[0]), tuple(units.index[place].tolist())
    return Matrix(
        act=units.word,
        name=units.name,
        word=units.word,
        numbers=numbers,
        spoken=tuple(f"classes explain {100 * each:.0f} % of its variance" for each in units.spread[place]),
        rows=(
            *(MatrixRow(side.words, side.short, "", moments.images) for side, moments in sides),
            *(
                MatrixRow(table.class_names[index], short[index], class_color(index), moments.images)
                for index, moments in known
            ),
        ),
        mean=mean,
        error=error,
        bars=found.difference is not None,
        end=max(FEWEST_SD, float(np.quantile(ends, CLIPPED))),
        reach=_reach(found),
        at=at,
        widest=WIDEST[units.word],
        left=table.class_count - len(known),
        label=f"{units.word.capitalize()} shown in full",
        data={"layer": units.name, "unit": numbers[at], "units": " ".join(map(str, numbers))},
    )


def _numbers(lines: list[np.ndarray]) -> bytes:
    return np.array(lines, "<f4").tobytes()


def ordered(found: Compared, order: str) -> np.ndarray:
    """int64 (unit,): places of the units from the left. Without a difference or leaves, by number."""
    units = found.units
    if order == "difference" and found.difference is not None and np.isfinite(found.difference.value).all():
        return np.argsort(-found.difference.value, kind="stable")
    if order == "alike" and units.leaf is not None:
        return np.argsort(units.leaf, kind="stable")
    return np.arange(len(units.index))


def title(found: Compared) -> str:
    """ "103 Shirt taken for T-shirt against 712 recognized Shirt, unit 60 most: −1.49 ± 0.05 sd"."""
    if found.first is None:
        return f"How each class differs from all images, {found.units.word} by {found.units.word}"
    if found.second is None or found.difference is None:
        return f"{found.first.words}, with no other image to compare"
    value, error = found.difference
    most = int(found.strongest[0])
    within = "" if np.isnan(error[most]) else f" ± {error[most]:.2f}"
    apart = f"{found.units.word} {found.units.index[most]} most: {change(value[most])}{within} sd"
    return f"{found.first.words} against {found.second.words}, {apart}"


def notes(found: Compared) -> list[list[str]]:
    """[text, hint]: which units these are, and what is not as it was asked for."""
    units = found.units
    pooled = f" · {found.asked} has no {units.word}s of its own" if found.asked else ""
    told = [
        [
            f"{len(units.index)} {units.word}s of {units.name}{pooled}",
            f"A click on another layer's name shows its {units.word}s",
        ]
    ]
    if isinstance(units, LayerGroups):
        told += of_layer(units)
    flat = units.index[units.deviation == 0]
    if len(flat):
        which = ", ".join(map(str, flat[:8]))
        told.append([f"{len(flat)} never change", f"They answer every test image alike: {which}"])
    if found.ungrouped:
        told.append([found.ungrouped, "These are its units, each by itself"])
    if found.lacking:
        told.append([f"{found.lacking[:60]}: the default is shown", "Choose what to compare with above"])
    return told


def _sides(found: Compared) -> list[tuple[Side, Moments]]:
    if found.first is None:
        return []
    if found.second is None or found.of is None:
        return [(found.first, found.units.moments(found.first.mask))]
    return [(found.first, found.of[0]), (found.second, found.of[1])]


def _groups(table: Population, mask: np.ndarray | None) -> Groups:
    """Classes, those first that selected images have or are taken for; of many, the most frequent."""
    count = np.bincount(table.filed, minlength=table.class_count).clip(max=1)
    for said in (table.filed, table.predicted):
        if mask is not None and said is not None:
            chosen = said[mask]
            count = count + 2 * np.bincount(chosen[chosen >= 0], minlength=table.class_count)
    order = (
        np.arange(table.class_count) if table.decisions is None else np.asarray(table.decisions.tree.order)
    )
    if mask is not None:
        order = order[np.argsort(-count[order], kind="stable")]
    return frequent(count, order)


def _reach(found: Compared) -> float:
    if found.difference is None:
        return FEWEST_SD
    value, error = found.difference
    ends = np.abs(value) + np.nan_to_num(error)
    return max(0.5, float(np.nanmax(ends, initial=0)))
