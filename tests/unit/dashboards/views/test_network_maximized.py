"""Maximized pictures in words: two units of one layer, one of which never answers."""

from typing import Any

import numpy as np
import pytest

from dashboards.data.units import LayerUnits, MaximizedPictures
from dashboards.views.network.maximized.table import (
    Known,
    Lacking,
    images_tile,
    moved,
    sentence,
    sheet,
    sliders,
    stored,
    strongest,
    tile,
)
from deepvid.network.switches import MOST, SHOWN, Switches

PICTURE = np.arange(4, dtype=np.uint8).reshape(2, 2, 1)


def units(**changes: Any) -> LayerUnits:
    """Twelve images, which unit 3 answers with 1 to 12 and unit 5 never."""
    response = np.stack([np.arange(1.0, 13), np.zeros(12)], axis=1).astype("f4")
    of_units = np.zeros(2, "f4")
    made = MaximizedPictures(
        ("latent", "pixel"),
        np.array([0]),
        np.stack([PICTURE, PICTURE + 10])[None],
        np.array([[3.6, 14.0]], "f4"),
        np.array([[0.9, 3.5]], "f4"),
    )
    settings: dict[str, Any] = {"maximized": made} | changes
    index = np.array([3, 5], "i4")
    return LayerUnits(
        "conv", 1, np.arange(2), index, of_units, None, None, np.arange(12), response, response,
        np.zeros((12, 2), "u2"), **settings,
    )  # fmt: skip


def test_of_a_unit_its_stored_pictures_are_told_beside_its_nine_images() -> None:
    found, rows = units(), strongest(units(), 0)
    assert rows.tolist() == list(range(11, 2, -1))
    known = stored(found, 0)
    assert known["pixel"].picture.ravel().tolist() == [10, 11, 12, 13]
    assert (known["latent"].response, known["latent"].ratio) == pytest.approx((3.6, 0.9))
    told = sentence(found, 0, known)
    assert told == "Unit 3 of conv: a picture in latents 0.9x and in pixels 3.5x as strong as its ninth image"
    nine = images_tile(found, 0, rows, pictured=True)
    assert (nine["title"], nine["count"], nine["ratio"]) == ("9 images", 9, "1–3.0x")  # 12 / 4
    pixel = tile("pixel", known["pixel"], Lacking(), 12.0)
    assert (pixel["ratio"], pixel["beyond"], pixel["count"]) == ("3.5x", True, 1)
    assert "3.5x that to the image it answers ninth strongest: more than to any test image" in pixel["hint"]
    assert not tile("latent", known["latent"], Lacking(), 12.0)["beyond"]
    images = np.zeros((1, 2, 2, 1), np.uint8)
    assert sheet(images, [known["latent"]]) == bytes(4) + bytes([0, 1, 2, 3])


def test_what_never_answers_and_what_nothing_measures_is_said() -> None:
    found = units()
    assert strongest(found, 1).tolist() == []
    assert stored(found, 1) == {}
    assert stored(units(maximized=None), 0) == {}
    assert images_tile(found, 1, strongest(found, 1), pictured=True)["waiting"] == "It answers no image."
    assert images_tile(found, 0, strongest(found, 1), pictured=False)["waiting"] == "The run has no images."
    dead, quiet = Known(PICTURE, 0.0, np.nan), Known(PICTURE, 0.5, np.nan)
    assert "answers none of the pictures" in sentence(found, 1, {"pixel": dead})
    assert "nothing measures its pictures" in sentence(found, 1, {"pixel": quiet})
    assert tile("pixel", quiet, Lacking(), 0.0)["ratio"] == "no measure"
    lacking = tile("pixel", None, Lacking("Not made.", "Make it", "It failed"), 0.0)
    assert (lacking["count"], lacking["action"], lacking["fault"]) == (0, "Make it", "It failed")


def test_a_picture_of_the_switches_before_says_so() -> None:
    held = tile("held", Known(PICTURE, 5.0, 2.0), Lacking(), 1.0, stale=True)
    assert held["stale"]
    assert (held["ratio"], held["beyond"]) == ("…", False)
    assert "being made" in held["hint"]


def test_there_is_a_slider_for_each_switch_and_zero_is_off() -> None:
    drawn = sliders(SHOWN)
    assert [one["name"] for one in drawn] == list(Switches._fields)
    assert [one["text"] for one in drawn] == ["0.01", "0.5", "off", "off", "0.2"]
    assert [one["most"] for one in drawn] == list(MOST)
    assert all(one["value"] <= one["most"] for one in drawn)


def test_a_message_moves_one_switch_and_what_is_none_moves_nothing() -> None:
    assert moved(SHOWN, {"name": "blur", "value": 1}) == SHOWN._replace(blur=1.0)
    assert moved(SHOWN, {"name": "decay", "value": 0}) == SHOWN._replace(decay=0.0)
    forged: list[Any] = [
        None, 3, [], {}, {"name": "blur"}, {"name": "blur", "value": "1"}, {"name": "blur", "value": 99},
        {"name": "blur", "value": float("nan")}, {"name": "count", "value": 1}, {"name": [], "value": 1},
    ]  # fmt: skip
    assert [moved(SHOWN, value) for value in forged] == [SHOWN] * len(forged)
