"""The filters of the tiny run's teacher, as a page asks for them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deepvid.engine import network
from deepvid.engine.network import watch
from deepvid.engine.requests import WatchFilters
from deepvid.errors import ConfigError, UserError
from deepvid.pipeline import trained
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import SILENT
from deepvid.store import open_run

pytestmark = pytest.mark.long


def test_of_the_last_layer_what_is_owed_is_the_heads_share(tiny_run: Path) -> None:
    run = open_run(tiny_run)
    found = watch(WatchFilters(tiny_run, 7), SILENT)
    assert [name for name, _ in found.layers] == ["stem", "stage1.block1", "stage2.block1", "stage3.block1"]
    assert found.layer == "stage3.block1"
    assert (found.images, found.patch, found.occlusion.shape) == (500, 4, (32, 28, 28))
    stored = run.stages["teacher"].open()["logits"][7].to_numpy()
    np.testing.assert_allclose(found.logits, stored, atol=1e-3)
    head = np.asarray(TrainedRun(run).network.dense.kernel[...])  # type: ignore[attr-defined]
    change = -head * (found.activation - found.mean)[:, None]
    np.testing.assert_allclose(found.silenced - found.logits, change, atol=1e-3)
    features = run.stages["teacher"].open()["features"].to_numpy()
    np.testing.assert_allclose(found.activation, features[7], atol=1e-3)
    training = np.flatnonzero(~run.stages["dataset"].open()["test"].to_numpy())
    spread = training[np.linspace(0, len(training) - 1, 500).astype(int)]
    np.testing.assert_allclose(found.mean, features[spread].mean(axis=0), atol=1e-3)
    label = int(run.stages["dataset"].open()["label"][7])
    first, second = np.argsort(-stored)[:2]
    assert found.classes == (first, second if first == label else label)


def test_a_layer_is_chosen_and_one_that_is_not_there_is_the_last(tiny_run: Path) -> None:
    assert watch(WatchFilters(tiny_run, 7, "stem"), SILENT).occlusion.shape == (8, 28, 28)
    assert watch(WatchFilters(tiny_run, 7, "pool"), SILENT).layer == "stage3.block1"  # has no places
    with pytest.raises(ConfigError, match="numbered from 0"):
        watch(WatchFilters(tiny_run, 10**9), SILENT)


def test_the_mean_color_is_read_once_for_all_layers(tiny_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    opened = TrainedRun.open(tiny_run)
    monkeypatch.setattr(network, "trained_run", lambda _: opened)
    monkeypatch.setattr(trained, "fitted", lambda test: read.append(opened.run.id) or ~test)
    for layer in ("stem", "stage1.block1"):
        watch(WatchFilters(tiny_run, 7, layer), SILENT)
    assert len(read) == 1


def test_a_teacher_without_layers_is_refused(tiny_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own: Any = SimpleNamespace(image_shape=(28, 28, 1), class_names=("a", "b"))
    monkeypatch.setattr(TrainedRun, "network", property(lambda _: own))
    with pytest.raises(UserError, match="activations are maps"):
        watch(WatchFilters(tiny_run, 7), SILENT)
