"""Requests to an engine: frozen, light, comparable.

Adding one is a dataclass here, and in `deepvid.engine.handlers` a function that answers it and its line.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np

from deepvid import config
from deepvid.config import names
from deepvid.network.switches import NONE, Switches


@dataclass(frozen=True)
class Request:
    """A question about a run. A newer one of the same class from the same session cancels the older."""

    long: ClassVar[bool] = False  # it takes more than a few seconds, and computes beside the others
    patient: ClassVar[bool] = False  # nobody waits for it alone: it lets others go first at its reports

    run: str | Path  # as `deepvid.open_run` takes it: a folder, an archive or a URL

    @property
    def about(self) -> Any:
        """Key that tells it from a like request about something else."""
        return None

    @property
    def subject(self) -> str:
        """The same, as a person reads it."""
        return str(self.run)


@dataclass(frozen=True)
class OfSample(Request):
    """A question about one sample of it."""

    sample: int

    @property
    def about(self) -> int:
        """The sample."""
        return self.sample

    @property
    def subject(self) -> str:
        """It as it is named everywhere."""
        return f"#{self.sample}"


@dataclass(frozen=True)
class FitStudent(OfSample):
    """One student around one sample. The answer is an `xr.Dataset` with the variables of a students batch."""

    settings: config.Students
    seed: int = 0


@dataclass(frozen=True)
class ExplainImage(OfSample):
    """One sample's maps by every method, each judged. The answer is an `xr.Dataset` with the variables of an
    explanations batch.
    """

    patient: ClassVar[bool] = True

    settings: config.Explanations
    student: config.Students | None = None  # explained, too; None: what needs a student is left out
    seed: int = 0
    infill: bool = False  # the autoencoder judges, too


@dataclass(frozen=True)
class OpenImage(Request):
    """A picture that is none of the run's: its answer, maps, neighbors, and what speaks against the answer.
    The result is `OpenedImage`.
    """

    name: str  # of its file
    content: bytes  # of its file
    seed: int = 0

    @property
    def about(self) -> bytes:
        """The file."""
        return self.content

    @property
    def subject(self) -> str:
        """Its name."""
        return self.name


class OpenedImage(NamedTuple):
    """A picture as the run's images are, and as the teacher sees it."""

    image: np.ndarray  # uint8 (y, x, channel)
    changes: tuple[str, ...]  # made to the file, in words
    logits: np.ndarray  # f32 (class,)
    near: np.ndarray  # int (neighbor,): the nearest training images, the nearest first
    distance: np.ndarray  # f64 (neighbor,)
    maps: Any  # xr.Dataset, an explanations batch of one; None where no method applies
    reasons: tuple[Any, ...]  # `deepvid.reasons.Reason`: causes that speak against the answer
    without_reasons: str  # why there are none


@dataclass(frozen=True)
class CausesOfRight(OfSample):
    """Causes that speak against the answer to a sample that is right. The result is a tuple of
    `deepvid.reasons.Reason`.
    """

    seed: int = 0


@dataclass(frozen=True)
class TuneStudent(OfSample):
    """One sample's student at other settings. The answer is `deepvid.tuning.Tuned`."""

    long: ClassVar[bool] = True

    settings: config.Students  # the run's own: what is tried is around them, and all are examined as they are
    others: tuple[config.Students, ...] = ()  # that are points, too, where they differ in what is tuned alone
    seed: int = 0


@dataclass(frozen=True)
class FollowOptimizer(OfSample):
    """How the optimizer of the settings comes to one sample's student. The answer is `Followed`."""

    long: ClassVar[bool] = True

    settings: config.Students  # its solver is no `exact`; of several smoothnesses the greatest
    seed: int = 0


class Optimum(NamedTuple):
    """Numbers of the exact solution that `Followed` has of each step."""

    fitted: float
    held_out: float
    agreement: float
    objective: float


class Followed(NamedTuple):
    """An optimizer's way to a student; shorter than its steps where a number was no longer finite.

    Losses are mean KL(teacher || student) at the fit's temperature, nats.
    """

    sample: int
    settings: config.Students
    step: np.ndarray  # int (point,): each sees every fitted neighbor once; 0 is the start
    fitted: np.ndarray  # f32 (point,): loss on the neighbors that are fitted
    held_out: np.ndarray  # f32 (point,): and on the others
    agreement: np.ndarray  # f32 (point,): with the teacher's class, of the others
    objective: np.ndarray  # f32 (point,): what is minimized, nats
    optimum: Optimum
    floor: float  # agreement of guessing the commonest class
    neighbors: int  # held out


@dataclass(frozen=True)
class EditLatents(OfSample):
    """One sample with its latent moved by `shift`. The answer is `Edited`."""

    shift: tuple[float, ...]  # of each latent
    neighborhood: names.Neighborhood = "residual"


