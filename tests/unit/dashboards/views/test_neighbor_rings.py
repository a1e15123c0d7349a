"""Which neighbors become rings on the map, and why none do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from tables import a_table

from dashboards.data.maps import Map, Map3D
from dashboards.session.engine_task import Answer, ResultStatus, TaskStatus
from dashboards.session.scene import Scene
from dashboards.theme import CLASS_COLORS
from dashboards.views.neighbors.rings import Placing, Switch, ringed
from deepvid import config
from deepvid.engine.requests import DrawNeighbors, NeighborPositions, Neighbors, PlaceNeighbors
from deepvid.store import open_run, open_writer

NOTHING: Placing = ResultStatus(None, TaskStatus(), None)
DRAWN = Neighbors(np.zeros((5, 1, 1, 1), np.uint8), np.eye(3, dtype=np.float32)[[0, 1, 2, 1, 0]], 2, 1.0)
PLACED = NeighborPositions(np.array([0, 2, 4]), np.array([[1, 2], [3, 4], [5, 6]], np.float32))


@pytest.fixture
def scene(tmp_path: Path) -> Callable[..., Scene]:
    """`scene(rings=False)`: of a run with a teacher, a flat map of each method, and a deep one."""
    with open_writer(tmp_path, "run", config={"name": "run"}, provenance={}) as writer:
        features = xr.Dataset({"features": (("sample", "feature"), np.zeros((4, 2), "f4"))})
        writer.commit_stage("teacher", "a" * 12, features)
    run, nowhere = open_run(tmp_path / "run"), np.zeros(4, np.float32)
    table = a_table([0, 1, 2, 0])
    flat = (("tsne", "features"), ("pca", "features"), ("umap", "latents"))
    for method, of in flat:
        table.maps[f"{method}-2d"] = Map(f"{method}-2d", nowhere, nowhere, {}, {"method": method, "of": of})
    table.maps_3d["tsne-3d"] = Map3D("tsne-3d", np.zeros((4, 3), np.float32), {}, {"method": "tsne"})

    def made(**fields: Any) -> Scene:
        return Scene(run=run, table=table, focus=2, **{"projection": "tsne-2d", **fields})

    return made


def drawing() -> DrawNeighbors:
    return DrawNeighbors("run", 2, config.Students(), 7)


def test_those_that_are_placed_are_rings_in_the_colors_of_the_teachers_classes(
    scene: Callable[..., Scene],
) -> None:
    first = ringed(scene(), drawing(), DRAWN, NOTHING)
    assert first.request == PlaceNeighbors("run", 2, config.Students(), "tsne-2d", 7)
    assert (first.around, first.switch) == (None, Switch(on=True, text=""))
    answered: Placing = ResultStatus(first.request, TaskStatus(), Answer(first.request, PLACED))
    around = ringed(scene(), drawing(), DRAWN, answered).around
    assert around is not None
    assert (around.run, around.map, around.sample) == ("run", "tsne-2d", 2)
    assert (around.x, around.y) == ([1, 3, 5], [2, 4, 6])
    assert around.color == [CLASS_COLORS[label] for label in (0, 2, 0)]
    assert around.words == "rings: 3 of 5 neighbors of #2, places approximate"
    on_another = ringed(scene(projection="pca-2d"), drawing(), DRAWN, answered)
    assert (on_another.around, on_another.request and on_another.request.map) == (None, "pca-2d")


def test_places_on_principal_components_are_exact(scene: Callable[..., Scene]) -> None:
    request = ringed(scene(projection="pca-2d"), drawing(), DRAWN, NOTHING).request
    assert request is not None
    placing: Placing = ResultStatus(request, TaskStatus(), Answer(request, PLACED))
    rings = ringed(scene(projection="pca-2d"), drawing(), DRAWN, placing)
    assert rings.around is not None
    assert rings.around.words == "rings: 3 of 5 neighbors of #2"
    assert rings.switch.text == "3 of them are rings on the map."


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"projection": "tsne-3d"}, "Only a map in 2-D shows them."),
        ({"projection": "umap-2d"}, "needs 'mean' of vae"),
        ({"rings": False}, ""),
    ],
)
def test_where_none_are_placed_it_says_why(
    scene: Callable[..., Scene], fields: dict[str, Any], told: str
) -> None:
    rings = ringed(scene(**fields), drawing(), DRAWN, NOTHING)
    assert (rings.request, rings.around) == (None, None)
    assert told in rings.switch.text
    assert rings.switch.on is fields.get("rings", True)


def test_what_came_to_nothing_is_told(scene: Callable[..., Scene]) -> None:
    request = ringed(scene(), drawing(), DRAWN, NOTHING).request
    failed: Placing = ResultStatus(request, TaskStatus(error="The models are gone."), None)
    told = ringed(scene(), drawing(), DRAWN, failed).switch.text
    assert told == "They are not placed on the map. The models are gone."
