"""One browser tab with the app, which the tests of a worker use one after the other.

A load of the page costs 4 to 6 s of CPU time; a new session's window in a page that is loaded, 1.3 s.
Session, header, views and widgets are made anew, here and in the browser, as by a load; the template, the
document and the scripts stay.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

import panel as pn
from playwright.sync_api import Page, expect

from dashboards.serving.process import prepare_process
from dashboards.session.session import Session
from dashboards.shell import Window, shell

MARK = "() => { window.loadedByTab = true }"  # gone after a reload, or on another page
IS_MARKED = "() => window.loadedByTab === true"
LEAVE = "navs => navs.forEach((nav) => { nav.dataset.left = 'yes' })"
CLEAN = """search => {
  localStorage.clear()
  localStorage.setItem('deepvid-tour', 'done')
  history.replaceState(null, '', location.pathname + search)
  document.activeElement?.blur()
}"""


class AppTab:
    """The app in `page`. `serve(page, build, query)` loads what `build()` returns; the address."""

    def __init__(self, page: Page, serve: Callable[..., str]) -> None:
        self.page, self._serve = page, serve
        self._store, self._address = Path(), ""
        self.shown = 0  # windows so far
        self._built: Window | None = None  # the last one, of whatever page of the address
        self._window: Window | None = None  # of this page
        self._session: Session | None = None  # that it shows, or showed last
        self._empty = True

    def show(self, store: Path, query: str, sessions: Sequence[Session]) -> Session:
        """A session of its own over `store`, as a link with `query` opens it; `sessions` grows with it."""
        prepare_process()
        if not self._empty:
            self.leave()
        self._store, known = store, len(sessions)
        if self._session is not None and self.page.evaluate(IS_MARKED):
            self.page.evaluate(CLEAN, query)
            self._do(self._session, lambda: self._renew(query))
        else:
            self._load(query)
        expect(self.page.locator("nav:not([data-left]) button").first).to_be_visible(timeout=20_000)
        self._session, self._empty = sessions[known], False
        self.shown += 1
        return self._session

    def leave(self) -> None:
        """Ends what the page shows, as if its browser were gone."""
        session, self._empty = self._session, True
        if session is None or not self.page.evaluate(IS_MARKED):
            self.page.goto("about:blank")
        else:
            self.page.locator("nav").evaluate_all(LEAVE)
            self._do(session, lambda: self._end(session))

    def _load(self, query: str) -> None:
        if self._address:
            self.page.goto(self._address + query)
        else:
            self._address = self._serve(self.page, self._build, query)
        self.page.wait_for_function("() => window.Bokeh?.index?.roots?.length > 0")
        self.page.evaluate(MARK)
        self._window = self._built

    def _build(self) -> Window:
        self._built = shell(self._store)
        return self._built

    def _renew(self, query: str) -> None:
        assert self._window is not None
        window = self._window
        pn.state.location.search = query
        new = shell(self._store)
        new.param.watch(lambda event: window.param.update(dark_theme=event.new), "dark_theme")
        window.param.update(main=list(new.main), header=list(new.header), dark_theme=new.dark_theme)

    def _end(self, session: Session) -> None:
        assert self._window is not None
        for callback in pn.state._periodic.pop(session.document, []):
            callback.stop()
        ended = session.document.callbacks._session_destroyed_callbacks
        for callback in [known for known in ended if "Session.on_end" in known.__qualname__]:
            ended.remove(callback)
            callback(None)
        self._window.param.update(main=[], header=[])

    @staticmethod
    def _do(session: Session, work: Callable[[], None]) -> None:
        """On the document's own thread; raises what `work` raises."""
        done, raised = Event(), []

        def run() -> None:
            try:
                work()
            except BaseException as error:
                raised.append(error)
            done.set()

        session.schedule(run)
        assert done.wait(20)
        if raised:
            raise raised[0]
