"""Students joined from batches, and their maps, on a toy whose numbers can be done by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from dashboards.data import wording
from dashboards.data.students import Student, StudentTable, student_at
from dashboards.views.focus.plot import bars
from dashboards.views.student.plot import shown_classes, student_picture
from deepvid.fields import STUDENTS

NAMES = ("shirt", "coat")


def batch(samples: list[int], key: str = "k", temperature: float = 2.0, scale: float = 1.0) -> xr.Dataset:
    """Two classes, one fit, images of 1 x 2 pixels: weights (1, -3) for shirt and their negative for coat."""
    count = len(samples)
    weights = np.tile(
        scale * np.array([[[1.0, -3.0]], [[-1.0, 3.0]]])[None, None, ..., None], (count, 1, 1, 1, 1, 1)
    )
    one = {"agreement": 0.94, "agreement_low": 0.875, "agreement_high": 0.97, "floor": 0.71}
    one |= {"kl": 0.01, "kappa": 0.8, "r2": 0.9, "certificate": 1e-4}
    return xr.Dataset(
        {
            "sample": ("student", np.array(samples, "i4")),
            "smoothness": ("fit", np.array([0], "f4")),
            "weights": (("student", "fit", "class", "y", "x", "channel"), weights.astype("f2")),
            "intercept": (("student", "fit", "class"), np.tile([[[0.5, -0.5]]], (count, 1, 1)).astype("f4")),
            "agrees_on_sample": (("student", "fit"), np.ones((count, 1), bool)),
            "held_out": ("student", np.full(count, 100, "i4")),
            "gate": ("student", np.ones(count, bool)),
            "reconstruction_class": ("student", np.zeros(count, "i4")),
            "neighborhood_gradient": (("student", "y", "x", "channel"), np.zeros((count, 1, 2, 1), "f2")),
            "contrast": (("student", "pair"), np.tile([0, 1], (count, 1)).astype("i4")),
            "teacher_logits": (("student", "class"), np.tile([3.0, 1.0], (count, 1)).astype("f4")),
            **{name: (("student", "fit"), np.full((count, 1), value, "f4")) for name, value in one.items()},
        },
        attrs={"settings": {"temperature": temperature, "neighborhood": "residual"}, "settings_key": key},
    )


def changed(**fields: Any) -> Student:
    plain = student_at(batch([0]), 0)
    settings = fields.pop("settings", plain.settings)
    return replace(plain, settings=settings, values={**plain.values, **fields})


def test_the_latest_student_of_equal_settings_wins_and_the_latest_settings_stand_first() -> None:
    table = StudentTable()
    table.extend([batch([7, 8], "a"), batch([8], "b"), batch([7], "a", scale=2.0)])
    assert table.samples == [7, 8]
    assert table.get(7).weights[0, 0, 0, 0, 0] == 2.0  # type: ignore[union-attr]
    assert list(table.settings(8)) == ["b", "a"]
    assert table.get(8).settings_key == "b"  # type: ignore[union-attr]
    assert table.get(8, "a").settings_key == "a"  # type: ignore[union-attr]
    assert table.get(9) is None


def test_pixels_and_constant_sum_to_the_students_logit() -> None:
    image = np.array([[[255], [51]]], np.uint8)  # 1 and 0.2
    picture = student_picture(student_at(batch([0]), 0), image, 1, NAMES, {})
    fit = picture.card["fits"][0]
    # T (W x): 2 (1 - 0.6) = 0.8; T b: 2 * 0.5 = 1; the teacher's 3 and 1 have mean 2, the student's mean 0
    assert fit["sums"][0] == pytest.approx({"pixels": 0.8, "constant": 1.0 + 2}, abs=1e-3)
    assert fit["sums"][1] == pytest.approx({"pixels": -0.8, "constant": -1.0 + 2}, abs=1e-3)
    assert [one["teacher"] for one in picture.card["classes"]] == pytest.approx([3.0, 1.0])
    assert not picture.card["correct"]


def test_maps_share_one_symmetric_scale() -> None:
    image = np.array([[[255], [51]]], np.uint8)
    picture = student_picture(student_at(batch([0]), 0), image, 0, NAMES, {})
    maps = np.frombuffer(picture.maps, np.int8).reshape(2, 2, 2)  # (weights | weights x input, class, x)
    assert maps[0].tolist() == [[42, -127], [-42, 127]]  # T W = 2, -6 on a scale of 6
    assert maps[1].tolist() == [[42, -25], [-42, 25]]  # 2, -1.2
    assert picture.card["gradient"] is None


@pytest.mark.parametrize("stored", [np.nan, 0.0])
def test_a_gradient_that_was_not_computed_has_no_picture(stored: float) -> None:
    student = changed(neighborhood_gradient=np.full((1, 2, 1), stored, "f4"))
    picture = student_picture(student, np.zeros((1, 2, 1), np.uint8), 0, NAMES, {})
    assert picture.card["gradient"] is None
    assert len(picture.maps) == 2 * 2 * 2  # (weights | weights x input, class, x) alone


def test_of_many_classes_the_contrast_and_the_likeliest_are_shown() -> None:
    logits = np.arange(345, dtype="f4")
    student = changed(teacher_logits=logits, contrast=(3, 0), intercept=np.zeros((1, 345), "f4"))
    shown = shown_classes(student, 128 * 128)
    assert len(shown) == 12  # 400 kB of 2 x 16 kB
    assert shown == [0, 3, *range(335, 345)]


def test_fidelity_in_plain_words() -> None:
    assert wording.fidelity(student_at(batch([0]), 0), 0) == (
        "The student agrees with the teacher on 94 % of 100 held-out neighbors (88–97 %); "
        "guessing the commonest class would reach 71 %."
    )
    apart = changed(agrees_on_sample=np.array([False]))
    assert wording.fidelity(apart, 0).endswith("On this image itself they disagree.")


def test_the_gate_warns_only_where_it_fails() -> None:
    assert wording.gate(changed(), NAMES, 0) == ""
    warning = wording.gate(changed(gate=False, reconstruction_class=1), NAMES, 0)
    assert "looks like coat to the teacher, not shirt" in warning


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (42, "42 s"), (200, "3 min"), (4800, "1 h 20 min")]
)
def test_durations_are_as_exact_as_an_estimate_deserves(seconds: float, text: str) -> None:
    assert wording.duration(seconds) == text


def test_bars_mark_true_and_predicted() -> None:
    first, second = bars(np.log(np.array([0.25, 0.75])), 0, NAMES)
    assert (first["true"], first["predicted"], second["predicted"]) == (True, False, True)
    assert second["probability"] == pytest.approx(0.75)


def test_bars_of_many_classes_keep_the_true_one() -> None:
    shown = bars(np.arange(100.0), 5, [str(index) for index in range(100)])
    assert [bar["name"] for bar in shown] == ["99", "98", "97", "96", "95", "94", "93", "92", "91", "5"]


def test_whatever_is_declared_and_stored_of_a_student_is_read() -> None:
    stored = batch([0])
    student = student_at(stored, 0)
    assert student.values.keys() == stored.variables.keys() & STUDENTS.keys()
    assert student.kappa.tolist() == [np.float32(0.8)]
    assert student.weights.dtype == np.float32  # half floats are widened
    assert student.held_out == 100  # a scalar, for it has no dimension but the student's
    with pytest.raises(AttributeError, match="stability"):
        student.stability  # noqa: B018
