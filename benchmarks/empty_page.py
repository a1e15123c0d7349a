"""The baseline of a first paint: an empty page of the template that the dashboard's window is.

It has one blank figure, named as the dashboard's map, whose frame tells when the page is painted.
"""

import panel as pn
from bokeh.plotting import figure
from panel_material_ui import Page

pn.extension()
blank = figure(name="map", sizing_mode="stretch_both")
Page(main=[pn.pane.Bokeh(blank, sizing_mode="stretch_both")]).servable()
