"""Who is near the image under study, as the browser draws it."""

from dashboards.data.map_neighbors import has_features, near
from dashboards.views.time_travel.landscape.landscape import Around
from dashboards.views.time_travel.state import Moment
from deepvid.store import Run

FEATURELESS = "Neighbors need the teacher's features of each epoch, which this run has not"
NOBODY = "Study a test image to see its neighbors"
AMONG = "Among the test images on the map: what a point keeps of its 15 nearest counts training images, too"


def around(run: Run, shown: Moment, focus: int | None) -> Around:
    """Nobody where no test image of the map is under study, and where its features are not known."""
    travel, epoch = shown
    featured = has_features(run)
    point = travel.point_of(focus) if featured else None
    found = None if point is None else near(run, travel, epoch, point)
    if found is None:
        says = NOBODY if featured else FEATURELESS
        return {"epoch": epoch, "features": [], "map": [], "says": says, "hint": AMONG}
    count, both = len(found.features), found.both
    are = "is" if both == 1 else "are"
    says = f"{both} of its {count} nearest in the features {are} among its {count} nearest on the map"
    features, placed = found.features.tolist(), found.placed.tolist()
    return {"epoch": epoch, "features": features, "map": placed, "says": says, "hint": AMONG}
