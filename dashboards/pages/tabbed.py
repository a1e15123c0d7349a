"""Several views of one question in one place, one at a time."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import panel as pn
import param

from dashboards.pages.pairing import Of
from dashboards.session.session import Session
from dashboards.session.showing import Showing
from dashboards.session.state import PageState
from dashboards.widgets.tab_bar import TabBar

HEIGHT = 32  # px of the bar


class Build(Protocol):
    """A class of views that are about one sample."""

    def __call__(self, session: Session, *, of: Of) -> Any:
        """The view."""


class Tab(NamedTuple):
    """One of the views; `build` makes it when it is opened first."""

    name: str  # in addresses
    title: str
    build: Build


class TabbedState(PageState):
    """The state of a page that has tabs; a subclass says which there are."""

    tab: str = param.Selector(default="", objects=[""], doc="name of the open one")  # type: ignore[assignment]


class Tabbed(pn.viewable.Viewer):
    """The tab that the page's state names. Each view is kept; what nobody sees prepares nothing."""

    def __init__(self, session: Session, state: TabbedState, tabs: Sequence[Tab], of: Of) -> None:
        """`of` is the sample that they are about."""
        super().__init__()
        self._session, self._state, self._of = session, state, of
        self._tabs = {tab.name: tab for tab in tabs}
        self._within = session.showing
        self._showings: dict[str, Showing] = {}
        self._views: dict[str, pn.Column] = {}
        self._bar = TabBar(
            {"choose": self._choose},
            tabs=[[tab.name, tab.title] for tab in tabs],
            label="The image under study" if of == "focus" else "The pinned image",
            chosen=state.tab,
            height=HEIGHT,
            sizing_mode="stretch_width",
            margin=0,
        )
        self._box = pn.Column(self._bar, sizing_mode="stretch_both", margin=0)
        self._add(state.tab)
        session.showing.watch(state, "tab", self._turn)

    def __panel__(self) -> pn.Column:
        return self._box

    def _choose(self, name: str) -> None:
        if name in self._tabs:
            with self._session.hold():
                self._state.tab = name

    def _turn(self, *_: Any) -> None:
        chosen = self._state.tab
        with self._session.hold():
            for name, showing in self._showings.items():
                if name != chosen:
                    showing.hide()
            if chosen not in self._views:
                self._add(chosen, shown=False)
            for name, view in self._views.items():
                view.visible = name == chosen
            self._bar.chosen = chosen
            self._showings[chosen].show()
        self._session.linker.catch_up()

    def _add(self, name: str, *, shown: bool = True) -> None:
        """Builds a view; one that is not shown is drawn when it is, in a thread."""
        showing = self._showings[name] = self._within.part()
        if not shown:
            showing.hide()
        before, self._session.showing = self._session.showing, showing
        try:
            view = self._tabs[name].build(self._session, of=self._of)
        finally:
            self._session.showing = before
        self._views[name] = pn.Column(view, sizing_mode="stretch_both", margin=0)
        self._box.append(self._views[name])
