"""A synthetic run through the real store, and views of it in a page."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import panel as pn
import pytest

from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.theme import CSS
from dashboards.views.confusion.view import ConfusionView
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


@pytest.fixture
def open_views(page: Any, serve_component: Any) -> Callable[..., Session]:
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

        serve_component(page, build)
        return opened[0]

    return open_run
