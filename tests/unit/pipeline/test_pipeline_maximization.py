"""Maximized pictures of a real network's units: what the stage `maximized` stores of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from micro import Recorder, looked_into
from micro_runs import MicroRuns, copied

from deepvid.errors import Cancelled
from deepvid.fields import PARTS
from deepvid.network.layers import layers_of
from deepvid.pipeline import activation_maximization
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import Tick
from deepvid.store import Run, open_run

pytestmark = pytest.mark.long

TRAINED, KEPT, MADE = 40, 6, 3
SETTINGS: dict[str, Any] = {
    "components": 4,
    "neighbors": 3,
    "left_out": 2,
    "flips": 0,
    "silenced_images": 0,
    "units": KEPT,
    "maximized": MADE,
}


class Heard(Recorder):
    """Keeps what stays to be read."""

    def __init__(self, cancel_at: tuple[str, str] | None = None) -> None:
        super().__init__(cancel_at)
        self.told: list[str] = []

    def ticked(self, stage: str, tick: Tick) -> None:
        super().ticked(stage, tick)
        if tick.lasting:
            self.told.append(tick.message)


def looked(path: Path, recorder: Recorder | None = None, *, vae: bool = True, **settings: Any) -> Run:
    return looked_into(path, recorder, vae=vae, **{**SETTINGS, **settings})


@pytest.fixture(scope="module")
def trained(micro_runs: MicroRuns) -> Path:
    return micro_runs.vae()


@pytest.fixture(scope="module")
def found(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return looked(copied(trained, tmp_path_factory.mktemp("looked")))


@pytest.fixture(scope="module")
def group(found: Run) -> xr.Dataset:
    return found.together(*PARTS).load()


def test_of_the_units_that_tell_classes_apart_best_responses_are_the_network_s(
    found: Run, group: xr.Dataset
) -> None:
    assert group.attrs["maximized"] == {"spaces": ["latent", "pixel"]}
    place = group["maximized_unit"].to_numpy()
    best = np.argsort(-group["unit_spread"].to_numpy(), kind="stable")[:MADE]
    assert place.tolist() == sorted(best.tolist())
    picture = group["maximized"].to_numpy()
    assert picture.shape == (MADE, 2, 28, 28, 1)
    hidden = TrainedRun(found).network.activations(
        picture.reshape(-1, 28, 28, 1) / np.float32(255), "hidden1"
    )
    units = group["unit_index"].to_numpy()[place]
    own = np.asarray(hidden).reshape(MADE, 2, -1)[np.arange(MADE), :, units]
    np.testing.assert_allclose(group["maximized_response"], own, rtol=1e-4, atol=1e-5)


def test_the_ratio_is_to_the_ninth_strongest_test_image(group: xr.Dataset) -> None:
    largest = group["response_max"].to_numpy()[:, group["maximized_unit"].to_numpy()].astype(float)
    ninth = np.sort(largest, axis=0)[-9]
    ratio, response = group["maximized_ratio"].to_numpy(), group["maximized_response"].to_numpy()
    driven = ninth > 0
    np.testing.assert_allclose(ratio[driven], response[driven] / ninth[driven, None], rtol=2e-3)
    assert np.isnan(ratio[~driven]).all()
    assert (ratio[driven, 1] > 1).all()
    assert driven.any()


def test_without_a_vae_pictures_are_in_pixels_and_none_may_be_asked_for(
    trained: Path, tmp_path: Path
) -> None:
    path = copied(trained, tmp_path)
    group = looked(path, vae=False).together(*PARTS)
    assert group.attrs["maximized"] == {"spaces": ["pixel"]}
    assert group["maximized"].shape[:2] == (MADE, 1)
    group = looked(path, vae=False, maximized=0).together(*PARTS)
    assert group.attrs["maximized"] is None
    assert "maximized" not in group


def test_of_a_wide_network_fewer_are_made_and_that_is_said(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = TrainedRun(open_run(trained)).network
    (layer,) = (layer for layer in layers_of(network, 9) if layer.has_units)
    work = activation_maximization.work_to(network, layer.name)
    monkeypatch.setattr(activation_maximization, "MOST_WORK", 2 * 2 * work)
    path, heard = copied(trained, tmp_path), Heard()
    assert looked(path, heard).together(*PARTS).sizes["picture"] == 2
    assert "pictures are made of 2 of 3 units of hidden1: more would take too long (maximized.maximized)" in (
        heard.told
    )
    monkeypatch.setattr(activation_maximization, "MOST_PIXELS", 100)
    heard = Heard()
    assert "maximized" not in looked(path, heard, neighbors=4).together(*PARTS)
    assert any(text.startswith("pictures are made of none of 3 units of hidden1") for text in heard.told)


def test_stopped_before_the_pictures_it_makes_them_again(trained: Path, found: Run, tmp_path: Path) -> None:
    path = copied(trained, tmp_path)
    with pytest.raises(Cancelled):
        looked(path, Recorder(cancel_at=("maximized", "maximizing the units of hidden1")))
    assert "maximized" not in open_run(path).stages
    again = looked(path).together(*PARTS)
    np.testing.assert_array_equal(again["maximized"], found.together(*PARTS)["maximized"])
