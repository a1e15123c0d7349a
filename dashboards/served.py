"""Where a server has the browser's half: `dashboards/browser`, under an address that its content names."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from bokeh.embed.bundle import extension_dirs
from panel.io.state import state

BROWSER = Path(__file__).parent / "browser"
PREFIX = "deepvid-"  # of the folder's name among those that Bokeh serves


@cache
def publish() -> str:
    """Lets every server of this process serve the folder from now on; its address, relative to the page."""
    digest = sha256()
    for path in sorted(path for path in BROWSER.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(BROWSER)}\0".encode() + path.read_bytes())
    name = f"{PREFIX}{digest.hexdigest()[:16]}"
    extension_dirs[name] = BROWSER
    return f"static/extensions/{name}"


def address(name: str) -> str:
    """Of a module, relative to the page; it changes with any file of the folder, so that it can be cached."""
    return f"{state.rel_path or '.'}/{publish()}/{name}"
