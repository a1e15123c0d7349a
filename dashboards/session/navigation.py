"""Where a session is: the run, the page, the sample under study and the one under the pointer."""

from typing import Any, ClassVar

import param

from dashboards.data.feature_neighbors import EUCLID, METRICS
from dashboards.data.hierarchy import STAGES
from dashboards.data.image_orders import image_order
from dashboards.data.population import SPLITS, TEST
from dashboards.data.trail import Trail
from dashboards.session.state import Extent, LinkedState
from deepvid.columns import RESERVED
from deepvid.config.names import SPACES

SECTORS = ["class", "error", "turn"]
"""Colors of the sunburst."""
AXES = ["information", "effect", "directions"]
"""Ways along which the latents of an image are shown: what says or moves most first, or principal ones."""
_OF_COLUMNS = ("color", "group", "sort")
"""Those that may name a further column, which no word of ours is."""
_OF_A_RUN = (
    "split",
    "focus",
    "hover",
    "pin",
    "view",
    "student",
    "layer",
    "filter",
    "classes",
    "target",
    "silenced",
    "trail",
)
_UNPICTURED = frozenset({"name", "run", "page", "split", "hover", "silenced", "trail"})


class Navigation(LinkedState):
    """State that all pages of a session share; what only one page knows is a state of that page."""

    unlinked: ClassVar[frozenset[str]] = frozenset({"name", "hover", "trail"})

    run: str = param.String("", doc="id of the run shown")  # type: ignore[assignment]
    page: str = param.Selector(default="", objects=[""], doc="name of the page shown")  # type: ignore[assignment]
    split: str = param.Selector(default=TEST, objects=list(SPLITS), doc="which of the run are shown")  # type: ignore[assignment]
    focus: int | None = param.Integer(None, allow_None=True, doc="sample under study")  # type: ignore[assignment]
    pin: int | None = param.Integer(None, allow_None=True, doc="sample pinned beside it; None: none")  # type: ignore[assignment]
    projection: str = param.String("", doc="name of the map shown; empty: the run's first")  # type: ignore[assignment]
    view: Extent | None = param.NumericTuple(
        None, length=4, allow_None=True, doc="part of that map in sight; None: all"
    )  # type: ignore[assignment]
    color: str = param.String(
        "label", doc="of the map: label, predicted, error, trust, a number or a further column"
    )  # type: ignore[assignment]
    tree: str = param.Selector(default=next(iter(STAGES)), objects=list(STAGES), doc="hierarchy shown")  # type: ignore[assignment]
    sectors: str = param.Selector(default=SECTORS[0], objects=SECTORS)  # type: ignore[assignment]
    classes: str = param.String(
        "",
        doc="which of many are shown: all, or what one is confused with; empty: the most confused",
    )  # type: ignore[assignment]
    sort: str = param.String(
        "",
        doc="order of the images, distance:N and alike:N by an image; empty: the run's first",
    )  # type: ignore[assignment]
    group: str = param.String("", doc="what they are grouped by; empty: nothing")  # type: ignore[assignment]
    overlay: str = param.String("", doc="explanation that lies over the image under study; empty: none")  # type: ignore[assignment]
    method: str = param.String("", doc="whose map is looked at; empty: the one that is worth the most")  # type: ignore[assignment]
    raw: bool = param.Boolean(False, doc="whether maps are shown as measured, not smoothed")  # type: ignore[assignment]
    student: str = param.String("", doc="settings key of the student shown where it has one; empty: any")  # type: ignore[assignment]
    layer: str = param.String("", doc="layer of the teacher whose filters are shown; empty: its last")  # type: ignore[assignment]
    filter: int | None = param.Integer(None, allow_None=True, doc="filter of it that is shown in full")  # type: ignore[assignment]
    axes: str = param.Selector(default=AXES[0], objects=AXES)  # type: ignore[assignment]
    space: str = param.Selector(
        default=next(iter(SPACES)), objects=list(SPACES), doc="where an image is changed"
    )  # type: ignore[assignment]
    target: str = param.String("", doc="class by its index, or away; empty: true class or runner-up")  # type: ignore[assignment]
    silenced: str = param.String("", doc="units that are held at their usual response in What if")  # type: ignore[assignment]
    trail: Trail | None = param.Parameter(None, doc="what is tried in What if now; it stands in no address")  # type: ignore[assignment]
    rings: bool = param.Boolean(True, doc="whether the map shows the neighbors that are seen")  # type: ignore[assignment]
    metric: str = param.Selector(default=EUCLID, objects=list(METRICS), doc="distance of features")  # type: ignore[assignment]
    contours: bool = param.Boolean(False, doc="whether the map shows where classes are dense")  # type: ignore[assignment]
    theme: str = param.Selector(default="light", objects=["light", "dark"])  # type: ignore[assignment]
    hover: int | None = param.Integer(None, allow_None=True, doc="sample under the pointer")  # type: ignore[assignment]

    def __init__(self, pages: list[str]) -> None:
        """`pages` are their names; the first is shown where nobody says which."""
        super().__init__()
        self.param["page"].objects = pages
        self.param["page"].default = pages[0]
        self.page = pages[0]
        self.param.watch(self._leave_map, ["projection", "view"])

    def forget(self) -> None:
        """Another run is opened: what names something of the old one has its default again."""
        of_run = [*_OF_A_RUN, *([] if image_order(self.sort) is None else ["sort"])]
        of_run += [name for name in _OF_COLUMNS if getattr(self, name).removeprefix("-") not in RESERVED]
        self.param.update({name: self.param[name].default for name in of_run})

    def _leave_map(self, *changed: param.parameterized.Event) -> None:
        """Another map is chosen, and nobody says which part of it is in sight."""
        if all(event.name == "projection" for event in changed):
            self.view = None

    @property
    def dark(self) -> bool:
        """Whether the dark theme is shown."""
        return self.theme == "dark"

    @property
    def pictured(self) -> dict[str, Any]:
        """Values of `PICTURED` now, by the fields of a `Scene`."""
        alike = {name: getattr(self, name) for name in PICTURED if name not in ("pin", "theme")}
        return alike | {"beside": self.pin, "dark": self.dark}


PICTURED = [name for name in Navigation.param if name not in _UNPICTURED]
"""The parameters that pictures depend on."""
