"""Which units are shown, and which two sets of images are held against each other in them."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.class_groups import class_of
from dashboards.data.layers import LayerRows, Layers
from dashboards.data.population import Mask, Population
from dashboards.data.unit_groups import told_of_groups
from dashboards.data.units import Difference, LayerUnits, Moments, difference
from dashboards.session.address import rows, steps_of
from dashboards.session.selection import Steps, Tally, fold, selection_sentence
from deepvid.errors import DataError

REST, RIGHT, WRONG = "rest", "right", "wrong"
CLASS, NAMED, KEPT = "class:", "named:", "kept:"
"""Before the number of a class, the name of a selection, the gestures of one that was kept."""


class Own(NamedTuple):
    """What the page asks for, and the named selections that there are."""

    column: str
    unit: int | None
    compare: str
    order: str
    patches: str
    named: tuple[tuple[str, Steps], ...] = ()
    grouped: bool = False  # groups of units instead of units
    group: int | None = None


class Side(NamedTuple):
    """A set of images; `short` stands beside its row, `words` in a sentence."""

    short: str
    words: str
    mask: Mask


class Compared(NamedTuple):
    """Units of a layer, and two sets of images in them."""

    units: LayerUnits  # or groups of them
    asked: str  # the column that is shown, where it has none itself; else empty
    first: Side | None  # the selection, or what is wrong; None: there is nothing to compare
    second: Side | None
    of: tuple[Moments, Moments] | None  # those of both sides
    difference: Difference | None
    unit: int  # place of the one that is shown in full
    lacking: str = ""  # what was asked for, and is not there
    ungrouped: str = ""  # why these are units where groups of them were asked for

    @property
    def strongest(self) -> np.ndarray:
        """Places of the units by how much the sides differ; else by how much classes explain."""
        known = self.difference is not None and np.isfinite(self.difference.value).all()
        size = np.abs(self.difference.value) if known and self.difference else self.units.spread
        return np.argsort(-size, kind="stable")


def with_units(layers: Layers, number: int) -> int | None:
    """The column whose units are shown where `number` is: itself, or the last one before that has some."""
    return _nearest([int(column["units"]) > 0 for column in layers.attrs["columns"]], number)


def with_groups(layers: Layers, number: int) -> int | None:
    """The same of groups of units; None where no layer has some."""
    told = told_of_groups(layers.attrs)
    return _nearest([name in told for name in layers.names], number)


def _nearest(has: Sequence[bool], number: int) -> int | None:
    before = [at for at in range(number + 1) if has[at]]
    after = [at for at in range(number, len(has)) if has[at]]
    return before[-1] if before else after[0] if after else None


def compared(table: Population, steps: Steps, mask: Mask | None, own: Own, at: int) -> Compared | None:
    """In the column `at`, or the one that has units nearest to it; None where no units are stored."""
    found = table.layers and table.layers.looked
    if not found or table.layers is None:
        return None
    units, why = _units(table.layers, found.layers, own, at)
    if units is None:
        return None
    asked = "" if units.number == at else found.layers.names[at]
    first = selected(table, steps, mask)
    second, lacking = (None, "") if first is None else against(table, first.mask, own, all_wrong=mask is None)
    if first is None or second is None:
        known = Compared(units, asked, first, second, None, None, 0, lacking)
    else:
        of = units.moments(first.mask), units.moments(second.mask)
        known = Compared(units, asked, first, second, of, difference(*of), 0, lacking)
    wanted = own.group if own.grouped and not why else own.unit
    place = units.place_of(wanted)
    if wanted is not None and place is None:
        lacking = f"no {units.word} {wanted} of {units.name} among those that are kept"
        known = known._replace(lacking=lacking)
    return known._replace(ungrouped=why, unit=int(known.strongest[0]) if place is None else place)


def _units(rows: LayerRows, layers: Layers, own: Own, at: int) -> tuple[LayerUnits | None, str]:
    """Those of a column, or their groups; and what is lacking where there are no groups."""
    if own.grouped:
        number = with_groups(layers, at)
        groups = None if number is None else rows.groups(layers.names[number])
        if groups is not None:
            return groups, ""
    number = with_units(layers, at)
    units = None if number is None else rows.units(layers.names[number])
    return units, ungrouped(layers) if own.grouped else ""


def ungrouped(layers: Layers) -> str:
    """Why there are no groups of units, in a few words."""
    if "groups" in layers.attrs:
        return "no groups: no layer has maps, or none were asked for"
    return "units are not grouped yet: look into the layers again"


def selected(table: Population, steps: Steps, mask: Mask | None) -> Side | None:
    """The selection; where there is none all misclassified images, and None where none are known."""
    if mask is not None:
        sentence = selection_sentence(table, steps, Tally(int(np.count_nonzero(mask)), None))
        return Side("selected", sentence, mask)
    if table.wrong is None or not table.wrong.any():
        return None
    return Side("misclassified", f"{np.count_nonzero(table.wrong):,} misclassified images", table.wrong)


def against(table: Population, mask: Mask, own: Own, *, all_wrong: bool) -> tuple[Side | None, str]:
    """What images are compared with, without themselves; and what was asked for where that is not there.

    By default recognized images of their commonest class, of `all_wrong` all that are recognized. None where
    no other image is left.
    """
    side, lacking = _asked(table, own)
    side = side or (_recognized(table) if all_wrong else _usual(table, mask)) or _rest(table)
    others = side.mask & ~mask
    if not others.any():
        lacking = lacking or (f"no other image among {side.words}" if own.compare else "")
        side = _rest(table)
        others = side.mask & ~mask
    count = int(np.count_nonzero(others))
    if not count:
        return None, lacking
    return side._replace(words=f"{count:,} {side.words}", mask=others), lacking


def kept(steps: Steps) -> str:
    """Gestures as the text that stands for them as what is compared with."""
    return KEPT + json.dumps(rows(steps), separators=(",", ":"))


def offers(table: Population, own: Own, *, all_wrong: bool) -> list[list[str]]:
    """[value, text] of what may be compared with; the first is the default."""
    same = "the same class" if table.wrong is None else "recognized, same class"
    found = [["", "what is recognized" if all_wrong and table.wrong is not None else same]]
    found.append([REST, "everything else"])
    if table.wrong is not None:
        found += [[RIGHT, "all recognized"], [WRONG, "all misclassified"]]
    found += [[f"{CLASS}{index}", f"{name}"] for index, name in enumerate(table.class_names)]
    found += [[f"{NAMED}{name}", f"“{name}”"] for name, _ in own.named]
    if own.compare.startswith(KEPT):
        found.append([own.compare, "the kept selection"])
    return found


def _asked(table: Population, own: Own) -> tuple[Side | None, str]:
    what = own.compare
    if what == "":
        return None, ""
    if what == REST:
        return _rest(table), ""
    if what == RIGHT and table.wrong is not None:
        return _recognized(table), ""
    if what == WRONG and table.wrong is not None:
        return Side("misclassified", "misclassified images", table.wrong), ""
    if what.startswith(CLASS):
        index = class_of(what.removeprefix(CLASS), table.class_count)
        if index is not None:
            name = table.class_names[index]
            return Side(name, f"images of {name}", table.filed == index), ""
    named: Mapping[str, Steps] = dict(own.named)
    if what.startswith(NAMED) and what.removeprefix(NAMED) in named:
        name = what.removeprefix(NAMED)
        return _folded(table, f"“{name}”", named[name])
    if what.startswith(KEPT):
        return _folded(table, "kept", _kept(what))
    return None, f"nothing like {what[:40]!r} to compare with"


def _kept(what: str) -> Steps:
    try:
        return steps_of(json.loads(what.removeprefix(KEPT)))
    except (ValueError, RecursionError):
        return ()


def _folded(table: Population, short: str, steps: Steps) -> tuple[Side | None, str]:
    try:
        mask = fold(steps, table)
    except DataError as error:
        return None, error.found
    if mask is None:
        return None, f"nothing in {short}"
    return Side(short, f"images of {short}" if short.startswith("“") else "images kept before", mask), ""


def _usual(table: Population, mask: Mask) -> Side | None:
    """Recognized images of the commonest class."""
    count = np.bincount(table.filed[mask], minlength=table.class_count)
    if not count.any():
        return None
    index = int(count.argmax())
    name, own = table.class_names[index], table.filed == index
    if table.wrong is None or table.predicted is None:
        return Side(f"other {name}", f"other images of {name}", own)
    recognized = own & ~table.wrong & (table.predicted >= 0)
    return Side(f"{name}, recognized", f"recognized {name}", recognized)


def _recognized(table: Population) -> Side | None:
    if table.wrong is None or table.predicted is None:
        return None
    return Side("recognized", "recognized images", (table.predicted >= 0) & ~table.wrong)


def _rest(table: Population) -> Side:
    return Side("everything else", "other images", np.ones(table.rows, np.bool_))
