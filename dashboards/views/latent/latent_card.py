"""The latents of an image as parallel axes, each of which can be moved."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.latent.table import Axis
from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import WorkLine


class Card(TypedDict):
    """One image's latents."""

    sample: int
    latents: int  # how many there are
    axes: list[Axis]  # of the active ones
    sentence: str
    order: str  # of the axes: kl or sensitivity
    refusal: str  # why nothing can be moved; empty: it can
    fault: str  # what came of the last fit


class Answered(TypedDict):
    """The last wish that was answered."""

    asked: int
    error: str  # what came of it, where it failed


class LatentCard(Component):
    """Shows `card`, and the `work` under way.

    Actions: `edit` {sample, shift: one number a latent, asked}, which a shift of zeros ends; `fit` {sample,
    bands: [latent, half-width] pairs}; `order` kl or sensitivity; `cancel`.

    The browser keeps the shift and asks for the next picture when it has the last one.
    """

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="the fit under way")  # type: ignore[assignment]
    answered: Answered | Nothing = param.Dict({}, doc="`Answered`")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "share.js", "work.js", "latent_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "latent_card.css")]
