"""The latents of an image as parallel axes or as a heat map, each of which can be moved."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.latent.company import Told
from dashboards.views.latent.table import Axis, Others
from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import WorkLine


class Card(TypedDict):
    """One image's latents."""

    sample: int
    latents: int  # how many there are
    axes: list[Axis]  # of the active ones, or the directions
    others: Others | None  # the inactive ones; None: there are none, or directions are shown
    heat: bool  # the axes are columns of a heat map
    sentence: str
    kind: str  # of the axes: one of `navigation.AXES`
    colors: list[str]  # of classes, as `company` numbers them
    reach: float  # standard deviations to the end of what `company` tells
    refusal: str  # why nothing can be moved; empty: it can
    fault: str  # what came of the last fit


class Answered(TypedDict):
    """The last wish that was answered."""

    asked: int
    error: str  # what came of it, where it failed


class LatentCard(Component):
    """Shows `card` beside what `told` says of the images `places`, and the `work` under way.

    Actions: `edit` {sample, shift: one number a latent, asked}, which a shift of zeros ends; `fit` {sample,
    bands: [latent, half-width] pairs, others: half-width of the inactive ones in standard deviations or
    null}; `axes` one of `navigation.AXES`; `study` sample; `cancel`.

    The browser keeps the shift and asks for the next picture when it has the last one.
    """

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    told: Told | Nothing = param.Dict({}, doc="`Told`: what the other images are")  # type: ignore[assignment]
    places: bytes = param.Bytes(b"", doc="`Company.places`")  # type: ignore[assignment]
    vectors: bytes = param.Bytes(b"", doc="f32 (direction, latent); empty: axes are latents")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="the fit under way")  # type: ignore[assignment]
    answered: Answered | Nothing = param.Dict({}, doc="`Answered`")  # type: ignore[assignment]

    _esm = "views/latent/latent_card.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "latent_card.css")]
