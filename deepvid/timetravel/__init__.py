"""Time travel: one map of a classifier an epoch, what it decides between samples, and how far to trust it.

Source: Yang et al. (2022), DeepVisualInsight, AAAI 36, 5359-5366.
"""

from deepvid.timetravel.catalogue import FORMS
from deepvid.timetravel.contract import Epoch, Fitted, Head, Model, Projector, linear

__all__ = ["FORMS", "Epoch", "Fitted", "Head", "Model", "Projector", "linear"]
