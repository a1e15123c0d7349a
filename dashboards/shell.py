"""The window of one browser session: header, status, and one page at a time."""

import os
import sys
from collections.abc import Callable
from typing import Any
from weakref import ref

import panel as pn
from panel.io.resources import get_dist_path
from panel_material_ui import Page

from dashboards.pages.archive import archive
from dashboards.pages.diagnose import diagnose
from dashboards.serving.sending import send_while_drawn
from dashboards.session.session import Session
from dashboards.theme import CSS, FONT, palette
from dashboards.views.header.view import HeaderView
from dashboards.views.progress.view import ProgressView
from dashboards.views.welcome.view import welcome
from deepvid.store import Address, absolute

PERIOD = 1000  # ms between looks at the run; one costs a `stat`
PAGES = {"diagnose": diagnose, "archive": archive}
BODY = {"padding": "8px", "background": "var(--dv-page)", "min-height": "0", "flex": "1 1 0"}

FRAME = {
    "& .MuiAppBar-root": {
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
    "& main": {"backgroundColor": "var(--dv-page)"},
}


def store_address() -> Address:
    """The store, archive or URL named by `--args`, else by $DEEPVID_STORE, else ./runs."""
    named = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("DEEPVID_STORE") or "runs"
    return absolute(named)


class Window(Page):
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
        for part in (*self.header, *self.main):
            part._cleanup(root)
        super()._cleanup(root)


def shell(store: Address) -> Window:
    """Builds a session and its window in the current document."""
    document = pn.state.curdoc
    assert document is not None
    # Panel sets it when it renders the page; a session that a reconnecting page begins has none, and then
    # its style sheets would come from a server far away.
    document.template_variables.setdefault("dist_url", get_dist_path(cdn=False))
    send_while_drawn()
    session = Session(store, document)
    pn.config.exception_handler = _faults(session)
    body = pn.Column(sizing_mode="stretch_both", margin=0, styles=BODY)
    pages: dict[str, Any] = {}  # made on first use, then kept: going back keeps what was seen

    def turn(*_: Any) -> None:
        name = session.navigation.page
        if name == "diagnose" and session.run is None:
            body[:] = [welcome(session)]
            return
        if name not in pages:
            pages[name] = PAGES[name](session)
        body[:] = [pages[name]]

    session.navigation.param.watch(turn, ["page", "run"])
    session.go(pn.state.location.search if pn.state.location else "")  # its selection finds the views there
    turn()
    window = Window(
        title="",  # the header has its own
        meta_title="DeepVID",
        header=[HeaderView(session)],
        main=[pn.Column(ProgressView(session), body, sizing_mode="stretch_both", margin=0)],
        theme_toggle=False,
        busy_indicator=None,
        sidebar_variant="temporary",
        sx=FRAME,
        raw_css=[CSS],
        dark_theme=session.navigation.dark,
        theme_config=_material(),
    )
    session.navigation.param.watch(lambda event: window.param.update(dark_theme=event.new), "dark")
    pn.state.add_periodic_callback(session.poll, period=PERIOD)
    return window


def _faults(session: Session) -> Callable[[BaseException], None]:
    """Hands what callbacks raise to the session, without keeping it: Panel keeps the handler."""
    known = ref(session)

    def fault(error: BaseException) -> None:
        found = known()
        if found is None:
            raise error
        found.fault(error)

    return fault


def _material() -> dict[str, Any]:
    """What Material's own components need to look like ours."""
    return {
        mode: {
            "palette": {
                "primary": {"main": palette(mode == "dark").accent},
                "background": {
                    "default": palette(mode == "dark").page,
                    "paper": palette(mode == "dark").surface,
                },
            },
            "typography": {"fontFamily": FONT},
        }
        for mode in ("light", "dark")
    }
