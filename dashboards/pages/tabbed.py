"""Parts of a page that are there while asked for: tabs, of which one is open, and a part revealed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import panel as pn
import param

from dashboards.kit.tab_bar import TabBar
from dashboards.session.session import Session
from dashboards.session.state import PageState
from dashboards.session.visibility import Visibility
from dashboards.widgets.component import Nothing
from dashboards.widgets.help import Help


class Tab(NamedTuple):
    """One of the views; `build` makes it when it is opened first."""

    name: str  # in addresses
    title: str
    build: Callable[..., Any]  # from the session, and `of` which image it is


class PartedTab(NamedTuple):
    """Several views that answer one question, the best answer first; no two parts of a page have one name."""

    name: str
    title: str
    parts: Sequence[Tab]


AnyTab = Tab | PartedTab
T = TypeVar("T", bound=AnyTab)


def open_tab(tabs: Sequence[AnyTab]) -> Any:
    """The parameter of a page's state that names the open one; where an address names none, the first is."""
    return param.Selector(default=tabs[0].name, objects=[tab.name for tab in tabs])


def open_part(tabs: Sequence[AnyTab]) -> Any:
    """The parameter that names the open part of the open tab; empty: its first."""
    return param.Selector(default="", objects=["", *(part.name for tab in tabs for part in parts_of(tab))])


def parts_of(tab: AnyTab) -> Sequence[Tab]:
    """None of a tab that is one view."""
    return tab.parts if isinstance(tab, PartedTab) else ()


class Tabbed(pn.viewable.Viewer):
    """The tab that the page's state names, or a part of it. Each view is kept; what nobody sees prepares
    nothing.
    """

    def __init__(
        self,
        session: Session,
        state: PageState,
        tabs: Sequence[AnyTab],
        label: str,
        *,
        parameter: str = "tab",
        part: str = "part",
        there: Mapping[str, Callable[[Session], bool]] = MappingProxyType({}),
        **about: Any,
    ) -> None:
        """`label` is what they are about, as `about` tells each; `parameter` of `state` is the open one,
        and `part` the open part of that.

        Tabs and parts that `there` names are listed for runs that it says have them.
        """
        super().__init__()
        self._session, self._state, self._about = session, state, about
        self._parameter, self._named_part, self._there = parameter, part, there
        self._tabs = {tab.name: tab for tab in tabs}
        self._parted = any(map(parts_of, tabs))
        self._within = session.showing
        self._showings: dict[str, Visibility] = {}
        self._views: dict[str, pn.Column] = {}
        self._help: dict[str, Help | Nothing] = {}
        self._bar = TabBar(
            {"choose": self._choose, "part": self._choose_part},
            label=label,
            digits=parameter == "tab",  # one bar of a page
            **self._listing,
        )
        self._box = pn.Column(self._bar, sizing_mode="stretch_both", margin=0)
        self._last = {self._chosen.name: self._part}  # the part of each tab that was open last
        self._opened = self._view.name
        self._add(self._view)
        self._bar.help = self._help[self._opened]
        session.showing.watch(state, [parameter, *([part] if self._parted else [])], self._turn)
        session.showing.watch(session, "version", self._turn)

    def __panel__(self) -> pn.Column:
        return self._box

    @property
    def _chosen(self) -> AnyTab:
        return self._tabs[str(getattr(self._state, self._parameter))]

    @property
    def _view(self) -> Tab:
        """The one that is seen: the open tab, or of its parts the one that is named, or the first."""
        chosen = self._chosen
        if isinstance(chosen, Tab):
            return chosen
        parts = self._listed(chosen.parts, self._part)
        return next((part for part in parts if part.name == self._part), parts[0])

    @property
    def _part(self) -> str:
        return str(getattr(self._state, self._named_part, ""))

    @property
    def _listing(self) -> dict[str, Any]:
        """[name, title] of the tabs that the run has, and of the parts of the open one, and which is seen."""
        chosen = self._chosen
        parts = self._listed(parts_of(chosen), self._part)
        return {
            "tabs": [[tab.name, tab.title] for tab in self._listed(self._tabs.values(), chosen.name)],
            "chosen": chosen.name,
            "parts": [[part.name, part.title] for part in parts],
            "part": self._view.name if parts else "",
        }

    def _listed(self, tabs: Iterable[T], opened: str) -> list[T]:
        return [
            tab
            for tab in tabs
            if tab.name == opened or tab.name not in self._there or self._there[tab.name](self._session)
        ]

    def _choose(self, name: str) -> None:
        """Opens a tab, where it has parts at the one that was open last."""
        with self._session.hold():
            part = {self._named_part: self._last.get(name, "")} if self._parted else {}
            self._state.param.update({self._parameter: name, **part})

    def _choose_part(self, name: str) -> None:
        with self._session.hold():
            self._state.param.update({self._named_part: name})

    def _turn(self, *_: Any) -> None:
        view, listing = self._view, self._listing
        self._last[self._chosen.name] = self._part
        if view.name == self._opened and listing == {name: getattr(self._bar, name) for name in listing}:
            return
        with self._session.hold():
            for name, showing in self._showings.items():
                if name != view.name:
                    showing.hide()
            self._opened = view.name
            if view.name not in self._views:
                self._add(view, shown=False)
            for name, box in self._views.items():
                box.visible = name == view.name
            self._bar.param.update(help=self._help[view.name], **listing)
            self._showings[view.name].show()
        self._session.linker.catch_up()

    def _add(self, tab: Tab, *, shown: bool = True) -> None:
        """Builds a view; one that is not shown is drawn when it is, in a thread."""
        showing = self._showings[tab.name] = self._within.part()
        if not shown:
            showing.hide()
        with self._session.building(showing):
            view = tab.build(self._session, **self._about)
        self._help[tab.name] = view.help
        self._views[tab.name] = pn.Column(view, sizing_mode="stretch_both", margin=0)
        self._box.append(self._views[tab.name])


class Disclosure:
    """A part of a box that is there while a parameter has a value; it is built when it is asked for first."""

    def __init__(
        self,
        session: Session,
        box: pn.Row | pn.Column,
        place: int,
        build: Callable[[], Any],
        *,
        source: param.Parameterized,
        name: str,
    ) -> None:
        """`name` is the parameter of `source`. What is not built yet takes no room."""
        self._session, self._box, self._place, self._build = session, box, place, build
        self._source, self._name = source, name
        self._built: Any = None
        self._showing = session.showing.part()
        self._showing.hide()
        box.insert(place, pn.Column(visible=False))
        session.showing.watch(source, name, self._follow)
        self._follow()

    def _follow(self, *_: Any) -> None:
        wanted = getattr(self._source, self._name) not in (None, "")
        if wanted and self._built is None:
            with self._session.building(self._showing):
                self._built = self._build()
            self._box[self._place] = self._built
        if self._built is None:
            return
        with self._session.hold():
            self._built.visible = wanted
            (self._showing.show if wanted else self._showing.hide)()
        self._session.linker.catch_up()
