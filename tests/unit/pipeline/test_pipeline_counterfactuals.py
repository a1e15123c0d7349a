"""Changes that a real teacher would answer to, as the stage `counterfactuals` stores them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from micro import Recorder, looked_into
from micro_runs import MicroRuns, copied

from deepvid.errors import Cancelled
from deepvid.fields import PARTS
from deepvid.network.ablation import work_of
from deepvid.pipeline import counterfactuals
from deepvid.pipeline.trained import TrainedRun
from deepvid.store import Run, open_run

pytestmark = pytest.mark.long

TRAINED, FLIPS, STRIPS = 40, 14, 2
SETTINGS: dict[str, Any] = {"components": 4, "neighbors": 3, "left_out": 2, "flips": FLIPS, "strips": STRIPS}


def looked(path: Path, *, vae: bool, recorder: Recorder | None = None, **settings: Any) -> Run:
    return looked_into(path, recorder, vae=vae, **{**SETTINGS, **settings})


@pytest.fixture(scope="module")
def trained(micro_runs: MicroRuns) -> Path:
    return micro_runs.vae()


@pytest.fixture(scope="module")
def found(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return looked(copied(trained, tmp_path_factory.mktemp("looked")), vae=True)


@pytest.fixture(scope="module")
def group(found: Run) -> xr.Dataset:
    return found.together(*PARTS).load()


def logits_of(run: Run) -> np.ndarray:
    return run.stages["teacher"].open()["logits"].to_numpy()[TRAINED:]


def test_distances_are_those_of_errors_and_of_as_many_right_images(found: Run, group: xr.Dataset) -> None:
    label = found.stages["dataset"].open()["label"].to_numpy()[TRAINED:]
    predicted = logits_of(found).argmax(axis=1)
    wrong = predicted != label
    assert group.attrs["changes"]["spaces"] == ["latent", "pixel"]
    assert group.attrs["changes"]["asked"] == FLIPS
    distance, flipped = group["flip_distance"].to_numpy(), group["flip_class"].to_numpy()
    known = np.isfinite(distance)
    assert known[1].sum() == FLIPS
    right = min(FLIPS // 2, (~wrong).sum())
    assert (known[1] & ~wrong).sum() == right
    assert (distance[known] > 0).all()
    assert (flipped[~known] == -1).all()
    assert (flipped != predicted)[known].all()


def test_strips_begin_at_the_image_and_lead_errors_to_their_class(found: Run, group: xr.Dataset) -> None:
    data = found.stages["dataset"].open()
    samples = group["strip_sample"].to_numpy()
    label, image = data["label"].to_numpy()[samples], data["image"].to_numpy()[samples] / 255
    logits = group["strip_logits"].to_numpy()
    first = logits_of(found)[samples - TRAINED]
    assert (first.argmax(axis=1) != label).all()
    np.testing.assert_allclose(logits[:, :, 0], np.repeat(first[:, None], 3, axis=1), atol=2e-3)
    difference = group["strip_difference"].to_numpy().astype(float)
    assert difference.shape[:3] == (STRIPS, 3, 8)
    assert np.abs(difference[:, :, 0]).max() < 1e-3
    assert (difference + image[:, None, None]).min() > -1e-3
    whole = 0
    for strip, target in enumerate(label):
        own = first[strip].argmax()
        for way in (1, 2):
            evidence = logits[strip, way, :, target] - logits[strip, way, :, own]
            goals = np.linspace(evidence[0], max(2, evidence[0] + 2), 8)
            missing = (goals - evidence) / np.diff(goals)[0]
            assert missing[0] == 0
            assert (missing > -0.02).all()
            short = np.flatnonzero(missing >= 0.02)  # where images end, evidence does not grow any more
            assert not len(short) or (np.diff(evidence[short[0] :]) < np.diff(goals)[0]).all()
            whole += not len(short)
    assert whole


def test_another_seed_is_asked_about_all_of_them(group: xr.Dataset) -> None:
    transfer = group.attrs["changes"]["transfer"]
    assert 0 <= transfer["accuracy"] <= 1
    for told in transfer["ways"].values():
        assert told["strips"] == STRIPS
        assert told["flips"] <= STRIPS - told["anyway"]
        assert told["flips_followed"] <= told["flips"]
        assert told["ends_followed"] <= told["ends"] <= told["flips"]


def test_without_a_vae_pixels_are_left(trained: Path, tmp_path: Path) -> None:
    group = looked(copied(trained, tmp_path), vae=False).together(*PARTS)
    assert group.attrs["changes"]["spaces"] == ["pixel"]
    assert group.attrs["changes"]["ways"] == ["smooth", "pixel"]
    assert group["strip_logits"].shape[1] == 2


def test_none_is_asked_for_and_none_is_there(trained: Path, tmp_path: Path) -> None:
    group = looked(copied(trained, tmp_path), vae=True, flips=0).together(*PARTS)
    assert group.attrs["changes"] is None
    assert not {"flip_distance", "strip_sample"} & set(group)


def test_of_large_images_fewer_are_changed_and_that_is_said(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = open_run(trained).stages["dataset"].open()["image"][0].size
    monkeypatch.setattr(counterfactuals, "MOST_PIXELS", {"flips": 4 * pixels, "strips": pixels})
    recorder = Recorder()
    group = looked(copied(trained, tmp_path), vae=False, recorder=recorder).together(*PARTS)
    assert group.attrs["changes"]["asked"] == 4
    assert group.sizes["strip"] == 1
    told = f"4 of {FLIPS} distances to another answer: more would take too long (counterfactuals.flips)"
    assert told in recorder.notes


def test_of_a_large_network_fewer_are_changed(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_image = work_of(TrainedRun(open_run(trained)).network, "pixels")
    monkeypatch.setattr(counterfactuals, "MOST_WORK", 5 * counterfactuals.PASSES["flips"] * an_image)
    group = looked(copied(trained, tmp_path), vae=False).together(*PARTS)
    assert group.attrs["changes"]["asked"] == 5
    assert group.sizes["strip"] == 1  # the fewest


def test_it_is_cancelled_on_the_way(trained: Path, tmp_path: Path) -> None:
    path = copied(trained, tmp_path)
    with pytest.raises(Cancelled):
        looked(path, vae=False, recorder=Recorder(cancel_at=("counterfactuals", "strips in pixels")))
    assert "counterfactuals" not in open_run(path).stages
