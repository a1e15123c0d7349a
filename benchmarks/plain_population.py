"""Baselines of `dashboard.py`: a query and a chord diagram of a run's rows through plain HoloViz.

`?plain=query` filters with pandas what a map and a confusion matrix show; `?plain=chord` counts with pandas
how the images of a class are confused, and draws an `hv.Chord` of that; both `&through=` one of `THROUGH`.
"""

from functools import lru_cache, partial

import holoviews as hv
import pandas as pd
import panel as pn
from plain_plots import THROUGH, Picture, confusion, named, points, shaded
from plain_rows import Rows, argument, rows

hv.extension("bokeh")


def query(table: Rows) -> pn.Column:
    """A text, and what it selects as a map and as a confusion matrix."""
    text = pn.widgets.TextInput(name="Query")
    codes = (table.frame[column] for column in ("label", "predicted"))
    true, predicted = (pd.Categorical.from_codes(code, table.class_names) for code in codes)
    frame = table.frame.rename(columns={"predicted": "said"}).assign(true=true, predicted=predicted)

    @lru_cache(maxsize=1)  # one query for both pictures
    def selected(asked: str) -> pd.DataFrame:
        found = frame.query(asked) if asked else frame
        return found.drop(columns=["true", "predicted"]).rename(columns={"said": "predicted"})

    def placed(asked: str) -> hv.Points:
        return points(selected(asked))

    def cells(asked: str) -> hv.Points:
        return hv.Points(selected(asked), ["predicted", "label"])

    matrix = Picture(cells, partial(confusion, classes=len(table.class_names)))
    return pn.Column(text, THROUGH[argument("through")]([Picture(placed, shaded), matrix], text))


def chord(table: Rows) -> pn.Column:
    """A button a class, and how its images and those taken for it are confused."""
    chosen = pn.widgets.RadioButtonGroup(options={name: code for code, name in enumerate(table.class_names)})
    names = pd.DataFrame({"index": range(len(table.class_names)), "name": table.class_names})

    def drawn(code: int) -> hv.Chord:
        frame = table.frame
        of_class = frame[(frame["label"] == code) | (frame["predicted"] == code)]
        counts = of_class.groupby(["label", "predicted"]).size().reset_index(name="images")
        wrong = counts[counts["label"] != counts["predicted"]]
        nodes = hv.Dataset(names[names["index"].isin(wrong[["label", "predicted"]].stack())], "index")
        options = {"labels": "name", "node_color": "index", "edge_color": "label", "cmap": "Category10"}
        return hv.Chord((wrong, nodes)).opts(width=480, height=480, hooks=[named("map")], **options)

    return pn.Column(chosen, THROUGH[argument("through")]([Picture(drawn)], chosen))


{"query": query, "chord": chord}[argument("plain")](rows()).servable()