class Edited(NamedTuple):
    """An image as its autoencoder changes it, and what the teacher says of that."""

    sample: int
    image: np.ndarray  # uint8 (y, x, channel)
    logits: np.ndarray  # f32 (class,)
    name: str = "edited"  # what it is, in a word


@dataclass(frozen=True)
class WeighLatents(OfSample):
    """How far the teacher's answer depends on each latent of a sample. The answer is `LatentSensitivity`."""

    band: tuple[float, ...]  # half-width of each latent, in its own units
    neighborhood: names.Neighborhood = "residual"


class LatentSensitivity(NamedTuple):
    """½ |p(z + b_j e_j) - p(z - b_j e_j)| of the predicted class, for each latent j of half-width b_j."""

    sample: int
    sensitivity: np.ndarray  # f32 (latent,), 0 to .5


@dataclass(frozen=True)
class DrawNeighbors(OfSample):
    """The neighbors that a student of one sample is fitted on, drawn anew. The answer is `Neighbors`."""

    settings: config.Students
    seed: int = 0


class Neighbors(NamedTuple):
    """Neighbors, and what the teacher says of them; the last ones are held out of the fit."""

    image: np.ndarray  # uint8 (neighbor, y, x, channel)
    logits: np.ndarray  # f32 (neighbor, class)
    held_out: int
    widening: float  # times the band of the settings


@dataclass(frozen=True)
class PlaceNeighbors(OfSample):
    """Where those neighbors would lie on a map of the run. The answer is `NeighborPositions`."""

    settings: config.Students
    map: str  # name of the projection
    seed: int = 0
    most: int = 100  # neighbors that are placed


class NeighborPositions(NamedTuple):
    """Neighbors on a map, evenly spread over all; exact where that is PCA, else approximate."""

    number: np.ndarray  # int (placed,): of the neighbor
    position: np.ndarray  # f32 (placed, dimension)


@dataclass(frozen=True)
class Morph(OfSample):
    """The way from one sample to another through the latents. The answer is `Morphed`."""

    other: int
    steps: int = 11
    way: names.Way = "linear"
    neighborhood: names.Neighborhood = "residual"


class Flip(NamedTuple):
    """Where the teacher's answer changes on a way, to 1/1000 of it."""

    position: float  # 0 to 1
    before: int  # class
    after: int
    logits: np.ndarray  # f32 (class,), where `after` is the answer


class Morphed(NamedTuple):
    """Pictures of one image on its way to another."""

    position: np.ndarray  # f64 (step,): 0 to 1
    image: np.ndarray  # uint8 (step, y, x, channel)
    logits: np.ndarray  # f32 (step, class)
    flips: tuple[Flip, ...]


@dataclass(frozen=True)
class DrawStrip(OfSample):
    """A change of the teacher's mind about one sample. The answer is `Frames`."""

    target: int | None = None  # class that it is led to; None: away from its answer, to whichever
    space: names.Space = "latent"


class Frames(NamedTuple):
    """A strip: the image itself, then frames of equal evidence."""

    difference: np.ndarray  # f32 (frame, y, x, channel): from the image, in units of the whole range
    logits: np.ndarray  # f32 (frame, class)


@dataclass(frozen=True)
class Superpixels(OfSample):
    """Which squares speak for the teacher's answer against `target`. The answer is `SuperpixelWeights`."""

    target: int  # a class that is not the answer


class SuperpixelWeights(NamedTuple):
    """A linear model of which squares are there: LIME's, with how far it can be believed."""

    weight: np.ndarray  # f32 (v, u): logits that a square adds to the answer less `target`
    cell: int  # pixels of a side
    masks: int
    r2: float  # on masks that were not fitted; 1 is perfect, 0 is the mean
    repeated: float  # correlation with the weights of other masks; nan where all are alike


@dataclass(frozen=True)
class Maximize(Request):
    """Pictures that a unit answers as strongly as it answers anything. The answer is `MaximizedImages`."""

    layer: str
    unit: int  # by its index in the layer
    switches: Switches = NONE  # of the picture that is held back
    made: tuple[names.Making, ...] = ("held",)

    @property
    def about(self) -> tuple[str, int]:
        """The unit."""
        return self.layer, self.unit

    @property
    def subject(self) -> str:
        """It in words."""
        return f"unit {self.unit} of {self.layer}"


class MaximizedImages(NamedTuple):
    """As they were asked for, one after another."""

    picture: np.ndarray  # uint8 (picture, y, x, channel)
    response: np.ndarray  # f32 (picture,): the largest over places
    measure: float  # response to the test image that is answered ninth strongest; NaN: not positive, unknown


