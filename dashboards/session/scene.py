"""Scenes: frozen snapshots, taken on the document's thread, that all views of one commit show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from dashboards.data.explanations import Added, PageExplanations, explanations
from dashboards.data.feature_neighbors import EUCLID
from dashboards.data.hierarchy import HEAD, Decisions
from dashboards.data.maps import Map, Map3D
from dashboards.data.own_axes import own_map
from dashboards.data.population import FactsKey, Mask, Population
from dashboards.data.students import PageStudents, StudentTable, known_students
from dashboards.data.trust import Trust
from dashboards.session.selection import Steps
from dashboards.session.state import Extent
from deepvid.engine.requests import Edited
from deepvid.store import Address, Run


class StudiedImage(NamedTuple):
    """The image under study, as a view needs it."""

    run: Run
    table: Population
    row: int
    sample: int


@dataclass(frozen=True, eq=False)
class Scene:
    """Views prepare from a scene in threads and reach for nothing else, so that mask and table agree.

    `version` counts the commits of the run that are known. The fields after `mask` are what pictures need
    of the session's navigation. `own` is what the preparing view says of its own state: its viewport, its
    order.
    """

    store: Address = ""
    run: Run | None = None
    version: int = 0
    table: Population | None = None
    steps: Steps = ()
    mask: Mask | None = None  # of `table`; None: nothing is selected
    projection: str = ""
    view: Extent | None = None  # part of that map in sight; None: all
    color: str = "label"
    tree: str = HEAD
    sectors: str = "class"
    classes: str = ""
    sort: str = ""
    group: str = ""
    focus: int | None = None
    beside: int | None = None  # the sample that it is compared with; None: it is alone
    overlay: str = ""
    method: str = ""  # whose map is looked at beside the image; empty: the one that is worth the most
    raw: bool = False  # maps are shown as measured
    student: str = ""  # settings key
    layer: str = ""  # of the teacher; empty: its last
    filter: int | None = None  # of that layer
    space: str = "latent"  # that images are changed in
    target: str = ""  # class that they are led to
    axes: str = "information"  # that latents are shown along
    rings: bool = True  # whether the map shows the neighbors that are seen
    metric: str = EUCLID  # distance of features
    contours: bool = False  # whether the map shows where classes are dense
    edited: Mapping[int, Edited] = field(default_factory=dict)  # by sample: what stands in its place
    fitted: StudentTable = field(default_factory=StudentTable)  # in this session
    explained: Added = field(default_factory=dict)  # because people asked
    dark: bool = False
    refusal: str = ""  # why this process computes nothing; empty: it does
    own: Any = None

    @property
    def facts(self) -> FactsKey | None:
        """The same object while nothing of the table but trust in students has changed."""
        return None if self.table is None else self.table.facts

    @property
    def colored(self) -> Trust | None:
        """The part of the map's colors that neither the facts nor `color` decide."""
        return self.table.trust if self.table is not None and self.color in _OF_TRUST else None

    @property
    def decisions(self) -> Decisions | None:
        """Of the hierarchy that is shown: the one of `tree`, or the head's where the run has not that."""
        return None if self.table is None else self.table.hierarchy(self.tree) or self.table.decisions

    @property
    def map(self) -> Map | Map3D | None:
        """The one of `projection`, else the run's own choice, a flat one if it has any; None: no map."""
        if self.table is None:
            return None
        flat, deep = self.table.maps, self.table.maps_3d
        chosen: Map | Map3D | None = flat.get(self.projection) or deep.get(self.projection)
        chosen = chosen or own_map(self.table, self.projection) or self.table.default_map
        return chosen or next(iter(deep.values()), None)

    @property
    def row(self) -> int | None:
        """The row of the sample under study; None where there is none."""
        return None if self.table is None or self.focus is None else self.table.row_of(self.focus)

    @property
    def studied(self) -> StudiedImage:
        """The image under study, for views whose needs say that there is one."""
        run, table, row = self.run, self.table, self.row
        assert run is not None
        assert table is not None
        assert row is not None
        return StudiedImage(run, table, row, int(table.samples[row]))

    @property
    def students(self) -> PageStudents | None:
        """All that are known of the run; None without one."""
        return None if self.run is None else known_students(self.run, self.fitted)

    @property
    def explanations(self) -> PageExplanations | None:
        """All that are known of the run; None without one."""
        return None if self.run is None else PageExplanations(explanations(self.run), self.explained)


_OF_TRUST = ("trust", "fidelity")  # colors that are known of images with a student
_BY_IDENTITY = (np.ndarray, Mapping)


def differ(first: Scene, second: Scene, fields: Iterable[str]) -> bool:
    """Whether two scenes differ in any of the fields; masks and mappings are compared by identity."""
    return any(not _same(getattr(first, name), getattr(second, name)) for name in fields)


def _same(first: Any, second: Any) -> bool:
    if first is second:
        return True
    return not isinstance(first, _BY_IDENTITY) and not isinstance(second, _BY_IDENTITY) and first == second
