"""Where a person says which of many classes a reading of the confusions shows."""

from collections.abc import Sequence

from dashboards.data.class_groups import ALL, MANY
from dashboards.kit.elements import Box, Choice, Search, row, text

KINDS = (
    ("", "most confused", "The classes with most errors, and the rest together"),
    (ALL, "all", "Every class, in the order of the hierarchy; the wheel zooms"),
)


def class_search(names: Sequence[str], wanted: str, sentence: str = "", *, everything: bool) -> Box | None:
    """Asks to `show` the number of a class, `ALL` of them, or nothing for the most confused; of few, none.

    The sentence says for screen readers what is shown: eyes have the names.
    """
    if len(names) < MANY:
        return None
    label = "Class to show with what it is confused with"
    return row(
        Choice("show", KINDS, wanted, segments=True, label="Which classes are shown") if everything else None,
        Search("show", tuple(names), wanted, "find a class", label=label),
        text(sentence, tag="p", role="status", look="unseen"),
        look="search",
        hint=sentence,
    )
