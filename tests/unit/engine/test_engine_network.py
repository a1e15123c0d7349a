"""Covered images and maps, as a page asks for them, of a real network that was looked into."""

from pathlib import Path

import numpy as np
import pytest
from micro import looked_into
from micro_runs import MicroRuns, copied

from deepvid.engine.network import map_units, occlude
from deepvid.engine.requests import MapUnits, OccludeImage
from deepvid.errors import ConfigError
from deepvid.fields import PARTS
from deepvid.network.occlusion import occluded
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import SILENT
from deepvid.store import Run

pytestmark = pytest.mark.long

TRAINED, SAMPLE = 40, 43


@pytest.fixture(scope="module")
def trained(micro_runs: MicroRuns) -> Path:
    return micro_runs.residual()


@pytest.fixture(scope="module")
def finished(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    path = copied(trained, tmp_path_factory.mktemp("finished"))
    quick = {"components": 4, "neighbors": 5, "left_out": 2, "silenced_images": 0, "flips": 0}
    return looked_into(path, units=3, response_maps=10_000, **quick)


def test_b_f3_what_covering_takes_is_in_deviations_of_the_test_images(finished: Run) -> None:
    found = occlude(OccludeImage(finished.path, SAMPLE), SILENT)
    group = finished.together(*PARTS).load()
    assert found.unit.shape == (len(group["unit_index"]), 13, 13)
    names = [group.attrs["columns"][column]["name"] for column in group["unit_column"].to_numpy()]
    assert found.units == tuple(zip(names, group["unit_index"].to_numpy().tolist(), strict=True))
    image = finished.stages["dataset"].open()["image"][SAMPLE].to_numpy() / np.float32(255)
    kept = group["unit_index"].to_numpy()[-3:]
    drops = occluded(TrainedRun(finished).network, [("stage3.block1", kept)], image)
    spread = group["response_mean"].to_numpy().astype("f4").std(axis=0)[-3:]
    np.testing.assert_allclose(
        found.unit[-3:] * spread[:, None, None], drops.unit, atol=1e-4 * np.abs(drops.unit).max()
    )
    logits = finished.stages["teacher"].open()["logits"].to_numpy()[TRAINED:]
    np.testing.assert_allclose(found.deviation, logits.std(axis=0), rtol=1e-4)
    nats = found.logit * found.deviation[:, None, None]
    np.testing.assert_allclose(nats, drops.logit, atol=1e-4 * np.abs(drops.logit).max())


def test_d_7_maps_that_are_asked_are_those_that_are_stored(finished: Run) -> None:
    found = map_units(MapUnits(finished.path, SAMPLE, (3,), "stage3.block1"), SILENT)
    assert found.samples == (SAMPLE, 3)
    assert found.value.shape == (2, 49, 3)
    group = finished.together(*PARTS).load()
    row = group["map_sample"].to_numpy().tolist().index(SAMPLE)
    step = group["map_step"].to_numpy()[-3:]
    stored = group["map_low"].to_numpy()[-3:] + step * group["response_map"].to_numpy()[row, :, -3:]
    assert (np.abs(stored - found.value[0]) <= step * 0.51).all()


@pytest.mark.parametrize("layer", ["pool", "pixels", "logits", "", "stage9"])
def test_d_7_a_layer_without_maps_is_refused(finished: Run, layer: str) -> None:
    with pytest.raises(ConfigError, match=r"stem, stage1.+, stage2.+, stage3"):
        map_units(MapUnits(finished.path, SAMPLE, (), layer), SILENT)


def test_a_run_that_was_not_looked_into_is_refused(trained: Path) -> None:
    with pytest.raises(ConfigError, match="no stage 'layers'"):
        occlude(OccludeImage(trained, SAMPLE), SILENT)
