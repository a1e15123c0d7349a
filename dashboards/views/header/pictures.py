"""The library that makes pictures of a page: SnapDOM 3.1.1 (MIT), which sees through shadow roots."""

from functools import cache
from pathlib import Path

from dashboards import widgets

_ROOM = Path(widgets.__file__).parent / "snapdom"


@cache
def library() -> str:
    """The text of its module, 250 kB: pages load it when a picture is asked for first."""
    return (_ROOM / "snapdom.mjs").read_text(encoding="utf-8")
