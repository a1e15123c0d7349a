"""How much of a classifier is there to ask."""

from enum import IntEnum


class Tier(IntEnum):
    """Abilities of a classifier; each tier includes those before it. A view names the tier it needs."""

    PREDICTIONS = 1  # a table of outputs for known images
    PREDICT = 2  # outputs for any image
    ACTIVATIONS = 3  # what its layers say
    GRADIENTS = 4  # derivatives of its outputs

    @property
    def word(self) -> str:
        """As a run stores it: "gradients"."""
        return self.name.lower()


def tier_of(word: str) -> Tier:
    """The tier that a run names. Raises KeyError for none."""
    return Tier[word.upper()]
