"""The confusion matrix's numbers: what they count, and whether they can be read."""

import numpy as np
import pytest

from dashboards.data.class_groups import Groups, grouped
from dashboards.session.gestures import Cells
from dashboards.session.selection import Mode, Step, outlined_cells
from dashboards.theme import DARK, LIGHT, Palette, contrast
from dashboards.views.confusion.plot import cell_at, cell_colors, fill, outlines
from dashboards.views.confusion.table import STEPS, Matrix

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


def _matrix(selected: np.ndarray, total: np.ndarray) -> Matrix:
    return Matrix(_groups(len(total)), selected, total, partial=selected is not total)


def _groups(classes: int) -> Groups:
    return grouped(np.zeros((classes, classes), np.int64), np.arange(classes))


def _names(classes: int) -> list[str]:
    return [f"class {k}" for k in range(classes)]


@THEMES
def test_every_number_stands_out_from_its_cell(theme: Palette) -> None:
    # Half the squares below the diagonal are not selected; the others walk through both ramps.
    total = np.arange(1, 401).reshape(20, 20)
    selected = np.where(np.tri(20, k=-1) * (total % 2), 0, total)
    cells, numbers = fill(_matrix(selected, total), _names(20), "counts", theme)
    ground = np.array(cell_colors(theme))[cells.image[0]]
    measured = [
        contrast(color, ground[y, x]) for x, y, color in zip(numbers.x, numbers.y, numbers.color, strict=True)
    ]
    assert len(measured) == 400
    assert min(measured) >= 4.5


def test_a_picture_has_a_color_for_every_index() -> None:
    assert len(cell_colors(LIGHT)) == 2 * STEPS + 1
    assert cell_colors(LIGHT)[2 * STEPS] == LIGHT.positive


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#777777") == pytest.approx(4.48, abs=0.01)  # the gray that just fails


def test_with_a_selection_every_row_of_rates_adds_up_to_all_of_it() -> None:
    # Of 100 the first cell's 10 are selected, of the second row 4 of its 8: shares 1 and 1/4, 3/4.
    selected, total = np.array([[0, 10], [1, 3]]), np.array([[90, 10], [4, 4]])
    cells, numbers = fill(_matrix(selected, total), _names(2), "rates", LIGHT)
    assert list(zip(numbers.x, numbers.y, numbers.text, strict=True)) == [
        (1, 1, "100"),
        (0, 0, "25"),
        (1, 0, "75"),
    ]
    assert cells.row_sum[0].tolist() == [10, 4]  # what the hover divides by


def test_counts_stand_beside_the_totals_of_what_is_not_selected() -> None:
    selected, total = np.array([[0, 10], [1, 3]]), np.array([[90, 10], [4, 4]])
    _, numbers = fill(_matrix(selected, total), _names(2), "counts", LIGHT)
    assert numbers.text == ["90", "10", "1", "3"]
    assert numbers.color[0] == LIGHT.quiet


def test_a_cell_is_framed_as_the_last_gesture_on_it_left_it() -> None:
    steps = (
        Step(Mode.REPLACE, Cells(((0, 0), (0, 1)))),
        Step(Mode.SUBTRACT, Cells(((0, 1), (1, 1)))),
        Step(Mode.ADD, Cells(((1, 1),))),
    )
    frames = outlined_cells(_groups(2), steps)
    assert frames == {(0, 0): False, (0, 1): True, (1, 1): False}
    drawn = outlines(frames, 2)
    assert list(zip(drawn.x, drawn.y, drawn.dash, strict=True)) == [
        (0, 1, "solid"),
        (1, 1, "dashed"),
        (1, 0, "solid"),
    ]


@pytest.mark.parametrize(("most", "size"), [(999, "12px"), (1000, "9px")])
def test_numbers_of_many_digits_are_smaller(most: int, size: str) -> None:
    counts = np.diag([most, 5])
    _, numbers = fill(_matrix(counts, counts), _names(2), "counts", LIGHT)
    assert numbers.size == [size, size]


def test_a_click_means_a_cell_and_beside_what_is_seen_a_whole_row_or_column() -> None:
    whole, zoomed = (-0.5, 9.5), (3.5, 6.5)
    assert cell_at(4.2, 5.9, whole, 10) == (3, 4)
    assert cell_at(-0.4, 9.4, whole, 10) == (0, 0)
    assert cell_at(-1, 5.9, whole, 10) == (3, None)
    assert cell_at(4.2, 11, whole, 10) == (None, 4)
    assert cell_at(3.2, 5.9, zoomed, 10) == (3, None)  # beside the frame, though cell (3, 3) is there
    assert cell_at(4.2, 6.9, zoomed, 10) == (None, 4)
    assert cell_at(-1, 11, whole, 10) is cell_at(4, -2, whole, 10) is cell_at(None, 3, whole, 10) is None
