"""How far explanations can be believed."""

from deepvid.attribution.measures.curves import Curves, DeletionInsertion
from deepvid.attribution.measures.margin_lost import MarginLost, StrongestPixels
from deepvid.attribution.measures.measure import Measure, measure

__all__ = ["Curves", "DeletionInsertion", "MarginLost", "Measure", "StrongestPixels", "measure"]
