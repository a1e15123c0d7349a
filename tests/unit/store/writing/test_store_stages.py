"""Stages: round trips, what plain xarray and zarr see, the layout on disk, copies."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr

import deepvid
from deepvid.errors import DamagedError, NewerFormatError, StoreError
from deepvid.store import RunWriter, open_run, open_writer

A, B = "a" * 64, "b" * 64


def test_a_stage_comes_back_as_it_was_given(opened: Callable[[], RunWriter], images: xr.Dataset) -> None:
    with opened() as writer:
        commit = writer.commit_stage("dataset", A, images, metrics={"n": 3}, summary={"metrics": {"n": 3}})
    stage = deepvid.open_run(writer.run.path).stages["dataset"]
    found = stage.open()
    for name in images.variables:
        assert found[name].dtype == images[name].dtype
        assert np.array_equal(found[name], images[name])
    assert found.attrs["class_names"] == ["bag", "shirt"]
    assert (stage.key, stage.metrics, commit.summary["metrics"]) == (A, {"n": 3}, {"n": 3})
    assert (writer.has("dataset", A), writer.has("dataset", B), writer.stage("map")) == (True, False, None)


def test_plain_xarray_and_zarr_read_a_live_run(
    opened: Callable[[], RunWriter], images: xr.Dataset, run_path: Path
) -> None:
    with opened() as writer, warnings.catch_warnings():
        writer.commit_stage("dataset", A, images)
        warnings.simplefilter("error")
        tree = xr.open_datatree(run_path / "data.zarr", engine="zarr", chunks=None, consolidated=False)
        stage = xr.open_zarr(run_path / f"data.zarr/stage/dataset-{A[:12]}", chunks=None)
        group = zarr.open_group(run_path / "data.zarr", mode="r")
    for found in (tree[f"stage/dataset-{A[:12]}"], stage):
        assert np.array_equal(found["image"], images["image"])
        assert found["test"].dtype == bool
        assert found["label"].dims == ("sample",)
        assert dict(found["label"].attrs) == {
            "long_name": "true class, by its index; absent where nobody labeled the images",
            "units": "1",
            "flag_values": [0, 1],
            "flag_meanings": "bag shirt",
        }
        assert found.attrs["Conventions"] == "CF-1.11"
        assert (found.attrs["encoding-type"], found.attrs["encoding-version"]) == ("deepvid-stage", 1)
    array = group[f"stage/dataset-{A[:12]}/image"]
    assert isinstance(array, zarr.Array)
    assert array.compressors == ()


def test_students_lie_in_blocks_of_sixteen_inside_one_shard(
    opened: Callable[[], RunWriter], run_path: Path
) -> None:
    weights = np.arange(512 * 20, dtype=np.float16).reshape(512, 1, 2, 2, 5, 1)
    dims = ("student", "fit", "class", "y", "x", "channel")
    batch = xr.Dataset(
        {"weights": (dims, weights)}, coords={"sample": ("student", np.arange(512, dtype=np.int32))}
    )
    with opened() as writer:
        writer.commit_stage("students/0123abcd-0", A, batch)
        writer.commit_stage("students/0123abcd-1", B, batch)
    array = zarr.open_array(run_path / f"data.zarr/stage/students.0123abcd-0-{A[:12]}/weights", mode="r")
    assert (array.chunks[0], array.shards[0] if array.shards else 0) == (16, 512)
    run = open_run(run_path)
    assert [stage.name for stage in run.batches("students")] == ["students/0123abcd-0", "students/0123abcd-1"]
    assert np.array_equal(run.batches("students")[0].open()["weights"].isel(student=37), weights[37])
    assert "sample" in run.batches("students")[0].open().coords
    assert list(run.summary["stages"]) == ["students"]


def test_large_arrays_lie_in_near_equal_blocks_of_640_kb(
    opened: Callable[[], RunWriter], run_path: Path
) -> None:
    features = np.zeros((10_001, 64), np.float32)  # 2.56 MB: five blocks of at most 640 kB
    with opened() as writer:
        writer.commit_stage("teacher", A, xr.Dataset({"features": (("sample", "feature"), features)}))
    array = zarr.open_array(run_path / f"data.zarr/stage/teacher-{A[:12]}/features", mode="r")
    assert (array.chunks, array.shards) == ((2001, 64), (10_005, 64))
    assert len(list(run_path.glob("data.zarr/stage/teacher*/features/c.*"))) == 1


def test_a_variable_nobody_can_read_is_refused(opened: Callable[[], RunWriter], images: xr.Dataset) -> None:
    with opened() as writer:
        with pytest.raises(StoreError, match="'mystery' with"):
            writer.commit_stage("dataset", A, images.assign(mystery=("sample", [1, 2, 3])))
        with pytest.raises(StoreError, match="'label' of type <U1"):
            writer.commit_stage("dataset", A, images.assign(label=("sample", ["a", "b", "c"])))
        with pytest.raises(StoreError, match="type set"):
            writer.commit_stage("dataset", A, images.assign_attrs(labels={1, 2}))
        attrs = {"long_name": "said by its writer", "units": "1"}
        writer.commit_stage("dataset", A, images.assign(mystery=("sample", [1, 2, 3], attrs)))


def test_a_stage_is_committed_once_under_one_key(opened: Callable[[], RunWriter], images: xr.Dataset) -> None:
    with opened() as writer:
        writer.commit_stage("dataset", A, images)
        with pytest.raises(StoreError, match="there already"):
            writer.commit_stage("dataset", A, images)
        writer.commit_stage("dataset", B, images.isel(sample=[0]))
        assert writer.run.stages["dataset"].open().sizes["sample"] == 1


@pytest.mark.parametrize("name", ["../evil", "Upper", "a/b/c", "", "a b"])
def test_a_name_that_is_no_plain_word_is_refused(
    opened: Callable[[], RunWriter], images: xr.Dataset, name: str
) -> None:
    with opened() as writer, pytest.raises(StoreError, match="A stage is named"):
        writer.commit_stage(name, A, images)


def test_a_stage_of_another_run_is_copied_byte_by_byte(
    opened: Callable[[], RunWriter], images: xr.Dataset, tmp_path: Path
) -> None:
    with opened() as writer:
        writer.commit_stage("dataset", A, images, metrics={"n": 3})
        source = writer.run.stages["dataset"]
    with open_writer(tmp_path, "other-1", config={}, provenance={}) as writer:
        writer.copy_stage(source)
        copy = writer.run.stages["dataset"]
        assert (copy.key, copy.digest, copy.metrics) == (source.key, source.digest, source.metrics)
        assert copy.open().identical(source.open())
        assert writer.run.path in copy.path.parents


def test_a_damaged_stage_is_not_copied(
    opened: Callable[[], RunWriter], images: xr.Dataset, tmp_path: Path
) -> None:
    with opened() as writer:
        writer.commit_stage("dataset", A, images)
        source = writer.run.stages["dataset"]
    chunk = source.path / "label" / "c.0"
    chunk.write_bytes(bytes(chunk.stat().st_size))
    with open_writer(tmp_path, "other-1", config={}, provenance={}) as writer:
        with pytest.raises(DamagedError, match="instead of"):
            writer.copy_stage(source)
        assert not writer.run.stages
        assert not list((writer.run.path / "wip").iterdir())


def test_a_group_of_a_later_version_says_so(
    opened: Callable[[], RunWriter], images: xr.Dataset, run_path: Path, rewritten: Callable[..., None]
) -> None:
    with opened() as writer:
        writer.commit_stage("dataset", A, images)
    rewritten(run_path, "dataset", version=2)
    with pytest.raises(NewerFormatError, match="version 2"):
        open_run(run_path).stages["dataset"].open()


def test_the_whole_run_is_one_tree_for_a_notebook(
    opened: Callable[[], RunWriter],
    images: xr.Dataset,
    own_images: xr.Dataset,
    epoch: Callable[[float], xr.Dataset],
) -> None:
    with opened() as writer:
        writer.commit_stage("dataset", A, images)
        writer.commit_stage("students/0123abcd-0", A, own_images)
        writer.series("teacher", B, epoch(0), 3).append(epoch(0.5), metrics={})
    tree = deepvid.open_run(writer.run.path).to_xarray()
    assert tree["dataset/label"].values.tolist() == [0, 1, 1]
    assert tree["series/teacher/parameters"].shape == (1, 5)
    assert "students/0123abcd-0" in [group.strip("/") for group in tree.groups]
    assert tree.attrs["config"]["name"] == "toy"
