"""The rows of a run as what plain HoloViz begins with, a data frame; part of the baselines of `dashboard.py`.

A baseline is served by Panel in a process of its own; $DEEPVID_STORE names the store and `?run=` the run.
"""

import os
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import panel as pn

from dashboards.data.population import population
from deepvid.store import Run, open_run


class Rows(NamedTuple):
    """One row an image."""

    frame: pd.DataFrame  # x, y, label, predicted, confidence, and `class`: the label as a category
    class_names: tuple[str, ...]


def run() -> Run:
    """The run that the address names."""
    return open_run(Path(os.environ["DEEPVID_STORE"]) / argument("run"))


def argument(name: str) -> str:
    """Its part of the address."""
    value: str = pn.state.session_args[name][0].decode()
    return value


def rows() -> Rows:
    """All rows of that run."""
    table = population(run())
    assert table is not None
    assert table.predictions is not None
    chosen = table.default_map
    assert chosen is not None
    said = table.predictions
    frame = pd.DataFrame({"x": chosen.x, "y": chosen.y, "label": table.label, "predicted": said.predicted})
    frame["confidence"] = said.confidence
    frame["class"] = frame["label"].astype(pd.CategoricalDtype(range(table.class_count)))
    return Rows(frame, table.class_names)
