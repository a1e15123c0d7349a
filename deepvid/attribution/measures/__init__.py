"""How far explanations can be believed: of maps (`measure`), and of what makes them."""

from deepvid.attribution.measures.curves import Curves, DeletionInsertion
from deepvid.attribution.measures.infidelity import Infidelities, Infidelity
from deepvid.attribution.measures.margin_lost import MarginLost, StrongestPixels
from deepvid.attribution.measures.measure import Measure, measure
from deepvid.attribution.measures.mu_fidelity import Correlations, MuFidelity
from deepvid.attribution.measures.randomization import (
    ParameterRandomization,
    layers_with_parameters,
    randomized,
)
from deepvid.attribution.measures.sensitivity import MaxSensitivity, Stability, of_two_keys, stability

__all__ = [
    "Correlations",
    "Curves",
    "DeletionInsertion",
    "Infidelities",
    "Infidelity",
    "MarginLost",
    "MaxSensitivity",
    "Measure",
    "MuFidelity",
    "ParameterRandomization",
    "Stability",
    "StrongestPixels",
    "layers_with_parameters",
    "measure",
    "of_two_keys",
    "randomized",
    "stability",
]
