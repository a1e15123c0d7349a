"""Plots of a run as HoloViews elements, for notebooks: pure functions of what a run holds.

    from dashboards import plots

    table = plots.samples(run)
    hv.link_selections(plots.map(table) + plots.confusion(table))

`map` and `confusion` are of one table, so that `hv.link_selections` brushes both. Colors are the page's.
Holds no Panel and no session; call `hv.extension("bokeh")` first.
"""

from dashboards.plots.classes import chord, sunburst
from dashboards.plots.explaining import explanation
from dashboards.plots.population import confusion, map, samples
from dashboards.plots.training import curves

__all__ = ["chord", "confusion", "curves", "explanation", "map", "samples", "sunburst"]
