"""Where the neighbors of an image of the tiny run lie on its maps."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from deepvid import config
from deepvid.engine import neighbors
from deepvid.engine.neighbors import _data_of, neighbors_of, place_neighbors
from deepvid.engine.requests import DrawNeighbors, PlaceNeighbors
from deepvid.errors import ConfigError
from deepvid.pipeline.projection import data_of
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import SILENT
from deepvid.store import open_run

pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", ["tsne-features-2d", "pca-pixels-2d"])
def test_neighbors_lie_on_a_map_around_their_image(tiny_run: Path, name: str) -> None:
    run = open_run(tiny_run)
    settings = config.Students.model_validate(run.config["students"])
    group = run.stages[f"projection-{name}"].open()
    sample = int(group["sample"][5])
    request = PlaceNeighbors(tiny_run, sample, settings, name, run.config["seed"], most=7)
    placed = place_neighbors(request, SILENT)
    drawn = neighbors_of(DrawNeighbors(tiny_run, sample, settings, run.config["seed"]), SILENT)
    assert placed.number.tolist() == np.linspace(0, len(drawn.image) - 1, 7).round().tolist()
    position = group["position"].to_numpy()
    away = np.linalg.norm(placed.position - position[5], axis=1)
    assert away[0] < 0.05 * np.ptp(position)  # the first neighbor is the image itself
    assert np.isfinite(placed.position).all()
    assert place_neighbors(request, SILENT).position.tobytes() == placed.position.tobytes()


@pytest.mark.parametrize("of", get_args(config.names.ProjectionInput))
def test_what_a_map_is_made_of_is_the_same_of_an_image_that_comes_anew(
    tiny_run: Path, of: config.names.ProjectionInput
) -> None:
    run, samples = open_run(tiny_run), np.array([3, 1200])
    stored = data_of(lambda stage, name: run.stages[stage].open(name), of, samples)
    images = run.stages["dataset"].open("image")["image"].to_numpy()[samples]
    np.testing.assert_allclose(_data_of(TrainedRun(run), images, of), stored, atol=1e-3)


def test_of_a_large_map_some_samples_tell_where_neighbors_lie(
    tiny_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbors, "MOST_SAMPLES", 100)
    asked = []
    monkeypatch.setattr(neighbors, "placer", lambda *given, **_: asked.append(given))
    neighbors._placer(TrainedRun.open(tiny_run), "projection-tsne-features-2d", "a key of its own")
    ((_, data, position),) = asked
    assert len(data) == len(position) == 100


def test_neighbors_are_placed_on_maps_of_the_run_alone(tiny_run: Path) -> None:
    with pytest.raises(ConfigError, match="no map 'umap-features-2d' among"):
        place_neighbors(PlaceNeighbors(tiny_run, 7, config.Students(), "umap-features-2d"), SILENT)
