"""Maximized pictures in words: two units of one layer, one of which never answers."""

from typing import Any

import numpy as np
import pytest

from dashboards.data.units import LayerUnits, MaximizedPictures
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, Element, text, walk, words
from dashboards.kit.pictures import Picture
from dashboards.views.network.maximized import (
    MaximizedPicture,
    images_tile,
    mosaic,
    sentence,
    sliders,
    stored,
    strongest,
    tile,
)
from deepvid.network.switches import MOST, SHOWN, Switches

PICTURE = np.arange(4, dtype=np.uint8).reshape(2, 2, 1)
NINE = np.zeros((9, 2, 2, 1), np.uint8)
ABSENT = text("Not made.")


def looks(tile: Element) -> set[str]:
    return {look for each in walk(tile) for look in each.look.split()}


def pictures(tile: Element) -> list[bytes]:
    return [each.pixels for each in walk(tile) if isinstance(each, Picture)]


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
    nine = images_tile(found, 0, rows, NINE, pictured=True)
    assert words(nine) == "9 images1–3.0x"  # 12 / 4
    assert len(pictures(nine)) == 1
    pixel = tile("pixel", known["pixel"], ABSENT, 12.0)
    assert words(pixel) == "in pixels3.5x"
    assert "beyond" in looks(pixel)
    assert "3.5x that to the image it answers ninth strongest: more than to any test image" in pixel.hint
    latent = tile("latent", known["latent"], ABSENT, 12.0)
    assert "beyond" not in looks(latent)
    assert pictures(latent) == [bytes([0, 1, 2, 3])]


def test_images_stand_side_by_side_with_clear_lines_between() -> None:
    three = mosaic(np.stack([PICTURE + 10, PICTURE + 20, PICTURE + 30]))
    assert three[..., 0].tolist() == [
        [10, 11, 0, 20, 21],
        [12, 13, 0, 22, 23],
        [0, 0, 0, 0, 0],
        [30, 31, 0, 0, 0],
        [32, 33, 0, 0, 0],
    ]
    assert (three[..., 3] == 255 * (three[..., 0] > 0)).all()


def test_what_never_answers_and_what_nothing_measures_is_said() -> None:
    found = units()
    assert strongest(found, 1).tolist() == []
    assert stored(found, 1) == {}
    assert stored(units(maximized=None), 0) == {}
    assert "It answers no image." in words(
        images_tile(found, 1, strongest(found, 1), NINE[:0], pictured=True)
    )
    none = images_tile(found, 0, strongest(found, 1), NINE[:0], pictured=False)
    assert "The run has no images." in words(none)
    dead, quiet = MaximizedPicture(PICTURE, 0.0, np.nan), MaximizedPicture(PICTURE, 0.5, np.nan)
    assert "answers none of the pictures" in sentence(found, 1, {"pixel": dead})
    assert "nothing measures its pictures" in sentence(found, 1, {"pixel": quiet})
    assert words(tile("pixel", quiet, ABSENT, 0.0)) == "in pixelsno measure"
    lacking = tile("pixel", None, ABSENT, 0.0)
    assert (pictures(lacking), words(lacking)) == ([], "Not made.in pixels")


def test_a_picture_of_the_switches_before_says_so() -> None:
    held = tile("held", MaximizedPicture(PICTURE, 5.0, 2.0), ABSENT, 1.0, stale=True)
    assert "stale" in looks(held)
    assert words(held) == "held back…"
    assert "beyond" not in looks(held)
    assert "being made" in held.hint


def test_there_is_a_slider_for_each_switch_and_zero_is_off() -> None:
    drawn = sliders(SHOWN, "")
    assert [one.name for one in drawn] == list(Switches._fields)
    assert [one.spoken for one in drawn] == ["0.01", "0.5", "off", "off", "0.2"]
    assert [one.most for one in drawn] == list(MOST)
    assert all(one.value <= one.most for one in drawn)
    assert not any(one.disabled for one in drawn)
    refused = sliders(SHOWN, "No engine.")
    assert {(one.disabled, one.hint) for one in refused} == {(True, "No engine.")}


def test_a_message_moves_one_switch_and_what_is_none_moves_nothing() -> None:
    moved: list[Any] = []
    component = CardComponent({"switch": moved.append}, "maximized-card")
    component.draw(Box(sliders(SHOWN, "")))
    real: list[Any] = [{"name": "blur", "value": 1}, {"name": "decay", "value": 0}]
    forged: list[Any] = [
        None, 3, [], {}, {"name": "blur"}, {"name": "blur", "value": "1"}, {"name": "blur", "value": 99},
        {"name": "blur", "value": float("nan")}, {"name": "count", "value": 1}, {"name": [], "value": 1},
    ]  # fmt: skip
    for value in real + forged:
        component._handle_msg({"action": "switch", "value": value})
    assert moved == real
