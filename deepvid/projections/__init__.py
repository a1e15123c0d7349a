"""Projections: samples to two or three coordinates, and how far such a map can be trusted."""

from deepvid.projections.catalogue import PROJECTIONS, project
from deepvid.projections.few_samples import Feasible, feasible
from deepvid.projections.placing import PLACERS, Placer, placer
from deepvid.projections.quality import Measure, Quality, quality

__all__ = [
    "PLACERS",
    "PROJECTIONS",
    "Feasible",
    "Measure",
    "Placer",
    "Quality",
    "feasible",
    "placer",
    "project",
    "quality",
]
