"""Baselines of `dashboard.py`: a run's models asked through `pn.bind`, the answers drawn by HoloViews.

`?plain=latents` has a slider for each latent and draws the image with the teacher's probabilities;
`?plain=way` draws the steps from one image to another with the probabilities on the way; both `&through=` one
of `THROUGH`. What computes is the same as for our page.
"""

from functools import lru_cache, partial
from itertools import pairwise

import holoviews as hv
import numpy as np
import panel as pn
from plain_plots import THROUGH, Picture, named
from plain_rows import argument, run
from scipy.special import softmax

from deepvid.engine.handlers import edit_latents, morph
from deepvid.engine.requests import Edited, EditLatents, Morph, Morphed
from deepvid.progress import SILENT
from deepvid.store import Run

hv.extension("bokeh")

STEPS, WAYS = 11, 10


def latents(opened: Run) -> pn.Row:
    """The first test image, which sliders move along the latents."""
    dataset = opened.stages["dataset"].open()
    first, names = int(dataset["test"].to_numpy().argmax()), dataset.attrs["class_names"]
    count = opened.stages["vae"].open().sizes["latent"]
    sliders = [pn.widgets.FloatSlider(name=f"z{index}", start=-3, end=3) for index in range(count)]

    @lru_cache(maxsize=1)  # one answer for both pictures
    def edited(*shift: float) -> Edited:
        return edit_latents(EditLatents(opened.address, first, shift), SILENT)

    def image(*shift: float) -> hv.Image:
        return _image(edited(*shift).image, 270).opts(hooks=[named("map")])

    def bars(*shift: float) -> hv.Bars:
        said = hv.Bars((names, softmax(edited(*shift).logits)), "class", "probability")
        return said.opts(ylim=(0, 1), xrotation=60)

    return pn.Row(
        pn.Column(*sliders), THROUGH[argument("through")]([Picture(image), Picture(bars)], *sliders)
    )


def way(opened: Run) -> pn.Column:
    """A button each for ways between images that the teacher says different things of."""
    dataset = opened.stages["dataset"].open()
    tested, names = np.flatnonzero(dataset["test"].to_numpy()), dataset.attrs["class_names"]
    said = opened.stages["teacher"].open()["logits"].to_numpy().argmax(axis=1)
    ends = [(int(one), int(two)) for one, two in pairwise(tested) if said[one] != said[two]][:WAYS]
    chosen = pn.widgets.RadioButtonGroup(options={f"{one} to {two}": (one, two) for one, two in ends})

    @lru_cache(maxsize=1)  # one answer for all pictures
    def walked(between: tuple[int, int]) -> Morphed:
        return morph(Morph(opened.address, *between, steps=STEPS), SILENT)

    def image(between: tuple[int, int], step: int) -> hv.Image:
        return _image(walked(between).image[step], 56)

    def areas(between: tuple[int, int]) -> hv.Overlay:
        found = walked(between)
        shares = zip(softmax(found.logits, axis=1).T, names, strict=True)
        each = [hv.Area((found.position, share), "way", "probability", label=name) for share, name in shares]
        stacked = hv.Area.stack(hv.Overlay(each))
        return stacked.opts(width=460, height=320, show_legend=False, hooks=[named("map")])

    images = [Picture(partial(image, step=step)) for step in range(STEPS)]
    return pn.Column(chosen, THROUGH[argument("through")]([*images, Picture(areas)], chosen))


def _image(pixels: np.ndarray, side: int) -> hv.Image:
    shown = hv.Image(pixels.mean(axis=-1))
    bare = {"xaxis": None, "yaxis": None, "toolbar": None, "cmap": "gray", "clim": (0, 255)}
    return shown.opts(frame_width=side, frame_height=side, **bare)


{"latents": latents, "way": way}[argument("plain")](run()).servable()
