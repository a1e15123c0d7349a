"""The contract of every projection method; a new one is tested the day it is added to the catalogue."""

from threading import Event
from typing import get_args

import numpy as np
import pytest

from deepvid import config
from deepvid.config import names
from deepvid.errors import Cancelled, DataError
from deepvid.progress import Progress
from deepvid.projections import PROJECTIONS, feasible, placer, project, quality

CASES = [(method, dimensions) for method in PROJECTIONS for dimensions in (2, 3)]
NAMES = [f"{method}-{dimensions}d" for method, dimensions in CASES]
METHODS = [
    pytest.param(method, marks=[pytest.mark.long] * (method == "umap"))  # it compiles itself
    for method in PROJECTIONS
]


def settings(method: str, dimensions: int = 2) -> config.Projection:
    return config.Projection.model_validate(
        {"method": method, "dimensions": dimensions, "perplexity": 10, "neighbors": 10}
    )


@pytest.fixture(scope="module")
def clusters() -> tuple[np.ndarray, np.ndarray]:
    """Four clouds of 30 points at the corners of a simplex in 8 dimensions."""
    labels = np.repeat(np.arange(4), 30)
    noise = np.random.default_rng(0).normal(size=(120, 8))
    return (6 * np.eye(8)[labels] + noise).astype(np.float32), labels


def test_the_catalogue_has_every_name_an_experiment_may_use() -> None:
    assert set(PROJECTIONS) == set(get_args(names.ProjectionMethod))


@pytest.mark.long
@pytest.mark.parametrize(("method", "dimensions"), CASES, ids=NAMES)
def test_maps_are_centered_and_the_same_seed_gives_the_same_bytes(
    method: str, dimensions: int, clusters: tuple[np.ndarray, np.ndarray]
) -> None:
    data, _ = clusters
    first, second = (project(settings(method, dimensions), data, seed=3) for _ in range(2))
    assert first.shape == (120, dimensions)
    assert first.dtype == np.float32
    assert first.tobytes() == second.tobytes()
    np.testing.assert_allclose(first.mean(axis=0), 0, atol=1e-3 * np.abs(first).max())


@pytest.mark.long
@pytest.mark.parametrize(("method", "dimensions"), CASES, ids=NAMES)
def test_clouds_far_apart_stay_apart(
    method: str, dimensions: int, clusters: tuple[np.ndarray, np.ndarray]
) -> None:
    data, labels = clusters
    measures = quality(
        data, project(settings(method, dimensions), data, seed=0), labels, k=10, seed=0
    ).measures
    assert measures["neighborhood_hit"].low > 0.75  # chance is 29 / 119
    assert measures["trustworthiness"].low > measures["trustworthiness"].chance + 0.25


@pytest.mark.parametrize("method", METHODS)
def test_few_samples_have_a_map_that_takes_new_ones(
    method: str, clusters: tuple[np.ndarray, np.ndarray]
) -> None:
    for dimensions in (2, 3):
        for samples in (1, 2, 4, 5, 6, 31):
            data = clusters[0][:: 120 // samples][:samples]
            possible = feasible(settings(method, dimensions), samples)
            position = project(possible.settings, data, seed=0)
            assert position.shape == (samples, dimensions)
            assert np.isfinite(position).all()
            assert (possible.note is None) == (method == "pca" or samples == 31)
            placed = placer(possible.settings, data, position, seed=0)(data[:1] + 1e-3)
            assert np.isfinite(placed).all()


@pytest.mark.parametrize("method", METHODS)
def test_progress_reaches_the_end_and_time_never_runs_back(
    method: str, clusters: tuple[np.ndarray, np.ndarray]
) -> None:
    shares: list[float] = []
    project(
        settings(method), clusters[0], seed=0, progress=Progress(lambda t: shares.append(t.done / t.total))
    )
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1


@pytest.mark.parametrize("method", METHODS)
def test_a_request_to_stop_while_it_runs_is_honored(
    method: str, clusters: tuple[np.ndarray, np.ndarray]
) -> None:
    cancel, seen = Event(), []

    def emit(tick: object) -> None:
        seen.append(tick)
        cancel.set()

    with pytest.raises(Cancelled):
        project(settings(method), clusters[0], seed=0, progress=Progress(emit, cancel))
    assert len(seen) == 1


@pytest.mark.parametrize("method", PROJECTIONS)
@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda data: np.where(np.arange(120)[:, None] == 7, np.nan, data), "1 of 120 samples with NaN"),
        (lambda data: np.zeros_like(data), "120 equal samples"),
        (lambda data: data[:, :1], "120 samples of 1 column "),
        (lambda data: data[:0], "0 samples of 8 columns"),
    ],
    ids=["nan", "constant", "one column", "no sample"],
)
def test_data_without_a_map_is_refused(
    method: str, spoil: object, found: str, clusters: tuple[np.ndarray, np.ndarray]
) -> None:
    with pytest.raises(DataError) as error:
        project(settings(method), spoil(clusters[0]), seed=0)  # type: ignore[operator]
    assert found in error.value.found
