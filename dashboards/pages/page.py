"""The record of a page, from which header, routes, empty states and address follow."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from dashboards.session.needs import Need
from dashboards.session.session import Session
from dashboards.session.state import PageState


class Page(NamedTuple):
    """`build` makes the page of one session, on its first visit; it is kept and rests while it is hidden."""

    name: str  # in addresses
    title: str  # in the header
    build: Callable[[Session], Any]
    state: type[PageState] = PageState
    needs: Sequence[Need] = ()  # while one is not met, what it says is all of the page
    selects: bool = False  # whether the header has the selection's controls here
