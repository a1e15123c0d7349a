"""The contract of an attribution method: what it needs, what can be set, and one pure function."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Array, Float

from deepvid.config import names
from deepvid.errors import UserError
from deepvid.explain.case import Case
from deepvid.models import Classifier
from deepvid.tier import Tier


@dataclass(frozen=True)
class Method(ABC):
    """A way to explain a case; its fields are its settings.

    Every map is signed and says how much each pixel contributes to the one quantity
    logit[classes[0]] - logit[classes[1]]; where pixels are explained together, they share alike. What a
    method draws depends on the case's key alone.
    """

    name: ClassVar[names.Explanation]
    label: ClassVar[str]  # for people
    tier: ClassVar[Tier]  # what it needs of the classifier

    @abstractmethod
    def __call__(self, classifier: Classifier, case: Case) -> Float[Array, "y x channel"]:
        """The map of one case. JAX compiles and maps it."""

    def check(self, classifier: Classifier) -> None:
        """Raises UserError where the method does not apply to the classifier."""
        offered = getattr(classifier, "tier", Tier.GRADIENTS)
        if offered < self.tier:
            raise UserError(
                f"{self.label} needs a classifier of tier {self.tier.name.lower()}",
                f"one of tier {Tier(offered).name.lower()}",
                "Choose a method that asks for less, or give the network itself",
            )
