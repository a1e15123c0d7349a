"""The stored maps of a real training: of which images, and what they say."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from micro import looked_into
from micro_runs import MicroRuns, copied

from deepvid.config import UnitMaps
from deepvid.fields import PARTS
from deepvid.network.layers import Layer
from deepvid.pipeline import units
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.units import map_cuts, mapped, mapped_images
from deepvid.store import Run

pytestmark = pytest.mark.long

TRAINED, TESTED = 40, 30
QUICK: dict[str, Any] = {
    "components": 4,
    "neighbors": 5,
    "left_out": 2,
    "silenced_images": 0,
    "flips": 0,
    "response_maps": 10_000,
}


@pytest.fixture(scope="module")
def trained(micro_runs: MicroRuns) -> Path:
    return micro_runs.residual()


def looked(path: Path, into: Path, **settings: Any) -> Run:
    return looked_into(copied(path, into), **{**QUICK, **settings})


def test_of_every_test_image_the_maps_are_what_the_layers_say(trained: Path, tmp_path: Path) -> None:
    found = looked(trained, tmp_path)
    group = found.together(*PARTS).load()
    assert group["map_sample"].to_numpy().tolist() == list(range(TRAINED, TRAINED + TESTED))
    assert group["response_map"].shape == (TESTED, 49, 2 + 2 + 4 + 8)
    assert group.attrs["maps"]["images"] == TESTED
    assert group.attrs["maps"]["grids"]["stage3.block1"] == [7, 7]
    images = found.stages["dataset"].open()["image"].to_numpy()[TRAINED:] / np.float32(255)
    values = group["map_low"].to_numpy() + group["map_step"].to_numpy() * group["response_map"].to_numpy()
    off = group["map_step"].to_numpy() / 2 + 1e-2
    last = np.asarray(TrainedRun(found).network.activations(images, "stage3.block1")).reshape(TESTED, 49, 8)
    assert (np.abs(values[..., 8:] - last) <= off[8:]).all()
    mean = group["response_mean"].to_numpy().astype("f4")
    assert (np.abs(values.mean(axis=1) - mean) <= off).all()


def test_where_fewer_are_kept_errors_come_first(trained: Path, tmp_path: Path) -> None:
    found = looked(trained, tmp_path, response_maps=12)
    group = found.together(*PARTS).load()
    teacher, data = found.stages["teacher"].open(), found.stages["dataset"].open()
    wrong = teacher["logits"].to_numpy().argmax(axis=1) != data["label"].to_numpy()
    kept = group["map_sample"].to_numpy()
    assert len(kept) == group.attrs["maps"]["images"] == 12
    assert wrong[kept].sum() == min(12, wrong[TRAINED:].sum()) == group.attrs["maps"]["errors"]


def test_none_are_kept_where_none_are_asked_for(trained: Path, tmp_path: Path) -> None:
    group = looked(trained, tmp_path, response_maps=0).together(*PARTS)
    assert "response_map" not in group
    assert group.attrs["maps"] is None


def test_rows_are_drawn_once_errors_first() -> None:
    wrong = np.array([False, True, False, True, False])
    assert mapped(wrong, 5, seed=0).tolist() == [0, 1, 2, 3, 4]
    assert {1, 3} < set(mapped(wrong, 3, seed=0).tolist())
    assert mapped(wrong, 2, seed=0).tolist() == [1, 3]
    assert mapped(wrong, 3, seed=1).tolist() == mapped(wrong, 3, seed=1).tolist()


def test_of_a_wide_network_fewer_are_kept_and_of_one_without_maps_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conv, dense = Layer("conv", (14, 14, 64), 9), Layer("dense", (64,), 9)
    assert mapped_images([(conv, 64), (dense, 64)], 10_000, UnitMaps()) == 10_000
    assert mapped_images([(dense, 64)], 10_000, UnitMaps()) == 0
    monkeypatch.setattr(units, "MOST_BYTES", 49 * 64 * 100)
    assert mapped_images([(conv, 64)], 10_000, UnitMaps()) == 100
    (told,) = map_cuts([(conv, 64)], 10_000, UnitMaps())
    assert (
        told
        == "maps of 100 of 10,000 images, errors first: more would take over 0 MB (unit_maps.response_maps)"
    )
    assert not list(map_cuts([(dense, 64)], 10_000, UnitMaps()))
