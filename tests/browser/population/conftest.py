"""A synthetic run through the real store, and views of it in a page."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import panel as pn
import pytest
from chromium import SIZE, Guard
from playwright.sync_api import Browser, BrowserContext, Page
from serving import free_port, listens, wait_until

from dashboards.serving import transfer
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.theme import CSS
from dashboards.views.confusion import ConfusionView
from dashboards.views.map.view import MapView

SYNTHETIC = Path(__file__).parents[3] / "benchmarks" / "synthetic.py"


@pytest.fixture(scope="session")
def synthetic() -> ModuleType:
    """The writer of synthetic runs that the benchmarks use."""
    spec = importlib.util.spec_from_file_location("synthetic", SYNTHETIC)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def synthetic_run(tmp_path_factory: pytest.TempPathFactory, synthetic: ModuleType) -> Path:
    """Two thousand images in ten clusters on a ring, with two maps and a teacher."""
    return synthetic.write_run(tmp_path_factory.mktemp("runs"), synthetic.Shape(2000))


@pytest.fixture(scope="session")
def shared(chromium: Browser) -> Iterator[tuple[BrowserContext, Guard]]:
    """A context whose page keeps what it has fetched, as a person's browser does."""
    context = chromium.new_context(viewport=SIZE)  # type: ignore[arg-type]
    yield context, Guard(context)
    context.close()


@pytest.fixture
def page(shared: tuple[BrowserContext, Guard]) -> Iterator[Page]:
    """The one of the tests before, which `open_views` loads anew: all that it shows is of a new session."""
    context, guard = shared
    page = context.pages[0] if context.pages else context.new_page()
    yield page
    if not page.is_closed():
        for key in ("Shift", "Control"):
            page.keyboard.up(key)
        page.mouse.up()
        page.goto("about:blank")
        page.set_viewport_size(SIZE)  # type: ignore[arg-type]
    guard.check()


@pytest.fixture(scope="session")
def serve_views() -> Iterator[Callable[[Callable[[], pn.Row]], str]]:
    """`serve_views(build)`: where the next session gets what `build()` returns; one server for all."""
    builds: list[Callable[[], pn.Row]] = []
    port = free_port()
    options = {"threaded": True, "show": False, "verbose": False, "extra_patterns": transfer.ROUTES}
    server = pn.serve(lambda: builds[-1](), port=port, **options)
    wait_until(lambda: listens(port))

    def serve(build: Callable[[], pn.Row]) -> str:
        builds.append(build)
        return f"http://localhost:{port}/"

    yield serve
    server.stop()


@pytest.fixture
def open_views(page: Page, serve_views: Any) -> Callable[..., Session]:
    """`open_views(run, SunburstView)`: serves the map beside a view and returns the page's session."""

    def open_run(run: Path, beside: type[View] = ConfusionView) -> Session:
        opened: list[Session] = []

        def build() -> pn.Row:
            pn.config.raw_css = [CSS]
            session = Session(run.parent, pn.state.curdoc)
            session.go(f"?run={run.name}")
            opened.append(session)
            views = (MapView(session), beside(session))
            size = {"sizing_mode": "stretch_width", "max_width": 640, "height": 560, "margin": 0}
            return pn.Row(*(pn.Column(view, **size) for view in views), sizing_mode="stretch_width")

        page.goto(serve_views(build))
        page.wait_for_function("() => window.Bokeh?.index?.roots?.length > 0")
        return opened[0]

    return open_run
