"""The window of one browser session: header, status, and one page at a time."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any
from weakref import ref

import panel as pn
from panel.io.resources import get_dist_path
from panel_material_ui import Page as Template

from dashboards.kit.component import CardComponent
from dashboards.pages.arrangement import loose
from dashboards.pages.catalogue import PAGES
from dashboards.pages.page import Page
from dashboards.session.failing import failed
from dashboards.session.needs import Missing, missing
from dashboards.session.placeholder import LOOK, Placeholder, message
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.visibility import Visibility
from dashboards.theme import CSS, DARK, FONT, LIGHT, LOW, NARROW, css
from dashboards.views.header.view import HeaderView
from dashboards.views.progress.view import ProgressView
from deepvid.store import Address, absolute

PERIOD = 1000  # ms between looks at the run; one costs a `stat`
BODY = {"padding": "8px", "background": "var(--dv-page)", "min-height": "0", "flex": "1 1 0"}

HIGH_ENOUGH = f"{LOW} {{ :host {{ flex: none !important; min-height: 752px !important; }} }}"

FRAME = {
    "flexDirection": "column",  # the header stands above the page, however many rows it has
    "& .MuiAppBar-root": {
        "position": "static",
        "flex": "none",
        "backgroundColor": "var(--dv-surface)",
        "color": "var(--dv-ink)",
        "boxShadow": "none",
        "backgroundImage": "none",
        "borderBottom": "1px solid var(--dv-line)",
    },
    "& .MuiToolbar-root": {
        "minHeight": "48px !important",
        "padding": "0 !important",
        "margin": "0 !important",
    },
    "& .MuiLinearProgress-root": {"display": "none"},  # drawn even where `busy_indicator` is None
    "& .MuiToolbar-root h5": {"display": "none"},  # the empty title
    "& main": {"backgroundColor": "var(--dv-page)", "minHeight": 0},
    "& main .MuiToolbar-root": {"display": "none"},  # room for a header that lies over the page
    NARROW: {  # all of it scrolls, the header too: far zoomed in it would fill the window
        "overflow": "auto",
        "& main": {"overflow": "visible !important", "flex": "none !important"},
        "& main > .MuiBox-root, & .main-content": {
            "height": "auto !important",
            "overflow": "visible !important",
        },
    },
    LOW: {"& .main-content": {"overflowY": "auto !important"}},
}


def store_address(arguments: Sequence[str] | None = None) -> Address:
    """The store, archive or URL of the script's `arguments`, else of $DEEPVID_STORE, else ./runs."""
    named = sys.argv[1:] if arguments is None else arguments
    return absolute(named[0] if named else os.environ.get("DEEPVID_STORE") or "runs")


class Window(Template):
    """A Page that goes with its session. Two traps of panel-material-ui 0.16: every Page follows the
    process-wide `state.busy`, which keeps it for good and sends two messages for every event; and a Page
    leaves its children as they are.
    """

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        for watcher in list(pn.state.param.watchers["busy"]["value"]):
            if getattr(getattr(watcher.fn, "__self__", None), "self", None) is self:
                pn.state.param.unwatch(watcher)

    def _cleanup(self, root: Any = None) -> None:
        for child in (*self.header, *self.main):
            child._cleanup(root)
        super()._cleanup(root)


def shell(store: Address, pages: Sequence[Page] = PAGES) -> Window:
    """A session and its window in the current document; a sentence where even that fails."""
    try:
        return _window(store, pages)
    except Exception as error:
        lacks = failed("This page", Scene(store), error)
        card = CardComponent({}, LOOK, min_height=400)
        card.draw(message(lacks))
        return Window(title="", meta_title="DeepVID", main=[card], raw_css=[CSS], busy_indicator=None)


def _window(store: Address, pages: Sequence[Page]) -> Window:
    document = pn.state.curdoc
    assert document is not None
    # Panel sets it when it renders the page; a session that a reconnecting page begins has none, and then
    # its style sheets would come from a server far away.
    document.template_variables.setdefault("dist_url", get_dist_path(cdn=False))
    session = Session(store, document, {page.name: page.state for page in pages})
    pn.config.exception_handler = _faults(session)
    selecting = {page.name for page in pages if page.selects}
    header = HeaderView(session, [(page.name, page.title) for page in pages], selecting)
    progress = ProgressView(session)
    try:
        session.go(pn.state.location.search if pn.state.location else "")
    except Exception as error:
        session.fault(error)
    window = Window(
        title="",  # the header has its own
        meta_title="DeepVID",
        header=[header],
        main=[loose(objects=[progress, PageHost(session, pages)])],
        theme_toggle=False,
        busy_indicator=None,
        sidebar_variant="temporary",
        sx=FRAME,
        raw_css=[css(dark=session.navigation.dark)],
        dark_theme=session.navigation.dark,
        theme_config=_material(),
    )
    session.navigation.param.watch(lambda event: window.param.update(dark_theme=event.new == "dark"), "theme")
    pn.state.add_periodic_callback(session.poll, period=PERIOD)
    return window


class PageHost(pn.viewable.Viewer):
    """One page at a time. Each is built on its first visit and kept: going back keeps what was seen."""

    def __init__(self, session: Session, pages: Sequence[Page]) -> None:
        super().__init__()
        self._session, self._pages = session, {page.name: page for page in pages}
        self._built: dict[str, Any] = {}
        self._showings: dict[str, Visibility] = {}
        self._placeholder = Placeholder(session, sizing_mode="stretch_both")
        self._body = loose(HIGH_ENOUGH, styles=BODY)
        session.navigation.param.watch(self._switch, ["page", "run"])
        self._switch()

    def __panel__(self) -> pn.Column:
        return self._body

    def _switch(self, *_: Any) -> None:
        page = self._pages[self._session.navigation.page]
        try:
            content = self._shown(page)
        except Exception as error:
            self._hide()
            content = self._lacking(failed(f"The page {page.title}", self._session.linker.scene, error))
        if list(self._body) != [content]:
            self._body[:] = [content]

    def _shown(self, page: Page) -> Any:
        """The page, or what keeps it from being shown: a need, or that its run could not be opened."""
        lacks = missing(page.needs, self._session.linker.scene)
        self._hide(but=page.name if lacks is None else "")
        if lacks is None:
            return self._content(page)
        return self._lacking(self._session.opening.failure or lacks)

    def _hide(self, but: str = "") -> None:
        for name, showing in self._showings.items():
            if name != but:
                showing.hide()

    def _content(self, page: Page) -> Any:
        if page.name not in self._built:
            self._session.showing = self._showings[page.name] = Visibility(self._session.fault)
            self._built[page.name] = page.build(self._session)
        elif not self._showings[page.name].shown:
            self._showings[page.name].show()
            self._session.refresh()  # what the views of this page have missed, in one commit
        return self._built[page.name]

    def _lacking(self, lacks: Missing) -> CardComponent:
        self._placeholder.show(lacks)
        return self._placeholder.card


def _faults(session: Session) -> Callable[[BaseException], None]:
    """Hands what callbacks raise to the session, without keeping it: Panel keeps the handler."""
    known = ref(session)

    def fault(error: BaseException) -> None:
        living = known()
        if living is None:
            raise error
        living.fault(error)

    return fault


def _material() -> dict[str, Any]:
    """Look of ours for Material's own components."""
    return {
        mode: {
            "palette": {
                "primary": {"main": colors.accent},
                "background": {"default": colors.page, "paper": colors.surface},
            },
            "typography": {"fontFamily": FONT},
        }
        for mode, colors in (("light", LIGHT), ("dark", DARK))
    }