@dataclass(frozen=True)
class RefineLandscape(Request):
    """Decisions of the classifier in a part of one epoch's map, in finer cells. The answer is `Refined`."""

    form: names.TimeTravelForm
    epoch: int  # from 1
    low: tuple[float, float]  # position of the first cell's center
    high: tuple[float, float]  # and of the last's
    resolution: int = 300  # cells a side


class Refined(NamedTuple):
    """Cells as a landscape has them; y grows with the second coordinate."""

    cell_class: np.ndarray  # uint8 (y, x); uint16 from 257 classes on
    cell_margin: np.ndarray  # uint8 (y, x): in 1/255


@dataclass(frozen=True)
class DecodeSample(OfSample):
    """A test image on its way to one epoch's map and back. The answer is `Decoded`."""

    form: names.TimeTravelForm
    epoch: int  # from 1


class Decoded(NamedTuple):
    """Answers of the classifier to an image, and to what is decoded where that lies on the map."""

    before: np.ndarray  # f32 (class,): probability
    after: np.ndarray  # f32 (class,)


@dataclass(frozen=True)
class WatchFilters(OfSample):
    """Responses of a layer's filters to a sample, and their effects. The answer is `FilterResponses`."""

    layer: str = ""  # where the network has none of this name with places, the last one that has places


class FilterResponses(NamedTuple):
    """The filters of one layer. `classes` are the predicted one, and the true one or the runner-up."""

    layers: tuple[tuple[str, int], ...]  # all that have places, from the image on, with their filters
    layer: str
    images: int  # training images that `mean` is of
    patch: int  # side of what covers the image, in pixels
    mean: np.ndarray  # f32 (filter,): mean activation of the training images
    activation: np.ndarray  # f32 (filter,): mean over places
    occlusion: np.ndarray  # f32 (filter, v, u): what covering a cell takes from `activation`
    classes: tuple[int, int]
    logits: np.ndarray  # f32 (class,)
    silenced: np.ndarray  # f32 (filter, class): logits with the filter at its mean
    order: np.ndarray  # int (filter,): those first without which the margin of `classes` is smallest
    together: np.ndarray  # f32 (filter, class): logits with the first 1, 2, ... of `order` at their means


@dataclass(frozen=True)
class OccludeImage(OfSample):
    """Drops of units and logits where parts of a sample are covered. The answer is `Occluded`."""


class Occluded(NamedTuple):
    """Drops of each where a blurred copy is in the place of a patch at (top[v], left[u]).

    In standard deviations over the test images. Units are in the order of the stage `network`.
    """

    sample: int
    patch: int  # its side, in pixels
    top: tuple[int, ...]  # first row of the patches
    left: tuple[int, ...]  # and first column
    units: tuple[tuple[str, int], ...]  # layer and number of each
    unit: np.ndarray  # f32 (unit, v, u): from its mean response; 0 of one that answers every image alike
    logit: np.ndarray  # f32 (class, v, u)
    deviation: np.ndarray  # f32 (class,): of the logits, in nats


@dataclass(frozen=True)
class MapUnits(OfSample):
    """Maps of a layer's units for a few samples, as a run stores them. The answer is `Mapped`."""

    others: tuple[int, ...]  # samples beside `sample`
    layer: str


class Mapped(NamedTuple):
    """Maps of the kept units of a layer."""

    samples: tuple[int, ...]
    value: np.ndarray  # f32 (sample, place, unit)


@dataclass(frozen=True)
class EditImage(OfSample):
    """One sample as somebody draws on it. The answer is `WhatIf`."""

    image: bytes  # uint8 (y, x, channel), as it is drawn
    silenced: tuple[tuple[str, int], ...] = ()  # column and unit: held at their usual response


class Voted(NamedTuple):
    """The commonest class of the nearest training images at a column, and how many have it; None: unknown."""

    column: str
    before: tuple[int, int] | None
    after: tuple[int, int] | None


class ChangedUnit(NamedTuple):
    """A unit that answers another image otherwise."""

    column: str
    unit: int  # by its index in its layer
    before: float  # mean response
    after: float
    change: float  # in standard deviations of its mean responses to the test images


class WhatIf(NamedTuple):
    """Answers to an image as it is stored, and as it is drawn, some units silenced."""

    sample: int
    logits: np.ndarray  # f32 (2, class): before and after
    columns: tuple[Voted, ...]  # from the pixels to the logits
    neighbors: int  # nearest training images of a vote
    units: tuple[ChangedUnit, ...]  # those that change most, the first most; without those that are silenced
    silenced: tuple[tuple[str, int], ...] = ()  # column and unit
    drawn: bool = True  # whether the image differs from the stored one
    among: str = "training images"  # what votes
