"""Messages that the view of drawn images takes from a browser, and its sentences."""

import base64
from dataclasses import replace

import numpy as np
import pytest

from dashboards.data.trail import MOST_SILENCED, read, trail_of, written
from dashboards.kit.charts import Rail
from dashboards.kit.drawing import Drawing, image_bytes
from dashboards.kit.elements import Box, walk, words
from dashboards.views.what_if.table import answer, sentence, stored
from deepvid.engine.requests import ChangedUnit, Voted, WhatIf

NAMES = ("cat", "dog")
COUNT = 6


def test_an_image_is_told_in_base64_of_its_own_length() -> None:
    image = bytes(range(COUNT))
    assert image_bytes(base64.b64encode(image).decode(), COUNT) == image
    assert image_bytes(base64.b64encode(image[:5]).decode(), 5) == image[:5]


@pytest.mark.parametrize(
    "told",
    [
        None,
        7,
        b"AAAAAAAA",
        [],
        {},
        "",
        "A" * 7,
        "A" * 9,
        "AAAA=AAA",
        "!!!!!!!!",
        "AAAAAA==",
        "é" * 8,
        "A" * 10**6,
    ],
)
def test_what_is_no_such_image_is_refused(told: object) -> None:
    assert image_bytes(told, COUNT) is None


def found(after: list[float], *units: ChangedUnit) -> WhatIf:
    logits = np.array([[1, 0], after], "f4")
    said = int(logits[1].argmax())
    return WhatIf(7, logits, (Voted("pixels", None, None), Voted("logits", (0, 5), (said, 3))), 5, units)


def test_the_sentence_says_what_changes() -> None:
    unit = ChangedUnit("stem", 3, 0.5, 0.25, -1.25)
    assert sentence(found([0, 2], unit), NAMES) == (
        "dog .88 as drawn, cat .73 before; the vote changes at 1 of 1 layer"
    )
    assert sentence(found([1, 0]), NAMES) == "cat .73: draw on the image or silence a unit, and this follows"
    assert stored(found([1, 0]), NAMES) == "cat .73, as stored"


def test_the_sentence_says_what_is_silenced() -> None:
    both = found([0, 2])._replace(silenced=(("stem", 3), ("stem", 4)))
    assert sentence(both, NAMES).startswith("dog .88 as drawn with 2 units silenced, cat .73 before;")
    one = found([1, 0])._replace(silenced=(("stem", 3),), drawn=False)
    assert sentence(one, NAMES).startswith("cat .73 with unit 3 of stem silenced, cat .73 before;")
    assert "None but what is silenced." in words(answer(one, NAMES))


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", ()),
        ("stage3:9,stem:4,stage3:9", (("stage3", 9), ("stem", 4))),
        ("a:b:7", (("a:b", 7),)),
        ("stem,stem:,:4,stem:-1,stem:1.5,stem:999999999999,stem:٣", ()),
    ],
)
def test_silenced_units_are_read_from_an_address(text: str, units: tuple[tuple[str, int], ...]) -> None:
    assert read(text) == units
    assert read(written(units)) == units
    assert len(read(",".join(f"stem:{unit}" for unit in range(99)))) == MOST_SILENCED


def test_a_trail_is_of_what_is_tried() -> None:
    assert trail_of(found([1, 0])._replace(drawn=False)) is None
    trail = trail_of(found([0, 2]))
    assert trail == (7, {"logits": 0}, {"logits": 1}, (0, 1))


def test_rows_have_both_and_the_classes_that_matter_before_or_after() -> None:
    told = answer(found([0, 2], ChangedUnit("stem", 3, 0.5, 0.25, -1.25)), NAMES)
    rows = [each for each in walk(told) if isinstance(each, Box) and "row" in each.look.split()]
    rails = [each for each in walk(told) if isinstance(each, Rail)]
    assert [words(row) for row in rows] == [
        "dog.88",
        "cat.12",
        "pixels?→?",
        "logitscat100 %→dog60 %",
        "3 · stem−1.2 sd",
    ]
    assert rails[0].mark == pytest.approx(1 / (1 + np.e))
    assert rows[3].hint == "logits: 5 of 5 are cat as stored; 3 of 5 are dog as drawn"
    assert [row.look for row in rows[2:4]] == ["row", "row changed"]
    assert (rails[2].start, rails[2].value) == (0.5, 0.0)


@pytest.mark.parametrize(
    "changed",
    [{}, {"about": "another"}, {"number": 0}, {"number": 2**53}, {"image": "AAAA"}, {"reset": 1}],
)
def test_a_drawing_is_asked_about_only_as_the_page_does(changed: dict[str, object]) -> None:
    drawing = Drawing("edit", "7", bytes(COUNT), (2, 3, 1))
    asked = {"about": "7", "number": 1, "image": base64.b64encode(bytes(COUNT)).decode(), "reset": False}
    assert drawing.accepts({**asked, **changed}) is (not changed)
    assert not replace(drawing, disabled=True).accepts(asked)
