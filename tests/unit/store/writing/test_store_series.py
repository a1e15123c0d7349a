"""Series: epochs one by one, resumed, read while they grow, the training state beside the last one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from deepvid.errors import StoreError
from deepvid.store import RunWriter, open_run, open_writer

B, C = "b" * 64, "c" * 64
Epoch = Callable[[float], xr.Dataset]


def test_readers_see_the_committed_epochs_and_their_metrics(
    opened: Callable[[], RunWriter], epoch: Epoch, run_path: Path
) -> None:
    with opened() as writer:
        series = writer.series("teacher", B, epoch(0), 3)
        reader = open_run(run_path)
        found = reader.series("teacher")
        assert found is not None
        assert found.open().sizes["epoch"] == 0
        for value in (0.25, 0.5):
            series.append(epoch(value), metrics={"test_accuracy": value})
        assert reader.poll()
        found = reader.series("teacher")
        assert found is not None
        dataset = found.open()
    assert (found.epochs, found.planned) == (2, 3)
    assert [each["test_accuracy"] for each in found.metrics] == [0.25, 0.5]
    assert dataset["parameters"].dims == ("epoch", "parameter")
    assert dataset["parameters"].values.tolist() == [[0.25] * 5, [0.5] * 5]
    assert dataset["test_logits"].shape == (2, 2, 3)
    assert dataset["sample"].values.tolist() == [7, 8]
    assert reader.series("vae") is None


def test_a_series_continues_where_it_was_left_with_the_state_it_had(
    opened: Callable[[], RunWriter], epoch: Epoch
) -> None:
    state = {"opt/momentum": np.array([[1.5, np.nan]], np.float32), "key": np.array([1, 2], np.uint32)}
    with opened() as writer:
        writer.series("teacher", B, epoch(0), 2).append(epoch(1), metrics={}, state=state)
    with opened() as writer:
        series = writer.series("teacher", B, epoch(0), 2)
        assert series.committed == 1
        found = series.state()
        assert found is not None
        assert found["opt/momentum"].tobytes() == state["opt/momentum"].tobytes()
        assert found["opt/momentum"].shape == (1, 2)
        assert found["key"].dtype == np.uint32
        series.append(epoch(2), metrics={}, state=None)
        assert series.state() is None
    assert writer.run.summary["epochs"] == {"teacher": 2}


def test_the_summary_counts_the_bytes_that_are_kept(
    opened: Callable[[], RunWriter], epoch: Epoch, run_path: Path
) -> None:
    with opened() as writer:
        series = writer.series("teacher", B, epoch(0), 4)
        for length in (3, 900, 40):
            series.append(epoch(1), metrics={}, state={"momentum": np.zeros(length)})
            groups = [path for path in (run_path / "data.zarr").glob("*/*") if path.is_dir()]
            files = [path for group in groups for path in group.rglob("*") if path.is_file()]
            assert writer.run.summary["bytes"] == sum(path.stat().st_size for path in files)
        before = writer.run.summary["bytes"]
        kept = writer.run.series("teacher")
        assert kept is not None
        assert kept.state_nbytes == 40 * 8
        series.append(epoch(1), metrics={})  # no state: the last one goes
        assert writer.run.summary["bytes"] < before
        kept = writer.run.series("teacher")
        assert kept is not None
        assert kept.state_nbytes == 0


def test_only_the_last_state_is_kept(opened: Callable[[], RunWriter], epoch: Epoch, run_path: Path) -> None:
    with opened() as writer:
        series = writer.series("teacher", B, epoch(0), 3)
        for value in range(3):
            series.append(epoch(value), metrics={}, state={"step": np.array(value)})
            states = [path.name for path in (run_path / "data.zarr" / "state").glob("teacher-*")]
            assert states == [f"teacher-{B[:12]}-{value}"]


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_an_epoch_of_nothing_but_the_fill_value_is_on_disk(
    opened: Callable[[], RunWriter], epoch: Epoch, run_path: Path, value: float
) -> None:
    with opened() as writer:
        writer.series("teacher", B, epoch(0), 2).append(epoch(value), metrics={})
    files = sorted(path.name for path in run_path.glob("data.zarr/series/*/*/c.0.*"))
    assert files == ["c.0.0", "c.0.0.0"]


def test_an_epoch_of_another_form_is_refused(opened: Callable[[], RunWriter], epoch: Epoch) -> None:
    with opened() as writer:
        series = writer.series("teacher", B, epoch(0), 1)
        with pytest.raises(StoreError, match="float64"):
            series.append(epoch(1).astype(np.float64), metrics={})
        with pytest.raises(StoreError, match="None for 'test_logits'"):
            series.append(epoch(1).drop_vars("test_logits"), metrics={})
        series.append(epoch(1), metrics={})
        with pytest.raises(StoreError, match="an epoch more than the 1"):
            series.append(epoch(2), metrics={})


def test_another_form_under_the_same_key_is_refused(opened: Callable[[], RunWriter], epoch: Epoch) -> None:
    with opened() as writer:
        writer.series("teacher", B, epoch(0), 2)
        with pytest.raises(StoreError, match="3 epochs instead of 2"):
            writer.series("teacher", B, epoch(0), 3)
        with pytest.raises(StoreError, match="Raise the stage's version"):
            writer.series("teacher", B, epoch(0).isel(parameter=slice(2)), 2)


def test_a_series_that_died_before_its_first_epoch_is_continued_without_a_template(
    opened: Callable[[], RunWriter], epoch: Epoch
) -> None:
    with opened() as writer:
        assert writer.begun_series("teacher", B) is None
        writer.series("teacher", B, epoch(0), 2)
    with opened() as writer:
        assert writer.begun_series("teacher", C) is None
        series = writer.begun_series("teacher", B)
        assert series is not None
        assert (series.committed, series.state()) == (0, None)
        series.append(epoch(1), metrics={})


def test_a_new_key_begins_a_series_of_its_own(opened: Callable[[], RunWriter], epoch: Epoch) -> None:
    with opened() as writer:
        writer.series("teacher", B, epoch(0), 2).append(epoch(1), metrics={})
        other = writer.series("teacher", C, epoch(0), 2)
        assert other.committed == 0
        found = writer.run.series("teacher")
        assert found is not None
        assert found.key == C


def test_a_state_of_objects_is_refused_and_the_epoch_with_it(
    opened: Callable[[], RunWriter], epoch: Epoch
) -> None:
    with opened() as writer:
        series = writer.series("teacher", B, epoch(0), 2)
        with pytest.raises(StoreError, match="'rng' of type object"):
            series.append(epoch(1), metrics={}, state={"rng": np.array([object()])})
        assert series.committed == 0


def test_a_series_of_another_run_is_copied_with_metrics_and_state(
    opened: Callable[[], RunWriter], epoch: Epoch, tmp_path: Path
) -> None:
    with opened() as writer:
        series = writer.series("teacher", B, epoch(0), 3)
        for value in (1, 2):
            series.append(epoch(value), metrics={"loss": value}, state={"step": np.array(value)})
        source = writer.run.series("teacher")
    assert source is not None
    with open_writer(tmp_path, "other-1", config={}, provenance={}) as writer:
        copy = writer.copy_series(source)
        found = writer.run.series("teacher")
        assert found is not None
        assert copy.committed == 2
        assert (copy.state() or {})["step"] == 2
        assert found.metrics == [{"loss": 1}, {"loss": 2}]
        assert found.open().identical(source.open())
