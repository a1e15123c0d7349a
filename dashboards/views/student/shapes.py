"""What the student's card is given: a student with its trust, or what can be done where there is none."""

from typing import NotRequired, TypedDict


class ClassShown(TypedDict):
    """A class with maps."""

    name: str
    label: str  # the name as it fits below a large picture
    short: str  # and above a small one
    teacher: float  # the teacher's logit


class Sums(TypedDict):
    """What a student's logit of one class is the sum of."""

    pixels: float
    constant: float


class Fit(TypedDict):
    """One fit with its scale, and how far it agrees with the teacher on held-out neighbors."""

    smoothness: float
    scale: float  # logits a pixel at the end of the colors
    sums: list[Sums]  # one a class shown
    sentence: str  # the four shares in words
    agreement: float  # 0 to 1, as the next three
    low: float
    high: float
    floor: float  # what guessing the commonest class would reach


class Gradient(TypedDict):
    """The teacher's own gradient, averaged over the neighborhood."""

    scale: float


class Drawn(TypedDict):
    """A student; its maps travel beside it."""

    shape: list[int]  # y, x
    classes: list[ClassShown]
    contrast: list[int]  # positions among `classes`: predicted and true, or predicted and runner-up
    correct: bool  # predicted is true
    others: int  # classes that are not shown
    fits: list[Fit]
    gradient: Gradient | None
    warning: str  # to be read before the maps; empty where there is nothing to warn of
    settings: str  # in words
    settings_key: str
    choices: list[list[str]]  # [settings key, text] of the image's students


class Offer(TypedDict):
    """A fit that a person can ask for, or has."""

    text: str
    action: str  # on the button
    busy: NotRequired[bool]  # it is under way
    error: NotRequired[str]  # what came of the last one
    refusal: NotRequired[str]  # why none can be asked for


class Absent(TypedDict):
    """What stands there without a student; a button where `action` says what is on it."""

    title: str
    text: NotRequired[str]
    command: NotRequired[str]  # that fits it
    action: NotRequired[str]
    busy: NotRequired[bool]
    error: NotRequired[str]
    refusal: NotRequired[str]
