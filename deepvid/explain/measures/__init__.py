"""How far explanations can be believed: of maps (`measure`), and of what makes them."""

from deepvid.explain.measures.curves import Curves, DeletionInsertion
from deepvid.explain.measures.infidelity import Infidelities, Infidelity
from deepvid.explain.measures.margin_lost import MarginLost, StrongestPixels
from deepvid.explain.measures.measure import Measure, measure
from deepvid.explain.measures.mu_fidelity import Correlations, MuFidelity
from deepvid.explain.measures.randomization import (
    ParameterRandomization,
    layers_with_parameters,
    randomized,
)
from deepvid.explain.measures.sensitivity import MaxSensitivity, Stability, of_two_keys, stability

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
