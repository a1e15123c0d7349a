"""Declared variables: what is built and written has the declared form, meaning and blocks, and no other."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr
from toy import KEYS, described

from deepvid import fields
from deepvid.errors import StoreError
from deepvid.fields import Field
from deepvid.store import RunWriter, dataset_of, open_run

VAE = {
    "mean": [[1.0, 2.0]],
    "log_variance": [[0.0, 0.0]],
    "scale": [1.0, 1.0],
    "reconstruction": np.zeros((1, 2, 2, 1), np.uint8),
    "reconstruction_class": [1],
    "parameters": [0.5],
    "test_sample": [7],
}


def test_a_group_is_built_from_arrays_alone() -> None:
    group = dataset_of(fields.VAE, VAE, {"settings": {}})
    assert group["reconstruction"].dims == ("test_sample", "y", "x", "channel")
    assert (group["mean"].dtype, group["reconstruction_class"].dtype) == (np.float32, np.int32)
    assert (list(group.coords), group.attrs) == (["test_sample"], {"settings": {}})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mean": [1.0, 2.0]}, r"'mean' is float32 over \(sample, latent\)\. Found: float64 of shape \(2,\)"),
        ({"reconstruction_class": [0.5]}, r"'reconstruction_class' is int32 .* Found: float64 of shape"),
        ({"beta": [1.0]}, "Found: beta on one side only"),
    ],
)
def test_arrays_of_another_form_are_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(StoreError, match=words):
        dataset_of(fields.VAE, {**VAE, **change})


def test_what_is_declared_is_computed() -> None:
    with pytest.raises(StoreError, match="Found: features on one side only"):
        dataset_of(fields.TEACHER, {"logits": [[0.0, 1.0]]})


def test_a_stage_is_committed_in_its_declared_form_only(opened: Callable[[], RunWriter]) -> None:
    with opened() as writer:
        turned = xr.Dataset({"logits": (("class", "sample"), np.zeros((2, 3), np.float32))})
        with pytest.raises(StoreError, match=r"Found: float32 over \(class, sample\)\. Compute it so"):
            writer.commit_stage("teacher", KEYS[0], turned)
        wide = xr.Dataset({"position": (("sample", "dimension"), np.zeros((2, 2)))})
        with pytest.raises(StoreError, match="Found: float64 over"):
            writer.commit_stage("projection-pca", KEYS[0], wide)
        with pytest.raises(StoreError, match="Found: float64 over"):
            writer.series("vae", KEYS[0], xr.Dataset({"parameters": ("parameter", np.zeros(2))}), 3)
        assert not writer.run.stages
        assert not list((writer.run.path / "wip").iterdir())
        writer.commit_stage("own", KEYS[0], described(turned))  # another stage, another declaration
        assert open_run(writer.run.path).stages["own"].open()["logits"].dims == ("class", "sample")


def test_a_name_means_what_its_own_group_says(opened: Callable[[], RunWriter]) -> None:
    students = xr.Dataset({"sample": ("student", np.array([4], np.int32))})
    position = xr.Dataset(
        {"position": (("sample", "dimension"), np.zeros((1, 2), np.float32))},
        coords={"sample": np.array([4], np.int32)},
    )
    with opened() as writer:
        writer.commit_stage("students/0-0", KEYS[0], students)
        writer.commit_stage("projection-pca", KEYS[1], position)
        stages = writer.run.stages
        assert stages["students/0-0"].open()["sample"].dims == ("student",)
        assert stages["projection-pca"].open()["sample"].attrs["units"] == "1"


def test_blocks_are_no_larger_than_declared(
    opened: Callable[[], RunWriter], monkeypatch: pytest.MonkeyPatch, run_path: Path
) -> None:
    own = {"row": Field("row", ("sample",), "int32", "1", "row", block=10)}
    monkeypatch.setattr(fields, "STAGES", {**fields.STAGES, "own": own})
    with opened() as writer:
        writer.commit_stage("own", KEYS[0], dataset_of(own, {"row": np.arange(35)}))
    array = zarr.open_array(run_path / f"data.zarr/stage/own-{KEYS[0][:12]}/row", mode="r")
    assert array.chunks == (9,)  # four near-equal blocks
    assert array.attrs.asdict() == {"long_name": "row", "units": "1"}
    assert np.array_equal(array[:], np.arange(35))


@pytest.mark.parametrize("group", [*fields.STAGES.values(), *fields.SERIES.values(), fields.STATE])
def test_declarations_are_sound(group: fields.Fields) -> None:
    for name, field in group.items():
        assert (name, np.dtype(field.dtype).name) == (field.name, field.dtype)
        assert field.dims
        assert field.unit
        assert field.meaning
        assert not field.coordinate or field.dims == (name,)


def test_labels_say_what_their_numbers_mean(opened: Callable[[], RunWriter]) -> None:
    """As CF has it: one word a class, whatever the classes are called."""
    names = ["T-shirt/top", "ankle boot", "ankle_boot", "日本", ""]
    images = np.zeros((5, 4, 4, 1), np.uint8)
    group = dataset_of(
        fields.DATASET,
        {"image": images, "label": np.arange(5), "test": images[:, 0, 0, 0] > 0},
        {"class_names": names},
    )
    with opened() as writer:
        writer.commit_stage("dataset", "a" * 64, group)
        label = writer.run.stages["dataset"].open()["label"]
    assert list(label.attrs["flag_values"]) == [0, 1, 2, 3, 4]
    assert label.attrs["flag_meanings"] == "T-shirt_top ankle_boot_1 ankle_boot_2 日本 _"


def test_every_unit_is_one_that_udunits_reads() -> None:
    declared = [
        field for group in (*fields.STAGES.values(), *fields.SERIES.values()) for field in group.values()
    ]
    assert {field.unit for field in declared} == {"1"}
