"""What a person can do to select: every kind of gesture, registered once."""

from dashboards.session.gestures.cells import Cells
from dashboards.session.gestures.contract import Gesture
from dashboards.session.gestures.polygon import Polygon
from dashboards.session.gestures.samples import Samples

__all__ = ["GESTURES", "Cells", "Gesture", "Polygon", "Samples"]

GESTURES: dict[str, type[Gesture]] = {kind.kind: kind for kind in (Polygon, Cells, Samples)}
"""By the name that links use."""
