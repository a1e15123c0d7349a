"""Messages that the view of drawn images takes from a browser, and its sentences."""

import base64

import numpy as np
import pytest

from dashboards.views.network.trail import MOST_SILENCED, read, trail_of, written
from dashboards.views.network.what_if.table import sentence, shown, stored
from dashboards.views.network.what_if.view import _bytes
from deepvid.engine.requests import ChangedUnit, Voted, WhatIf

NAMES = ("cat", "dog")
COUNT = 6


def test_an_image_is_told_in_base64_of_its_own_length() -> None:
    image = bytes(range(COUNT))
    assert _bytes(base64.b64encode(image).decode(), COUNT) == image
    assert _bytes(base64.b64encode(image[:5]).decode(), 5) == image[:5]


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
    assert _bytes(told, COUNT) is None


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
    assert stored(found([1, 0]), NAMES)["sentence"] == "cat .73, as stored"


def test_the_sentence_says_what_is_silenced() -> None:
    both = found([0, 2])._replace(silenced=(("stem", 3), ("stem", 4)))
    assert sentence(both, NAMES).startswith("dog .88 as drawn with 2 units silenced, cat .73 before;")
    one = found([1, 0])._replace(silenced=(("stem", 3),), drawn=False)
    assert sentence(one, NAMES).startswith("cat .73 with unit 3 of stem silenced, cat .73 before;")
    assert shown(one, NAMES)["tried"] == "silenced"


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
    told = shown(found([0, 2], ChangedUnit("stem", 3, 0.5, 0.25, -1.25)), NAMES)
    assert [row["name"] for row in told["classes"]] == ["dog", "cat"]
    assert told["classes"][0]["before"] == pytest.approx(1 / (1 + np.e))
    wide, logits = told["layers"]
    assert (wide["before"]["name"], wide["changed"]) == ("", False)
    assert (logits["before"]["told"], logits["after"]["told"]) == ("5 of 5 are cat", "3 of 5 are dog")
    assert logits["changed"]
    assert (told["units"][0]["told"], told["reach"]) == ("−1.2 sd", 1.25)
