"""Eyes and hands for pages in Chromium: figures on Bokeh's canvas, a guard of what pages ask for, servers."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import panel as pn
from PIL import Image
from playwright.sync_api import BrowserContext, Page
from serving import free_port, listens, wait_until

from dashboards.serving import transfer

SIZE = {"width": 1440, "height": 900}
NO_TOUR = "try { localStorage.setItem('deepvid-tour', 'done') } catch {}"  # a blank page has no storage
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
            self.page.wait_for_timeout(100)
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
        """Pixels inside the frame: uint8 (y, x, 3)."""
        picture = self.page.screenshot(clip=self.box)  # type: ignore[arg-type]
        return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))

    def model(self, expression: str) -> Any:
        """Evaluates JavaScript on the figure's model, named `figure`."""
        return self.page.evaluate(
            f"(name) => {{ const figure = ({_FIND})(name).model; return {expression} }}", self.name
        )


class Guard:
    """Hears what a context's pages ask for that is not on this machine, and what their scripts throw.

    It listens: a route would turn the browser's cache off.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.foreign: list[str] = []
        self.thrown: list[str] = []
        context.on("request", lambda request: self._hear(request.url))
        context.on("page", self._watch)

    def _watch(self, page: Page) -> None:
        page.on("websocket", lambda socket: self._hear(socket.url))
        page.on("pageerror", lambda error: self.thrown.append(str(error)))

    def _hear(self, url: str) -> None:
        if not url.startswith(LOCAL):
            self.foreign.append(url)

    def check(self) -> None:
        """Fails where something was heard since the last check."""
        (foreign, self.foreign), (thrown, self.thrown) = (self.foreign, []), (self.thrown, [])
        assert not foreign, f"the page asked for what is not local: {foreign}"
        assert not thrown, f"scripts of the page failed: {thrown}"


class Servers:
    """Servers of components, each on a port of its own."""

    def __init__(self) -> None:
        self._servers: list[Any] = []

    def serve(self, page: Page, build: Callable[[], Any], query: str = "", **options: Any) -> str:
        """Serves what `build()` returns anew to each session and opens it; the address."""
        port = free_port()
        address = f"http://localhost:{port}/"
        options.setdefault("extra_patterns", transfer.ROUTES)
        self._servers.append(pn.serve(build, port=port, threaded=True, show=False, verbose=False, **options))
        wait_until(lambda: listens(port))
        page.goto(address + query)
        page.wait_for_function("() => window.Bokeh?.index?.roots?.length > 0")
        return address

    def stop(self) -> None:
        for server in self._servers:
            server.stop()


def open_part(page: Page, tab: str, name: str) -> None:
    """Opens a part of a tab of the image, whose number is `tab`."""
    page.get_by_role("tab").filter(has_text=re.compile(f"{tab}$")).click()
    page.get_by_role("group", name=re.compile("^Parts of ")).get_by_role("button", name=name).click()
