"""Changes of a training on its way: what makes a fork of the run that has none of them."""

from typing import Annotated, Literal

from pydantic import Field

from deepvid.config.sections.section import Positive, Section, Several, Whole

Layer = Annotated[str, Field(min_length=1, max_length=100)]
Numbers = Annotated[tuple[Whole, ...], Several]


class Change(Section):
    """A change between two epochs; it holds until the end of the training, or until another takes it back."""

    after: Whole = Field(description="epochs that come before it; 0 is the beginning")


class Rate(Change):
    """Multiplies every step from there on, beside what the schedule does."""

    action: Literal["rate"] = "rate"
    factor: Positive = Field(description="of the schedule's learning rate; takes the place of an earlier one")


class Freeze(Change):
    """Parameters of a layer stay what they are: no step moves them, nor does weight decay."""

    action: Literal["freeze"] = "freeze"
    layer: Layer = Field(
        description='a block, a stage or a kernel: "stem", "stage1", "stage2.block1.convs.0"'
    )


class Thaw(Change):
    """Takes a freeze back."""

    action: Literal["thaw"] = "thaw"
    layer: Layer = Field(description="as it was frozen, or what contains it")


class Reset(Change):
    """Draws a layer, or some of its units, anew."""

    action: Literal["reset"] = "reset"
    layer: Layer = Field(description="a block, a stage or a kernel")
    units: Numbers = Field((), description="of a layer of one kernel; none: the whole layer")


class Delete(Change):
    """Units that give 0 from there on."""

    action: Literal["delete"] = "delete"
    layer: Layer = Field(description="a layer of one kernel")
    units: Numbers = Field(min_length=1, description="channels of its output")


class LeaveOut(Change):
    """Training images that are not met from there on."""

    action: Literal["leave_out"] = "leave_out"
    samples: Numbers = Field(min_length=1, description="numbers of training images")


class Reorder(Change):
    """Another order of the training images, and nothing else: a placebo, which shows what chance does."""

    action: Literal["reorder"] = "reorder"
    seed: Whole = Field(description="that draws the order")


class Stop(Change):
    """Ends the training; the schedule is that of all epochs."""

    action: Literal["stop"] = "stop"


AnyChange = Annotated[
    Rate | Freeze | Thaw | Reset | Delete | LeaveOut | Reorder | Stop, Field(discriminator="action")
]
CHANGES: tuple[type[Change], ...] = (Rate, Freeze, Thaw, Reset, Delete, LeaveOut, Reorder, Stop)
