"""The harness of the browser tests: a real Chromium, a real server, and eyes for Bokeh's canvas."""

import io
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import panel as pn
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Request, Route, expect, sync_playwright
from serving import free_port, listens, serve_command, sleep, wait_until

from dashboards.serving import transfer

expect.set_options(timeout=15_000)  # ms; on a machine with other work 5 s were not always enough

SIZE = {"width": 1440, "height": 900}
LOCAL = (
    "http://localhost:",
    "http://127.0.0.1:",
    "ws://localhost:",
    "ws://127.0.0.1:",
    "data:",
    "blob:",
    "about:",
)

_FIND = """(name) => {
  const seen = []
  const visit = (view) => {
    if (view == null || seen.includes(view)) return null
    seen.push(view)
    if (view.model?.name === name && view.frame != null) return view
    for (const child of view.children ? view.children() : []) {
      const found = visit(child)
      if (found != null) return found
    }
    return null
  }
  for (const root of window.Bokeh?.index?.roots ?? []) {
    const found = visit(root)
    if (found != null) return found
  }
  return null
}"""

_FRAME = f"""(name) => {{
  const view = ({_FIND})(name)
  if (view == null || !view.frame.bbox.width) return null
  const {{left, top}} = view.el.getBoundingClientRect()
  const {{x, y, width, height}} = view.frame.bbox
  const {{start: x0, end: x1}} = view.frame.x_range
  const {{start: y0, end: y1}} = view.frame.y_range
  return [left + x, top + y, width, height, x0, x1, y0, y1]
}}"""


@dataclass
class Figure:
    """A Bokeh figure in a page, found by its name; its glyphs live on a canvas, so a test uses the mouse."""

    page: Page
    name: str

    def _frame(self) -> list[float]:
        return self.page.wait_for_function(_FRAME, arg=self.name).json_value()

    def settle(self) -> "Figure":
        """Waits until the figure is there and its layout rests."""
        last: list[float] = []
        while last != (last := self._frame()):
            self.page.wait_for_timeout(250)
        return self

    @property
    def box(self) -> dict[str, float]:
        """The frame in page pixels: x, y, width, height."""
        return dict(zip(("x", "y", "width", "height"), self._frame(), strict=False))

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Page pixels of a point in data coordinates."""
        left, top, width, height, x0, x1, y0, y1 = self._frame()
        return left + (x - x0) / (x1 - x0) * width, top + (y1 - y) / (y1 - y0) * height

    def range(self) -> tuple[float, float, float, float]:
        """x start, x end, y start, y end."""
        x0, x1, y0, y1 = self._frame()[4:]
        return x0, x1, y0, y1

    def drag(self, points: list[tuple[float, float]]) -> None:
        """Drags the mouse through points in data coordinates."""
        path = [self.at(*point) for point in points]
        self.page.mouse.move(*path[0])
        self.page.mouse.down()
        for point in path[1:]:
            self.page.mouse.move(*point, steps=4)
        self.page.mouse.up()

    def click(self, x: float, y: float) -> None:
        """Clicks a point in data coordinates."""
        self.page.mouse.click(*self.at(x, y))

    def hover(self, x: float, y: float) -> None:
        """Moves the mouse to a point in data coordinates."""
        left, top = self.at(x, y)
        self.page.mouse.move(left - 3, top)
        self.page.mouse.move(left, top)

    def pixels(self) -> np.ndarray:
        """What is painted inside the frame: uint8 (y, x, 3)."""
        picture = self.page.screenshot(clip=self.box)  # type: ignore[arg-type]
        return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))

    def model(self, expression: str) -> Any:
        """Evaluates JavaScript on the figure's model, named `figure`."""
        return self.page.evaluate(
            f"(name) => {{ const figure = ({_FIND})(name).model; return {expression} }}", self.name
        )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """$DEEPVID_CHROMIUM, the system's, or Playwright's own. Without one, tests fail: they never skip."""
    found = os.environ.get("DEEPVID_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def foreign_requests() -> list[str]:
    """Addresses the page asked for that are not on this machine; `page` fails the test unless it is empty."""
    return []


@pytest.fixture
def page(chromium: Browser, foreign_requests: list[str]) -> Iterator[Page]:
    """A fresh page at 1440x900. The test fails when it asks for what is not local or a script throws."""
    context = chromium.new_context(viewport=SIZE)  # type: ignore[arg-type]
    page, thrown = context.new_page(), []

    def guard(route: Route, request: Request) -> None:
        if request.url.startswith(LOCAL):
            route.continue_()
        else:
            foreign_requests.append(request.url)
            route.abort()

    context.route("**/*", guard)
    page.on("websocket", lambda ws: ws.url.startswith(LOCAL) or foreign_requests.append(ws.url))
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    context.close()
    assert not foreign_requests, f"the page asked for what is not local: {foreign_requests}"
    assert not thrown, f"scripts of the page failed: {thrown}"


@pytest.fixture
def serve_component() -> Iterator[Callable[[Page, Callable[[], Any]], str]]:
    """`serve_component(page, build)` serves what `build()` returns anew to each session; the address."""
    servers = []

    def serve(page: Page, build: Callable[[], Any], query: str = "", **options: Any) -> str:
        port = free_port()
        address = f"http://localhost:{port}/"
        options.setdefault("extra_patterns", transfer.ROUTES)
        servers.append(pn.serve(build, port=port, threaded=True, show=False, verbose=False, **options))
        wait_until(lambda: listens(port))
        page.goto(address + query)
        page.wait_for_function("() => window.Bokeh?.index?.roots?.length > 0")
        return address

    yield serve
    for server in servers:
        server.stop()


@pytest.fixture
def figure(page: Page) -> Callable[[str], Figure]:
    """`figure(name)`: a Bokeh figure of the page, once its layout rests."""
    return lambda name: Figure(page, name).settle()


@pytest.fixture(scope="session", name="serve_command")
def _serve_command() -> Any:
    """`serve_command(store, python=[...], port=None)`: a context manager."""
    return serve_command


@pytest.fixture(name="wait_until")
def _wait_until(page: Page) -> Callable[..., Any]:
    """`wait_until(function, timeout=10)`; the page's requests and its address go on while it waits."""

    def pause() -> None:  # Playwright hears the browser only inside a call of its own
        sleep() if page.is_closed() else page.wait_for_timeout(30)

    return partial(wait_until, pause=pause)
