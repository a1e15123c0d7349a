"""Projection methods beyond their shared contract."""

import os
import subprocess
import sys

import numpy as np
import pytest

from deepvid import config
from deepvid.errors import DataError
from deepvid.projections import feasible, project
from deepvid.projections.pca import COMPONENTS, WIDE, reduced
from deepvid.projections.tsne import THREADED


def test_pca_of_a_line_is_the_line() -> None:
    """Points t (3, 4) lie at 5 t along (0.6, 0.8), whose larger loading is positive."""
    t = np.array([-1.0, 0.0, 1.0, 2.0, -2.0])
    data = (t[:, None] * [3, 4, 0]).astype(np.float32)
    position = project(config.Projection(method="pca"), data, seed=0)
    np.testing.assert_allclose(position[:, 0], 5 * t, atol=1e-5)
    np.testing.assert_allclose(position[:, 1], 0, atol=1e-5)


def test_the_signs_of_pca_follow_the_data_and_not_the_order_of_samples() -> None:
    data = np.random.default_rng(1).normal(size=(50, 6)).astype(np.float32)
    order = np.random.default_rng(2).permutation(50)
    settings = config.Projection(method="pca", dimensions=3)
    straight, shuffled = (project(settings, rows, seed=0) for rows in (data, data[order]))
    np.testing.assert_allclose(shuffled, straight[order], atol=1e-4)


def test_only_wide_data_is_reduced_to_components_that_keep_distances_of_a_low_rank() -> None:
    rng = np.random.default_rng(0)
    wide = (rng.normal(size=(80, 5)) @ rng.normal(size=(5, WIDE + 1))).astype(np.float32)
    few = reduced(wide, seed=0)
    assert few.shape == (80, COMPONENTS)
    np.testing.assert_allclose(
        np.linalg.norm(few[0] - few[1:], axis=1), np.linalg.norm(wide[0] - wide[1:], axis=1), rtol=1e-4
    )
    assert reduced(wide[:, :WIDE], seed=0).shape == (80, WIDE)


@pytest.mark.parametrize("method", ["tsne", pytest.param("umap", marks=pytest.mark.long)])
def test_another_seed_or_setting_gives_another_map(method: str) -> None:
    data = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    base = config.Projection.model_validate({"method": method, "perplexity": 10, "neighbors": 10})
    other = base.model_copy(update={"perplexity": 15.0, "neighbors": 15})
    maps = [project(base, data, seed=0), project(base, data, seed=1), project(other, data, seed=0)]
    assert len({position.tobytes() for position in maps}) == 3


@pytest.mark.parametrize(
    ("settings", "samples", "found", "action"),
    [
        (config.Projection(perplexity=21), 61, "perplexity 21 with 61 samples", "at most 20"),
        (config.Projection(method="umap"), 15, "15 neighbors with 15 samples", "at most 14"),
    ],
)
def test_settings_for_more_samples_are_refused_and_brought_down(
    settings: config.Projection, samples: int, found: str, action: str
) -> None:
    data = np.random.default_rng(0).normal(size=(samples, 5)).astype(np.float32)
    with pytest.raises(DataError) as error:
        project(settings, data, seed=0)
    assert error.value.found == found
    assert action in error.value.action
    possible = feasible(settings, samples).settings
    assert (possible.perplexity, possible.neighbors) == ((20, 15) if samples == 61 else (30, 14))
    assert feasible(possible, samples) == (possible, None)


@pytest.mark.long
def test_tsne_does_not_depend_on_the_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepvid.projections.tsne.EXAGGERATED", 20)
    monkeypatch.setattr("deepvid.projections.tsne.FREE", 20)
    data = np.random.default_rng(0).normal(size=(THREADED, 5)).astype(np.float32)
    maps = set()
    for cores in (1, 3):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        maps.add(project(config.Projection(), data, seed=0).tobytes())
    assert len(maps) == 1


@pytest.mark.long
def test_tsne_does_not_wait_for_a_package_it_does_not_use() -> None:
    """pynndescent compiles for 17 s when it is first imported on a machine, as openTSNE by itself does."""
    code = (
        "import sys, numpy as np\n"
        "from deepvid import config\n"
        "from deepvid.projections import project\n"
        "data = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)\n"
        "project(config.Projection(perplexity=5), data, seed=0)\n"
        "assert 'openTSNE' in sys.modules and 'pynndescent' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
