"""The measures of an epoch's map, in words: what a page and the command show, and how to read it.

`deepvid.timetravel.measures.table` computes each by its name, under which the journal has it: `test_nn`, with
`test_nn_low`, `test_nn_high`, `test_nn_chance`, `test_nn_number` and `test_nn_published`.
"""

from typing import Literal, NamedTuple

Part = Literal["train", "test"]
PARTS: tuple[Part, ...] = ("train", "test")


class Measure(NamedTuple):
    """A number of each map, with its interval and chance."""

    name: str
    words: str  # for the row of a table
    hint: str  # one sentence
    unit: Literal["", "share"]
    better: Literal["more", "less"]
    of: tuple[Part, ...]  # samples
    column: str = ""  # its title in the command's table, which has no others


# fmt: off
MEASURES = (
    Measure("nn", "nearest kept", "Of the 15 nearest in the features, how many are among the 15 nearest on the map (nn@15)", "", "more", PARTS, "nn@15"),
    Measure("nn_believed", "… where believed", "The same of the images that lie on ground without hatching", "", "more", ("test",)),
    Measure("nn_doubted", "… where hatched", "The same of the images that lie on hatched ground: fewer, where doubt is justified", "", "more", ("test",)),
    Measure("bound", "border kept", "The same among the boundary points that the map was fitted to (bound@15)", "", "more", PARTS),
    Measure("bound_held", "border kept, new", "The same among boundary points that the map was not fitted to", "", "more", PARTS, "bound@15"),
    Measure("ppr", "same class decoded", "The share of images whose class stays the same when they are decoded from the map (PPR)", "share", "more", PARTS, "PPR"),
    Measure("ccr", "confidence moved", "How far the probability of the predicted class moves when it is decoded from the map (CCR)", "share", "less", PARTS, "CCR"),
    Measure("keep_boundary", "undecided on a border", "The share of images near the classifier's border that lie on a border of the landscape", "share", "more", ("test",)),
    Measure("moving", "crossings shown", "Of images that change class since the epoch before, the share that the map shows to change", "share", "more", ("test",)),
    Measure("fixing", "rest shown", "Of images that barely moved in the features, the share that barely moved on the map", "share", "more", ("test",)),
)
# fmt: on
