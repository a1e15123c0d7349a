"""New samples on a map that others made."""

from threading import Event
from typing import get_args

import numpy as np
import pytest

from deepvid import config
from deepvid.config import names
from deepvid.errors import Cancelled
from deepvid.progress import Progress
from deepvid.projections import PLACERS, placer, project
from deepvid.projections.pca import WIDE

METHODS = [
    pytest.param(method, marks=[pytest.mark.long] * (method == "umap"))  # it compiles itself
    for method in PLACERS
]


def settings(method: str) -> config.Projection:
    return config.Projection.model_validate({"method": method, "perplexity": 10, "neighbors": 10})


@pytest.fixture(scope="module")
def clusters() -> np.ndarray:
    """Four clouds of 40 points at the corners of a simplex in 8 dimensions."""
    noise = np.random.default_rng(0).normal(size=(160, 8))
    return (6 * np.eye(8)[np.arange(160) % 4] + noise).astype(np.float32)


def test_samples_are_placed_on_maps_of_every_name_an_experiment_may_use() -> None:
    assert set(PLACERS) == set(get_args(names.ProjectionMethod))


@pytest.mark.parametrize("method", METHODS)
def test_a_sample_like_one_of_the_map_lies_near_it_and_the_same_bytes_come_again(
    method: str, clusters: np.ndarray
) -> None:
    position = project(settings(method), clusters, seed=0)
    new = clusters[:20] + 1e-3
    first, second = (placer(settings(method), clusters, position, seed=0)(new) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    assert (first.shape, first.dtype) == ((20, 2), np.float32)
    away = np.linalg.norm(first - position[:20], axis=1)
    others = np.linalg.norm(position[:20, None] - position[None], axis=2)
    assert np.median(away / np.median(others, axis=1)) < 0.05  # a twentieth of the way to another


@pytest.mark.parametrize("method", METHODS)
def test_none_of_the_new_moves_another(method: str, clusters: np.ndarray) -> None:
    position = project(settings(method), clusters, seed=0)
    place = placer(settings(method), clusters, position, seed=0)
    new = np.random.default_rng(1).normal(size=(9, 8)).astype(np.float32)
    np.testing.assert_allclose(place(new[:4]), place(new)[:4], atol=1e-3 * np.ptp(position))
    far = place(new + 1)
    assert np.isfinite(far).all()
    assert not np.array_equal(far, place(new))


def test_on_a_map_of_principal_components_new_samples_lie_where_the_map_would_have_them() -> None:
    """Points t (3, 4) lie at 5 t along (0.6, 0.8): t = 7 at 35 less the mean of -1, 0 and 4, which is 1."""
    t = np.array([-1.0, 0.0, 4.0])
    data = (t[:, None] * [3, 4, 0]).astype(np.float32)
    position = project(settings("pca"), data, seed=0)
    placed = placer(settings("pca"), data, position, seed=0)(np.array([[21.0, 28.0, 0.0]]))
    np.testing.assert_allclose(placed, [[30, 0]], atol=1e-4)


def test_wide_data_are_reduced_as_for_the_map() -> None:
    rng = np.random.default_rng(0)
    wide = (rng.normal(size=(80, 5)) @ rng.normal(size=(5, WIDE + 1))).astype(np.float32)
    position = project(settings("pca"), wide, seed=0)
    placed = placer(settings("pca"), wide, position, seed=0)(wide[:9])
    np.testing.assert_allclose(placed, position[:9], atol=1e-3)


def test_placing_is_cancelled(clusters: np.ndarray) -> None:
    place = placer(settings("tsne"), clusters, project(settings("tsne"), clusters, seed=0), seed=0)
    cancel = Event()
    cancel.set()
    with pytest.raises(Cancelled):
        place(clusters[:3], progress=Progress(cancel=cancel))
