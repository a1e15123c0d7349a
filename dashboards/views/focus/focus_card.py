"""The image under study with the teacher's probabilities."""

from typing import ClassVar, Literal, TypedDict

import param

from dashboards.serving.transfer import Download
from dashboards.views.focus.marking import Flag
from dashboards.views.focus.plot import ClassBar
from dashboards.views.focus.table import Judged
from dashboards.widgets.component import Component, Nothing, source


class Why(TypedDict):
    """One cause of an error."""

    title: str
    text: str
    hint: str  # what to do about it, and how often it is right


Doubt = Literal["", "offered", "busy"]


class Card(TypedDict):
    """One image, and what the teacher says of it."""

    sample: int
    file: str  # that it was read from; empty: not known
    columns: list[str]  # name and value of each further column
    title: str  # its true class, and the predicted one with its probability; without labels that first
    hint: str  # the same with the classes' whole names
    shape: list[int]  # y, x, channel
    bars: list[ClassBar]
    others: int  # how many classes have no bar
    rest: float  # their probability together
    of_file: str  # class that the model gives the file itself, where that is another one; empty: it is not
    findings: list[str]  # of the check of the data, without stops
    why: list[Why]  # causes that are named, the first first; empty: it is right, or nobody looked for any
    doubt: Doubt  # how it stands with what speaks against a right answer
    against: str  # what `ClassBar.true` marks, in a word
    calibration: float | None  # by how much probabilities are off on average; None: not known
    judged: Judged | None  # whether its explanation can be believed; None: it has none
    overlay: str  # what lies over the image; empty: nothing
    sides: list[str]  # the class that its positive pixels speak for, and that of its negative ones
    partial: str | None  # why the bars are not final
    edited: str  # what stands in the place of the image itself, in a word; empty: nothing
    paired: bool  # another image is beside it
    waiting: str  # in the place of the bars, while there is no teacher


class FocusCard(Component):
    """Shows `card`. Probabilities and logits change places in the browser, and so does the overlay's opacity.

    Actions: `overlay` takes what lies over the image off it; `pin` keeps it while others are studied, or lets
    it go; `mark` {sample, remark, label or null} says that its label is wrong, `unmark` sample that it
    is right after all, `doubt` asks what speaks against a right answer, `export` asks for the file
    of all marks. Keys: P, M.
    """

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    pinned: bool = param.Boolean(False, doc="it is of the pinned image")  # type: ignore[assignment]
    mark: Flag | Nothing = param.Dict({}, doc="a `Flag`")  # type: ignore[assignment]
    download: Download | Nothing = param.Dict({}, doc="a `Download`, saved at once")  # type: ignore[assignment]
    image: bytes = param.Bytes(b"", doc="uint8 (y, x, channel)")  # type: ignore[assignment]
    overlay: bytes = param.Bytes(b"", doc="int8 (y, x), what lies over it; empty: nothing")  # type: ignore[assignment]

    _esm = "views/focus/focus_card.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "focus_card.css")]
