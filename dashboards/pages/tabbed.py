"""Parts of a page that are there while asked for: tabs, of which one is open, and a part revealed."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import panel as pn
import param

from dashboards.kit.tab_bar import TabBar
from dashboards.session.session import Session
from dashboards.session.state import PageState
from dashboards.session.visibility import Visibility
from dashboards.widgets.component import Nothing
from dashboards.widgets.help import Help

HEIGHT = 32  # px of the bar


class Tab(NamedTuple):
    """One of the views; `build` makes it when it is opened first."""

    name: str  # in addresses
    title: str
    build: Callable[..., Any]  # from the session, and `of` which image it is


def open_tab(tabs: Sequence[Tab]) -> Any:
    """The parameter of a page's state that names the open one; where an address names none, the first is."""
    return param.Selector(default=tabs[0].name, objects=[tab.name for tab in tabs])


class Tabbed(pn.viewable.Viewer):
    """The tab that the page's state names. Each view is kept; what nobody sees prepares nothing."""

    def __init__(
        self,
        session: Session,
        state: PageState,
        tabs: Sequence[Tab],
        label: str,
        *,
        parameter: str = "tab",
        there: Mapping[str, Callable[[Session], bool]] = MappingProxyType({}),
        **about: Any,
    ) -> None:
        """`label` is what they are about, as `about` tells each; `parameter` of `state` is the open one.

        Tabs that `there` names are listed for runs that it says have them.
        """
        super().__init__()
        self._session, self._state, self._about = session, state, about
        self._parameter, self._there = parameter, there
        self._tabs = {tab.name: tab for tab in tabs}
        self._within = session.showing
        self._showings: dict[str, Visibility] = {}
        self._views: dict[str, pn.Column] = {}
        self._help: dict[str, Help | Nothing] = {}
        self._bar = TabBar(
            {"choose": self._choose},
            tabs=self._listing,
            label=label,
            chosen=self._chosen,
            digits=parameter == "tab",  # one bar of a page
            height=HEIGHT,
        )
        self._box = pn.Column(self._bar, sizing_mode="stretch_both", margin=0)
        self._add(self._chosen)
        self._bar.help = self._help[self._chosen]
        session.showing.watch(state, parameter, self._turn)
        session.showing.watch(session, "version", self._list)

    def __panel__(self) -> pn.Column:
        return self._box

    @property
    def _chosen(self) -> str:
        """The name of the open one."""
        return str(getattr(self._state, self._parameter))

    @property
    def _listing(self) -> list[list[str]]:
        """[name, title] of the tabs that the run has, and of the open one."""
        return [
            [name, tab.title]
            for name, tab in self._tabs.items()
            if name == self._chosen or name not in self._there or self._there[name](self._session)
        ]

    def _list(self, *_: Any) -> None:
        if self._bar.tabs != self._listing:
            with self._session.hold():
                self._bar.tabs = self._listing

    def _choose(self, name: str) -> None:
        with self._session.hold():
            setattr(self._state, self._parameter, name)

    def _turn(self, *_: Any) -> None:
        chosen = self._chosen
        with self._session.hold():
            for name, showing in self._showings.items():
                if name != chosen:
                    showing.hide()
            if chosen not in self._views:
                self._add(chosen, shown=False)
            for name, view in self._views.items():
                view.visible = name == chosen
            self._bar.param.update(chosen=chosen, help=self._help[chosen])
            self._showings[chosen].show()
        self._session.linker.catch_up()

    def _add(self, name: str, *, shown: bool = True) -> None:
        """Builds a view; one that is not shown is drawn when it is, in a thread."""
        showing = self._showings[name] = self._within.part()
        if not shown:
            showing.hide()
        with self._session.building(showing):
            view = self._tabs[name].build(self._session, **self._about)
        self._help[name] = view.help
        self._views[name] = pn.Column(view, sizing_mode="stretch_both", margin=0)
        self._box.append(self._views[name])


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
