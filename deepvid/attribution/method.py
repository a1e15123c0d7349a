"""The contract of an attribution method: what it needs, what can be set, and one pure function."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Array, Float

from deepvid.adapters.contract import Model
from deepvid.attribution.case import Case
from deepvid.config import names
from deepvid.errors import UserError
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

    looks_inside: ClassVar[bool] = False  # whether it asks for layers, which a model that is called hides

    def check(self, classifier: Classifier | Model) -> None:
        """Raises UserError where the method does not apply to the classifier."""
        offered = getattr(classifier, "tier", Tier.GRADIENTS)
        if self.looks_inside and isinstance(classifier, Model):
            raise UserError(
                f"{self.label} looks into the layers of a network that DeepVID trained",
                f"{classifier.name}, which was trained elsewhere",
                "Choose a method that needs only answers or gradients",
            )
        if offered < self.tier:
            raise UserError(
                f"{self.label} needs a classifier of tier {self.tier.name.lower()}",
                f"one of tier {Tier(offered).name.lower()}",
                "Choose a method that needs less, or give the network itself",
            )
