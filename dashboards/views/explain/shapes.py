"""What the Explain card is given: a decision explained, or what can be done where there is no student."""

from typing import NotRequired, TypedDict


class Sums(TypedDict):
    """The student's margin as a sum, to two digits; pixels + base = margin."""

    pixels: float
    base: float
    margin: float
    against: str  # what the pixels are measured against


class Picture(TypedDict):
    """One method; none where it was not measured on this image."""

    name: str
    label: str
    what: str  # it is
    lost: float | None  # margin lost beyond the map elsewhere, logits
    chance: float | None  # half-width of the band of chance
    median: float | None  # of the run
    infill_lost: float | None  # `lost` and `chance` where the autoencoder fills in what is absent
    infill_chance: float | None
    disputed: bool  # it holds by one judge and does not by the other
    verdict: str  # how far it holds on this image, in words; empty where it was not measured


class SecondJudge(TypedDict):
    """The autoencoder."""

    state: str  # it `judged`, it `knows nothing` of the image, one can `ask`, or nothing
    fault: str  # why it has not answered


class ClassShown(TypedDict):
    """A class with maps."""

    name: str
    short: str  # the name as it fits above a small picture
    probability: float  # the teacher's
    teacher: float  # its logit


class ClassSums(TypedDict):
    """What a student's logit of one class is the sum of."""

    pixels: float
    base: float


class ChannelShown(TypedDict):
    """One color of one of the two classes in question, or all together."""

    of: int  # position among `classes`
    name: str  # red, green, blue; |all|: magnitudes, summed over the three
    signed: bool  # whether its maps are for and against, or magnitudes


class Fit(TypedDict):
    """How far one fit agrees with the teacher on held-out neighbors."""

    smoothness: float
    sums: list[ClassSums]  # one a class shown
    colors: list[float]  # what the pixels of each of `channels` add together; of magnitudes their sum
    sentence: str  # the four shares in words


class Classes(TypedDict):
    """The drawer: the most probable classes, and how many are folded."""

    classes: list[ClassShown]
    contrast: list[int]  # positions among `classes`: predicted and true, or predicted and runner-up
    others: int  # classes that are not shown
    rest: float  # their probability together
    channels: list[ChannelShown]  # of an image in color; else none
    fits: list[Fit]


class Missing(TypedDict):
    """What was not computed of this image, and what computes it."""

    text: str
    command: str


class Option(TypedDict):
    """One setting of a student."""

    name: str
    label: str
    text: str  # its value, as a person types it
    choices: list[str]  # the only texts allowed; none: any that its validation allows
    hint: str


class Point(TypedDict):
    """One setting that was tried on the image."""

    kl: float  # nats, held out
    faithfulness: float  # insertion - deletion
    stability: float
    agreement: str  # with its interval
    optimal: bool  # nothing beats it in the three numbers
    texts: dict[str, str]  # the settings that are tuned, as a person types them


class Front(TypedDict):
    """What tuning found."""

    points: list[Point]
    line: list[int]  # points that nothing beats in KL and faithfulness, by KL
    own: int  # the point of the run's settings
    shown: int | None  # that of the student shown; None: it is none
    sentence: str


class Level(TypedDict):
    """The best student of a curve's neighbors."""

    fitted: float  # loss, nats
    held_out: float
    agreement: float


class Course(TypedDict):
    """An optimizer's way to a student; a step is an epoch, and each has a number in every list."""

    step: list[int]
    fitted: list[float]  # loss of the neighbors that are fitted, nats
    held_out: list[float]  # and of those held out
    agreement: list[float]  # of these, 0 to 1
    optimum: Level
    floor: float  # agreement of guessing
    temperature: str
    sentence: str
    texts: dict[str, str]  # what was asked for: solver, learning_rate, steps


class Standing(TypedDict):
    """How a question about this image stands."""

    busy: bool
    fault: str  # what came of the last, where it failed


class Refit(TypedDict):
    """A fit that a person can ask for."""

    options: list[Option]  # of the student shown, or of the run
    refusal: str  # why none can be fitted; empty: it can
    unkept: str  # why one that is fitted stays in this page; empty: the run keeps it
    fault: str  # what came of the last that was asked for this image
    tuning: Standing
    curve: Standing


class Absent(TypedDict):
    """What stands there without a student; a button where `action` says what is on it."""

    title: str
    sample: NotRequired[int]
    text: NotRequired[str]
    command: NotRequired[str]  # that fits it
    action: NotRequired[str]
    busy: NotRequired[bool]  # a fit is under way
    again: NotRequired[str]  # on a button that asks for its maps once more
    fault: NotRequired[str]  # what came of them
    refit: NotRequired[Refit]


class Drawn(TypedDict):
    """A decision explained; its maps travel beside it. Without a student there is an offer of one."""

    sample: int
    shape: list[int]  # y, x
    contrast: list[str]  # predicted, and true or runner-up
    roles: list[str]  # of these two, in words
    teacher: float  # the teacher's margin
    sums: Sums | None  # the student's
    pictures: list[Picture]
    end: float  # of the colors, in times a picture's mean pixel
    axis: list[float]  # its ends, in logits
    beats_chance: bool | None  # any picture does; None: not measured
    sentence: str  # which method stands first on the run
    infill: SecondJudge
    missing: Missing | None
    overlay: str  # the method that lies over the image
    drawer: Classes | None  # of the student
    offer: Absent | None
    warning: str  # to be read before the maps; empty where there is nothing to warn of
    settings: str  # in words
    settings_key: str
    choices: list[list[str]]  # [settings key, text] of the image's students
    refit: Refit
