"""Who is near the image under study, as the browser draws it."""

from dashboards.data.map_neighbors import has_features, near
from dashboards.views.time_travel.landscape.landscape import Around
from dashboards.views.time_travel.state import Moment
from deepvid.store import Run

FEATURELESS = "Neighbors need the teacher's features of each epoch, which this run has not"
NOBODY = "Study a test image to see its neighbors"


def around(run: Run, shown: Moment, focus: int | None) -> Around:
    """Nobody where no test image of the map is under study, and where its features are not known."""
    travel, epoch = shown
    if not has_features(run):
        return {"epoch": epoch, "features": [], "map": [], "says": FEATURELESS}
    point = travel.point_of(focus)
    found = None if point is None else near(run, travel, epoch, point)
    if found is None:
        return {"epoch": epoch, "features": [], "map": [], "says": NOBODY}
    count, both = len(found.features), found.both
    are = "is" if both == 1 else "are"
    return {
        "epoch": epoch,
        "features": found.features.tolist(),
        "map": found.placed.tolist(),
        "says": f"{both} of its {count} nearest in the features {are} among its {count} nearest on the map",
    }
