"""How many images look like what at every layer, and how they cross from one to the next."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.class_groups import Groups, frequent, summed
from dashboards.data.class_labels import shortened
from dashboards.data.layers import TEACHER, Column, LayerRows, Looked
from dashboards.data.population import Mask, Population
from dashboards.data.trail import Trail
from dashboards.kit.elements import Box, Button, Element, quiet, text
from dashboards.kit.river import Kind, Passage, River
from dashboards.session.gestures import Probe
from dashboards.session.selection import Mode, Steps, fold
from dashboards.theme import class_color
from deepvid import wording
from deepvid.network.sentences import depths, sentence
from deepvid.statistics import wilson

LONGEST = 14  # letters of a class

Places = tuple[tuple[int, int], ...]
"""(column, group) of a box, or of both ends of a ribbon."""


Counted = tuple[tuple[tuple[int, ...], ...], ...]
"""Boxes by columns, or ribbons by what lies between two columns."""


class Flows(NamedTuple):
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


class Foot(NamedTuple):
    """Below a column: how often its neighbors are right, and chance."""

    name: str
    accuracy: str
    chance: str
    hint: str
    layer: bool  # rather than the teacher


def river(table: Population, steps: Steps, mask: Mask | None) -> Flows:
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
    return Flows(looked, groups, few[0], few[1], count > 0)


def gesture(shown: Flows, places: Places) -> Probe:
    """What a click on a box or on a ribbon selects."""
    of, names = shown.groups.of_class, shown.looked.names
    members = [np.flatnonzero((of == group) & shown.present[column]).tolist() for column, group in places]
    return Probe(
        tuple((names[column], tuple(here)) for (column, _), here in zip(places, members, strict=True))
    )


def pressed_at(shown: Flows, steps: Steps) -> tuple[Places, ...]:
    """The places of boxes and ribbons that gestures have chosen, and not taken out."""
    known = {probe for mode, probe in steps if isinstance(probe, Probe) and mode is not Mode.SUBTRACT}
    found = []
    for probe in known:
        places = [_place(shown, column, classes) for column, classes in probe.said]
        if all(place is not None for place in places):
            found.append(tuple(sorted(place for place in places if place is not None)))
    return tuple(sorted(found))


def feet(shown: Flows, table: Population) -> list[Foot]:
    """What stands under each column."""
    layers = shown.looked.layers
    nearest = f"{layers.neighbors} nearest {layers.among}"
    found = [_described(column, nearest) for column in layers.columns]
    if shown.looked.names[-1] == TEACHER:
        found.append(_teacher(shown.looked, table))
    return found


def boxes(shown: Flows) -> Counted:
    """(group, count, selected) of each box of a column that is not empty, from above."""
    return _counted(shown.boxes, shown.chosen)


def ribbons(shown: Flows) -> Counted:
    """(group here, group there, count, selected) of each ribbon between two columns, from above."""
    return _counted(shown.flows, shown.selected)


def passage(shown: Flows, trail: Trail, names: Sequence[str]) -> Passage:
    """The groups that one image looks like, as it is stored and as it is tried; None: there is no box."""
    was, now = (names[label] for label in trail.said)
    says = f"#{trail.sample}: {was} as stored (dashed), {now} as tried"
    sides = zip((trail.before, trail.after), trail.said, strict=True)
    before, after = (_through(shown, classes, said) for classes, said in sides)
    return Passage(before, after, says)


def drawn(shown: Flows, table: Population, steps: Steps, at: int) -> River:
    """What the browser draws; the column `at` is the layer that is chosen."""
    below = feet(shown, table)
    return River(
        "select",
        _kinds(shown.groups, table.class_names),
        boxes(shown),
        ribbons(shown),
        tuple(
            f"look like {{name}} in {foot.name}" if foot.layer else "are taken for {name}" for foot in below
        ),
        shown.total,
        any((one != other).any() for one, other in zip(shown.selected, shown.flows, strict=True)),
        pressed_at(shown, steps),
        at,
        children=tuple(_foot(foot, pressed=number == at) for number, foot in enumerate(below)),
        label="River: boxes and ribbons, arrow keys go from one to the next",
    )


def facts(column: Column) -> str:
    """ "14x14x32, 14,528 parameters, sees 13x13 px at stride 2"."""
    shape = "x".join(map(str, column.shape))
    shape = wording.quantity(column.shape[0], "number") if len(column.shape) == 1 else shape
    known = column.parameters
    parts = [shape, "" if known is None else wording.quantity(known, "parameter"), _seen(column)]
    return ", ".join(part for part in parts if part)


def lines(shown: Flows, rows: LayerRows, mask: Mask | None) -> list[tuple[str, str]]:
    """(text, hint): what the run says as a whole, and what of the selection is said in pixels already."""
    told = shown.looked.layers.attrs
    said = [(sentence(told), depths(told))]
    if shown.looked.names[-1] == TEACHER:
        alike, of = rows.agree(mask)
        if of:
            whose = "the selected images" if mask is not None else "all images"
            first = shown.looked.names[0]
            agreed = f"{wording.share(alike, of)} of {whose} look in {first} like what the teacher says."
            said.insert(0, (agreed, f"{alike:,} of {of:,}"))
    if shown.groups.rest:
        hint = "Click the box of the others to select them; a selection shows its own most frequent classes."
        said.append(
            (f"The {len(shown.groups.classes)} most frequent classes of {len(shown.groups.of_class)}.", hint)
        )
    return said


def _surroundings(table: Population, steps: Steps, mask: Mask | None) -> Mask | None:
    elsewhere = tuple(step for step in steps if not isinstance(step.gesture, Probe))
    if len(elsewhere) == len(steps) or mask is None:
        return mask
    around = fold(elsewhere, table)
    return None if around is None else around | mask


def _place(shown: Flows, column: str, classes: Sequence[int]) -> tuple[int, int] | None:
    """The box that holds these classes; None where no single one does."""
    of, names = shown.groups.of_class, shown.looked.names
    if column not in names or max(classes) >= len(of):
        return None
    groups = {int(of[index]) for index in classes}
    return (names.index(column), groups.pop()) if len(groups) == 1 else None


def _boxes(flows: Sequence[np.ndarray]) -> np.ndarray:
    return np.stack([*(flow.sum(axis=1) for flow in flows), flows[-1].sum(axis=0)])


def _counted(every: Iterable[np.ndarray], some: Iterable[np.ndarray]) -> Counted:
    """(place..., count, selected) of all that are not zero, of each array."""

    def listed(here: np.ndarray, lit: np.ndarray) -> tuple[tuple[int, ...], ...]:
        at = np.nonzero(here)
        return tuple(map(tuple, np.stack([*at, here[at], lit[at]], axis=1).tolist()))

    return tuple(map(listed, every, some))


def _through(shown: Flows, classes: Mapping[str, int], said: int) -> tuple[int | None, ...]:
    looks = [said if name == TEACHER else classes.get(name) for name in shown.looked.names]
    groups = [None if each is None else int(shown.groups.of_class[each]) for each in looks]
    return tuple(
        group if group is not None and here[group] else None
        for group, here in zip(groups, shown.boxes, strict=True)
    )


def _kinds(groups: Groups, names: Sequence[str]) -> tuple[Kind, ...]:
    full, colors = groups.names(names), (*map(class_color, groups.classes), "")
    return tuple(map(Kind, full, shortened(full, LONGEST), colors))


def _foot(foot: Foot, *, pressed: bool) -> Element:
    said = text(foot.name, tag="strong"), text(foot.accuracy), quiet(foot.chance)
    if not foot.layer:
        return Box(said, look="name", hint=foot.hint)
    return Button(said, "layer", foot.name, pressed=pressed, look="name", hint=foot.hint)


def _described(column: Column, nearest: str) -> Foot:
    right = wording.percent_interval(column.accuracy, digits=1)
    chance = wording.percent(column.chance, digits=1)
    asked = f"The {nearest} say the true class of {right} of all test images"
    hint = f"{column.name}: {facts(column)}. {asked}, with shuffled labels of {chance}"
    return Foot(column.name, right, f"chance {wording.percent(column.chance)}", hint, layer=True)


def _teacher(looked: Looked, table: Population) -> Foot:
    known = looked.said[-1] >= 0
    right = wilson(int(((looked.said[-1] == table.label) & known).sum()), int(known.sum()))
    told = wording.percent_interval(right, digits=1)
    hint = f"What the teacher says itself; it is right of {told} of all test images"
    return Foot(TEACHER, told, "", hint, layer=False)


def _seen(column: Column) -> str:
    if column.sees is None:
        return "sees all of the image"
    sizes, strides = ([column.sees[axis][what] for axis in "yx"] for what in ("size", "stride"))
    stride = str(strides[0]) if strides[0] == strides[1] else "x".join(map(str, strides))
    return f"sees {sizes[0]}x{sizes[1]} px at stride {stride}"
