"""Explanations of single decisions, every method behind one contract, and measures of how true they are."""

from deepvid.attribution.catalogue import METHODS, applicable, drops_by_place, explain, explain_by_places
from deepvid.attribution.method import Case, Method, bare_case

__all__ = [
    "METHODS",
    "Case",
    "Method",
    "applicable",
    "bare_case",
    "drops_by_place",
    "explain",
    "explain_by_places",
]
