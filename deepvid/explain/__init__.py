"""Explanations of single decisions, every method behind one contract, and measures of how true they are."""

from deepvid.explain.case import Case
from deepvid.explain.catalogue import METHODS, applicable, explain
from deepvid.explain.method import Method

__all__ = ["METHODS", "Case", "Method", "applicable", "explain"]
