"""The confusion matrix's numbers: what they count, and whether they can be read."""

import numpy as np
import pytest

from dashboards.data.class_groups import Groups, grouped
from dashboards.kit.charts import Counts
from dashboards.kit.matrix import COUNTS, RATES, Confusions, levels, matrix, rates
from dashboards.session.gestures import Cells
from dashboards.session.selection import Mode, OutlinedCells, Step, outlined_cells
from dashboards.theme import DARK, LIGHT, Palette, contrast, mixed

STRONGEST = 0.45  # of a color, as `dashboards/browser/kit/counts.js` has it


def _confusions(selected: np.ndarray, total: np.ndarray) -> Confusions:
    return Confusions(_groups(len(total)), selected, total, partial=selected is not total)


def _groups(classes: int) -> Groups:
    return grouped(np.zeros((classes, classes), np.int64), np.arange(classes))


def _matrix(
    selected: np.ndarray, total: np.ndarray, unit: str = COUNTS, framed: OutlinedCells | None = None
) -> Counts:
    names = [f"class {k}" for k in range(len(total))]
    return matrix(_confusions(selected, total), names, unit, framed or {})


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_number_stands_out_from_its_cell(theme: Palette) -> None:
    # Half the squares below the diagonal are not selected; the others walk through both ramps.
    total = np.arange(1, 401).reshape(20, 20)
    selected = np.where(np.tri(20, k=-1) * (total % 2), 0, total)
    shown = _matrix(selected, total)
    level = np.frombuffer(shown.levels, np.int8)
    ends = [theme.negative if each < 0 else theme.positive for each in level]
    grounds = [
        mixed(theme.surface, end, STRONGEST * abs(int(each)) / 100)
        for end, each in zip(ends, level, strict=True)
    ]
    inks = [theme.ink if each else theme.quiet for each in level]
    measured = [contrast(ink, ground) for ink, ground in zip(inks, grounds, strict=True)]
    assert len(list(filter(None, shown.texts))) == len(measured) == 400
    assert min(measured) >= 4.5


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#777777") == pytest.approx(4.48, abs=0.01)  # the gray that just fails


def test_errors_and_recognitions_have_a_scale_each() -> None:
    # Off the diagonal 4 is the most, sqrt(1/4) half of the scale; on it 100 is.
    assert levels(np.array([[100, 1], [4, 25]])).tolist() == [[100, -50], [-100, 50]]
    assert levels(np.zeros((2, 2))).tolist() == [[0, 0], [0, 0]]


def test_rates_are_shares_of_a_row_and_an_empty_row_is_zero() -> None:
    assert rates(np.array([[3, 1], [0, 0]])).tolist() == [[0.75, 0.25], [0, 0]]


def test_with_a_selection_every_row_of_rates_adds_up_to_all_of_it() -> None:
    # Of 100 the first cell's 10 are selected, of the second row 4 of its 8: shares 1 and 1/4, 3/4.
    shown = _matrix(np.array([[0, 10], [1, 3]]), np.array([[90, 10], [4, 4]]), RATES)
    assert shown.texts == ("", "100", "25", "75")
    assert "(25 % of 4 selected class 1)" in shown.hints[2]
    assert shown.note == "% of a row's selection"


def test_counts_stand_beside_the_totals_of_what_is_not_selected() -> None:
    shown = _matrix(np.array([[0, 10], [1, 3]]), np.array([[90, 10], [4, 4]]))
    assert shown.texts == ("90", "10 / 10", "1 / 4", "3 / 4")
    assert np.frombuffer(shown.levels, np.int8)[0] == 0  # gray
    assert shown.hints[2] == "1 selected of 4 class 1 taken for class 0 (25 % of 4 selected class 1)"
    assert shown.hints[1] == "10 class 0 taken for class 1 (100 % of 10 selected class 0)"
    assert shown.note == "gray: not selected"
    assert [(head.row, head.column) for head in shown.heads] == [
        ("all true class 0: 10 images", "all predicted class 0: 1 image"),
        ("all true class 1: 4 images", "all predicted class 1: 13 images"),
    ]


@pytest.mark.parametrize(
    ("count", "row", "percent"),
    [(70, 70, "100"), (999, 1000, "more than 99"), (98, 100, "98"), (3, 4000, "0.075")],
)
def test_a_share_is_a_plain_number(count: int, row: int, percent: str) -> None:
    counts = np.array([[count, row - count], [0, 0]])
    shown = _matrix(counts, counts)
    assert shown.hints[0] == f"{count} class 0 recognized ({percent} % of {row:,} class 0)"
    assert shown.hints[3] == "0 class 1 recognized"


def test_a_cell_is_framed_as_the_last_gesture_on_it_left_it() -> None:
    steps = (
        Step(Mode.REPLACE, Cells(((0, 0), (0, 1)))),
        Step(Mode.SUBTRACT, Cells(((0, 1), (1, 1)))),
        Step(Mode.ADD, Cells(((1, 1),))),
    )
    framed = outlined_cells(_groups(2), steps)
    assert framed == {(0, 0): False, (0, 1): True, (1, 1): False}
    shown = _matrix(np.eye(2, dtype=int), np.eye(2, dtype=int), framed=framed)
    assert shown.frames == ((0, 0, False), (0, 1, True), (1, 1, False))
    assert shown.note == "dashed: taken out"


def test_of_very_many_cells_none_is_a_button() -> None:
    counts = np.arange(25 * 25).reshape(25, 25)
    selected = counts // 2
    found = Confusions(grouped(counts, np.arange(25), "all"), selected, counts, partial=True)
    shown = matrix(found, [f"class {k}" for k in range(25)], COUNTS, {})
    assert shown.texts == shown.hints == ()
    assert shown.bulk is not None
    assert shown.bulk.partial
    assert (np.frombuffer(shown.bulk.counts, np.uint32) == np.stack([selected, counts]).ravel()).all()
