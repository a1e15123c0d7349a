"""The images that stand beside the one under study."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from dashboards.data.latents import Latents, _read, class_means
from dashboards.data.population import FactsKey
from dashboards.kit.latents import Axis, OtherLatents
from dashboards.theme import CLASS_COLORS
from dashboards.views.latent.company import LINES, REACH, ROWS, Company, lines, rows
from dashboards.views.latent.table import as_setting, axes, directions, half_widths, others

IMAGES = 600
RNG = np.random.default_rng(0)
MEAN = np.stack([RNG.normal(1, 1, IMAGES), RNG.normal(0, 2, IMAGES), RNG.normal(5, 0.01, IMAGES)], axis=1)


@pytest.fixture
def known() -> Latents:
    return _read(
        xr.Dataset(
            {
                "mean": (("sample", "latent"), MEAN.astype("f4")),
                "log_variance": (("sample", "latent"), np.full(MEAN.shape, np.log(0.04), "f4")),
                "scale": ("latent", MEAN.std(axis=0).astype("f4")),
            }
        )
    )


@pytest.fixture
def table() -> Any:
    """Rows are the samples backwards; row r is of class r % 3 and taken for the next; none is of class 3."""
    label = np.arange(IMAGES, dtype="i4") % 3
    return SimpleNamespace(
        rows=IMAGES,
        samples=np.arange(IMAGES, dtype="i4")[::-1],
        label=label,
        filed=label,
        labeled=True,
        predicted=(label + 1) % 3,
        class_names=("a", "b", "c", "d"),
        class_count=4,
        facts=FactsKey(),
    )


def shown(known: Latents) -> list[Axis]:
    return axes(known, 0, half_widths(known, 0.6), known.order)


def places(company: Company, count: int) -> np.ndarray:
    return np.frombuffer(company.places, np.int8).reshape(-1, 1 + count)


def of_rows(*chosen: int) -> np.ndarray:
    mask = np.zeros(IMAGES, np.bool_)
    mask[list(chosen)] = True
    return mask


def test_a_line_is_the_class_of_an_image_and_how_far_it_is_from_the_mean_of_all(
    known: Latents, table: Any
) -> None:
    """Row 4 is sample 595, of class 1. The third latent says nothing and has no axis."""
    found = lines(known, table, of_rows(4, 9), 9, shown(known))
    scores = (MEAN[IMAGES - 5] - MEAN.mean(axis=0)) / MEAN.std(axis=0)
    order = [axis.number for axis in shown(known)]
    expected = np.rint(127 * np.clip(scores[order] / REACH, -1, 1))
    (line,) = places(found, 2)  # not the image under study
    assert line[0] == 1
    np.testing.assert_allclose(line[1:], expected, atol=1)
    assert found.legend == "faint lines: the selected images, in the colors of their true classes"


def test_of_many_selected_images_some_are_lines_and_of_none_none(known: Latents, table: Any) -> None:
    found = lines(known, table, of_rows(*range(500)), 0, shown(known))
    assert len(places(found, 2)) == LINES
    assert "200 of the 500 selected images" in found.legend
    for mask in (None, of_rows(), of_rows(7)):
        assert lines(known, table, mask, 7, shown(known)) == Company()


def test_lines_along_directions_are_turned(known: Latents, table: Any) -> None:
    along = directions(known, 0)
    assert [axis.band for axis in along] == [None] * 3
    found = lines(known, table, of_rows(4), 0, along)
    turned = (MEAN[IMAGES - 5] - MEAN.mean(axis=0)) @ known.directions.vector.T / known.directions.spread
    expected = np.rint(127 * np.clip(turned / REACH, -1, 1))
    np.testing.assert_allclose(places(found, 3)[0, 1:], expected, atol=2)
    own = known.directions.vector @ (MEAN[0] - MEAN.mean(axis=0))
    np.testing.assert_allclose([axis.value for axis in along], own, atol=1e-3)
    assert [axis.deviation for axis in along] == pytest.approx([0.2] * 3, rel=1e-3)


def test_rows_are_means_of_the_two_classes_in_question_and_then_the_selection_by_class(
    known: Latents, table: Any
) -> None:
    found = rows(known, table, of_rows(6, 7, 10, 3), 10, shown(known))  # row 10: class 1, taken for 2
    names = [(row.name, row.sample) for row in found.rows]
    assert names == [
        ("mean c", None),
        ("mean b", None),
        ("#596", 596),  # rows 3 and 6 are of class 0
        ("#593", 593),
        ("#592", 592),
    ]
    assert places(found, 2)[:, 0].tolist() == [2, 1, 0, 0, 1]
    assert found.legend == "rows: this image, means of classes, then the selected images"


def test_of_no_selection_rows_are_the_means_of_all_classes_that_have_an_image(
    known: Latents, table: Any
) -> None:
    found = rows(known, table, None, 10, shown(known))
    assert [row.name for row in found.rows] == ["mean c", "mean b", "mean a"]
    means = class_means(table, known)
    for label in range(3):
        np.testing.assert_allclose(means[label], MEAN[::-1][label::3].mean(axis=0), rtol=1e-4)
    assert np.isnan(means[3]).all()
    assert class_means(table, known) is means


def test_of_many_selected_images_some_are_rows(known: Latents, table: Any) -> None:
    found = rows(known, table, of_rows(*range(300)), 599, shown(known))
    assert len(found.rows) == 2 + ROWS
    assert found.legend.endswith("then 40 of the 300 selected images")


def test_lines_of_images_without_labels_have_the_colors_of_their_predicted_classes(
    known: Latents, table: Any
) -> None:
    table.labeled, table.filed = False, table.predicted
    found = lines(known, table, of_rows(4), 0, shown(known))
    assert found.legend.endswith("in the colors of their predicted classes")
    assert places(found, 2)[0, 0] == table.predicted[4]


def test_classes_after_the_last_color_begin_anew(known: Latents, table: Any) -> None:
    table.filed = table.filed + len(CLASS_COLORS)
    assert places(lines(known, table, of_rows(4), 0, shown(known)), 2)[0, 0] == 1


def test_b_i3_silent_latents_are_folded_with_one_band(known: Latents) -> None:
    assert others(known, half_widths(known, (0.6, 0.6, 0.5))) == OtherLatents(1, pytest.approx(0.5))
    assert as_setting(known, {0: 0.25}, 0.6, 1.5) == (
        pytest.approx(0.25 / MEAN[:, 0].std(), abs=1e-3),
        pytest.approx(0.6),
        pytest.approx(1.5),
    )
    assert as_setting(known, {}, 0.6, -1)[2] == 0
    known.variance[:] = 1
    assert others(known, half_widths(known, 0.6)) is None
