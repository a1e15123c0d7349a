"""One card in a static page: the modules as a server has them, and a model that only remembers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Route

from dashboards.kit.component import pack
from dashboards.kit.elements import Element
from dashboards.served import BROWSER
from dashboards.theme import CSS

TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css"}
PAGE = f"""<!doctype html><html lang="en"><head><title>A card</title><style>{CSS}</style></head>
<body><main><h1>A card</h1><div id="card" style="width: 600px; height: 400px"></div></main></body></html>"""
OPEN = """async (held) => {
  const {render} = await import("/kit/card.js")
  const changed = {}
  window.said = []
  window.bytes = (value) => {
    if (Array.isArray(value)) return value.map(window.bytes)
    if (value === null || typeof value !== "object") return value
    if ("$buffer" in value) return new Uint8Array(value.$buffer).buffer
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, window.bytes(each)]))
  }
  window.model = {
    look: "any-card", sheet: "", hovered: -1, work: {}, works: {}, lists: {}, ...window.bytes(held),
    send_msg: ({action, value}) => window.said.push([action, value]),
    on: (names, call) => [names].flat().forEach((name) => { changed[name] = call }),
  }
  window.change = (values) => {
    Object.assign(window.model, window.bytes(values))
    for (const name of Object.keys(values)) changed[name]?.()
  }
  const root = document.querySelector("#card").attachShadow({mode: "open"})
  const el = document.createElement("div")
  el.style.height = "100%"
  root.append(el)
  el.append(await render({model: window.model, el}))
}"""


class ShownCard:
    """A card that is open: what it shows, and what it has said."""

    def __init__(self, page: Page) -> None:
        self.page, self.card = page, page.locator(".card")

    def draw(self, tree: Element) -> None:
        """Another tree arrives."""
        self.change(**sent(tree))

    def change(self, **values: Any) -> None:
        """Other values of the model arrive, and are drawn."""
        self.page.evaluate("(values) => window.change(values)", values)
        self.page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")

    @property
    def said(self) -> list[Any]:
        """[action, value] of all that was asked for."""
        return list(self.page.evaluate("() => window.said"))

    def find(self, selector: str) -> Locator:
        """Elements in it."""
        return self.card.locator(selector)


def jsonable(value: Any) -> Any:
    """A message with its bytes as numbers."""
    if isinstance(value, bytes):
        return {"$buffer": list(value)}
    if isinstance(value, dict):
        return {name: jsonable(each) for name, each in value.items()}
    return [jsonable(each) for each in value] if isinstance(value, list | tuple) else value


def sent(tree: Element) -> dict[str, Any]:
    """Values that the model has for a tree."""
    return jsonable(dict(zip(("tree", "places", "held"), pack(tree), strict=True)))


Show = Callable[[Element], ShownCard]


def opened(page: Page, tree: Element) -> ShownCard:
    """A page with a card that shows a tree."""
    served(page)
    page.evaluate(OPEN, sent(tree))
    return ShownCard(page)


def served(page: Page) -> None:
    """Opens a page that can import the modules."""
    page.route("http://127.0.0.1:1/**", _serve)
    page.goto("http://127.0.0.1:1/")


def _serve(route: Route) -> None:
    name = route.request.url.removeprefix("http://127.0.0.1:1/")
    if name:
        route.fulfill(path=BROWSER / name, content_type=TYPES[Path(name).suffix])
    else:
        route.fulfill(body=PAGE, content_type="text/html")
