"""The river: how many images look like what at every layer, and how they cross from one to the next."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np

from dashboards.data.class_groups import Groups, frequent, summed
from dashboards.data.class_labels import shortened
from dashboards.data.layers import TEACHER, Column, LayerRows, Looked
from dashboards.data.population import Mask, Population
from dashboards.session.gestures import Probe
from dashboards.session.selection import Mode, Steps, fold
from dashboards.theme import class_color
from dashboards.views.network.trail import Trail
from deepvid import wording
from deepvid.network.sentences import depths, sentence
from deepvid.statistics import wilson

LONGEST = 14  # letters of a class

Places = tuple[tuple[int, int], ...]
"""(column, group) of a box, or of both ends of a ribbon."""


class River(NamedTuple):
    """Counts int64 (group here, group there) between each two neighboring columns."""

    looked: Looked
    groups: Groups
    flows: list[np.ndarray]  # of what the width is shared among
    selected: list[np.ndarray]  # of them, those that are selected
    present: np.ndarray  # bool (column, class): what occurs

    @property
    def boxes(self) -> np.ndarray:
        """int64 (column, group): of `flows`."""
        return _boxes(self.flows)

    @property
    def chosen(self) -> np.ndarray:
        """int64 (column, group): of `selected`."""
        return _boxes(self.selected)

    @property
    def total(self) -> int:
        """How many images there are in a column."""
        return int(self.flows[0].sum())


class Way(TypedDict):
    """What one image looks like, column after column; None: unknown, or there is no box of it."""

    before: list[int | None]  # group
    after: list[int | None]
    says: str


def river(table: Population, steps: Steps, mask: Mask | None) -> River:
    """Shares the width among what is selected elsewhere; what is selected here stays in its surroundings.

    Of everything the classes stand in the order of their hierarchy, of a selection the commonest come first.
    """
    layers = table.layers
    assert layers is not None
    looked = layers.looked
    assert looked is not None
    around = _surroundings(table, steps, mask)
    flows = layers.flows(around)
    selected = flows if mask is around else layers.flows(mask)
    count = _boxes(flows)
    total = count.sum(axis=0)
    order = (
        np.arange(table.class_count) if table.decisions is None else np.asarray(table.decisions.tree.order)
    )
    if around is not None:
        order = order[np.argsort(-total[order], kind="stable")]
    groups = frequent(total, order)
    few = [[summed(each, groups) for each in side] for side in (flows, selected)]
    return River(looked, groups, few[0], few[1], count > 0)


def gesture(shown: River, places: Places) -> Probe | None:
    """What a click on a box or on a ribbon selects; None where there is nothing."""
    said = []
    for column, group in places:
        members = np.flatnonzero((shown.groups.of_class == group) & shown.present[column])
        if not len(members):
            return None
        said.append((shown.looked.names[column], tuple(members.tolist())))
    return Probe(tuple(said))


def pressed_at(shown: River, steps: Steps) -> list[list[list[int]]]:
    """The places of boxes and ribbons that gestures have chosen, and not taken out."""
    known = {probe for mode, probe in steps if isinstance(probe, Probe) and mode is not Mode.SUBTRACT}
    found = []
    for probe in known:
        places = [_place(shown, column, classes) for column, classes in probe.said]
        if all(place is not None for place in places):
            found.append(sorted(place for place in places if place is not None))
    return sorted(found)


def columns(shown: River, table: Population) -> list[dict[str, Any]]:
    """What stands under each column: its name, how often its neighbors are right, and chance."""
    layers = shown.looked.layers
    nearest = f"{layers.neighbors} nearest {layers.among}"
    found = [_described(column, nearest) for column in layers.columns]
    if shown.looked.names[-1] == TEACHER:
        found.append(_teacher(shown.looked, table))
    return found


def boxes(shown: River) -> list[list[list[int]]]:
    """[group, count, selected] of each box of a column that is not empty, from above."""
    return [
        [[group, int(here[group]), int(lit[group])] for group in np.flatnonzero(here).tolist()]
        for here, lit in zip(shown.boxes, shown.chosen, strict=True)
    ]


def ribbons(shown: River) -> list[list[list[int]]]:
    """[group here, group there, count, selected] of each ribbon between two columns, from above."""
    return [
        [[*pair, int(flow[tuple(pair)]), int(lit[tuple(pair)])] for pair in np.argwhere(flow).tolist()]
        for flow, lit in zip(shown.flows, shown.selected, strict=True)
    ]


def way(shown: River, trail: Trail, names: Sequence[str]) -> Way:
    """The groups that one image looks like, as it is stored and as it is tried."""
    sides: list[list[int | None]] = [[], []]
    for column, name in enumerate(shown.looked.names):
        for side, classes, said in zip(sides, (trail.before, trail.after), trail.said, strict=True):
            looks = said if name == TEACHER else classes.get(name)
            group = None if looks is None else int(shown.groups.of_class[looks])
            side.append(group if group is not None and shown.boxes[column, group] else None)
    was, now = (names[label] for label in trail.said)
    says = f"#{trail.sample}: {was} as stored (dashed), {now} as tried"
    return {"before": sides[0], "after": sides[1], "says": says}


def described(groups: Groups, names: Sequence[str]) -> list[dict[str, str]]:
    """Name, short name and color of each group."""
    full = groups.names(names)
    colors = [*(class_color(index) for index in groups.classes), ""]
    short = shortened(full, LONGEST)
    return [
        {"name": name, "short": cut, "color": color}
        for name, cut, color in zip(full, short, colors, strict=False)
    ]


def facts(column: Column) -> str:
    """ "14x14x32, 14,528 parameters, sees 13x13 px at stride 2"."""
    shape = "x".join(map(str, column.shape))
    shape = wording.quantity(column.shape[0], "number") if len(column.shape) == 1 else shape
    known = column.parameters
    parts = [shape, "" if known is None else wording.quantity(known, "parameter"), _seen(column)]
    return ", ".join(part for part in parts if part)


def lines(shown: River, rows: LayerRows, mask: Mask | None) -> list[list[str]]:
    """[text, hint]: what the run says as a whole, and what of the selection is said in pixels already."""
    told = shown.looked.layers.attrs
    said = [[sentence(told), depths(told)]]
    if shown.looked.names[-1] == TEACHER:
        alike, of = rows.agree(mask)
        if of:
            whose = "the selected images" if mask is not None else "all images"
            first = shown.looked.names[0]
            text = f"{wording.share(alike, of)} of {whose} look in {first} like what the teacher says."
            said.insert(0, [text, f"{alike:,} of {of:,}"])
    if shown.groups.rest:
        hint = "Click the box of the others to select them; a selection shows its own most frequent classes."
        said.append(
            [f"The {len(shown.groups.classes)} most frequent classes of {len(shown.groups.of_class)}.", hint]
        )
    return said


def _surroundings(table: Population, steps: Steps, mask: Mask | None) -> Mask | None:
    elsewhere = tuple(step for step in steps if not isinstance(step.gesture, Probe))
    if len(elsewhere) == len(steps) or mask is None:
        return mask
    around = fold(elsewhere, table)
    return None if around is None else around | mask


def _place(shown: River, column: str, classes: Sequence[int]) -> list[int] | None:
    """The box that holds these classes; None where no single one does."""
    of, names = shown.groups.of_class, shown.looked.names
    if column not in names or max(classes) >= len(of):
        return None
    groups = {int(of[index]) for index in classes}
    return [names.index(column), groups.pop()] if len(groups) == 1 else None


def _boxes(flows: Sequence[np.ndarray]) -> np.ndarray:
    return np.stack([*(flow.sum(axis=1) for flow in flows), flows[-1].sum(axis=0)])


def _described(column: Column, nearest: str) -> dict[str, Any]:
    right = wording.percent_interval(column.accuracy, digits=1)
    chance = wording.percent(column.chance, digits=1)
    asked = f"The {nearest} say the true class of {right} of all test images"
    return {
        "name": column.name,
        "accuracy": right,
        "chance": f"chance {wording.percent(column.chance)}",
        "hint": f"{column.name}: {facts(column)}. {asked}, with shuffled labels of {chance}",
        "layer": True,
    }


def _teacher(looked: Looked, table: Population) -> dict[str, Any]:
    known = looked.said[-1] >= 0
    right = wilson(int(((looked.said[-1] == table.label) & known).sum()), int(known.sum()))
    told = wording.percent_interval(right, digits=1)
    return {
        "name": TEACHER,
        "accuracy": told,
        "chance": "",
        "hint": f"What the teacher says itself; it is right of {told} of all test images",
        "layer": False,
    }


def _seen(column: Column) -> str:
    if column.sees is None:
        return "sees all of the image"
    sizes, strides = ([column.sees[axis][what] for axis in "yx"] for what in ("size", "stride"))
    stride = str(strides[0]) if strides[0] == strides[1] else "x".join(map(str, strides))
    return f"sees {sizes[0]}x{sizes[1]} px at stride {stride}"
