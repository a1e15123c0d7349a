"""The confusion matrix's numbers: what they count, and whether they can be read."""

import numpy as np
import pytest

from dashboards.theme import DARK, LIGHT, Palette, contrast
from dashboards.views.confusion.plot import cell_colors, fill
from dashboards.views.confusion.table import STEPS, Matrix

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


@THEMES
def test_every_number_stands_out_from_its_cell(theme: Palette) -> None:
    # Half the squares below the diagonal are not selected; the others walk through both ramps.
    total = np.arange(1, 401).reshape(20, 20)
    selected = np.where(np.tri(20, k=-1) * (total % 2), 0, total)
    cells, numbers = fill(Matrix(selected, total, partial=True), "counts", theme)
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
