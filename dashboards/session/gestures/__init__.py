"""Kinds of gestures that select."""

from dashboards.session.gestures.cells import Cells
from dashboards.session.gestures.contract import GESTURES, Gesture
from dashboards.session.gestures.epochs import ClassChanges, EpochCells, Flips
from dashboards.session.gestures.flip_distance import FlipDistance
from dashboards.session.gestures.hierarchy import Branch, Ring
from dashboards.session.gestures.lasso import EpochPolygon, LayerPolygon, Polygon, Polygon3D
from dashboards.session.gestures.probe import Probe
from dashboards.session.gestures.query import Query
from dashboards.session.gestures.response import GroupResponse, Response
from dashboards.session.gestures.samples import Samples
from dashboards.session.gestures.trust import Trusted

__all__ = [
    "GESTURES",
    "Branch",
    "Cells",
    "ClassChanges",
    "EpochCells",
    "EpochPolygon",
    "FlipDistance",
    "Flips",
    "Gesture",
    "GroupResponse",
    "LayerPolygon",
    "Polygon",
    "Polygon3D",
    "Probe",
    "Query",
    "Response",
    "Ring",
    "Samples",
    "Trusted",
]
