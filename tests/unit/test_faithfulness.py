from typing import get_args

import numpy as np
import pytest
import xarray as xr

from deepvid.config import names
from deepvid.faithfulness import BLIND, CONTROLS, FEWEST, Measured, measured, ranking

METHODS = ("random", "poor", "good")


def of(faithfulness: np.ndarray, lost: np.ndarray, chance: float = 1.0) -> Measured:
    images = len(lost)
    return Measured(
        np.arange(images),
        METHODS,
        ("Random", "Poor", "Good"),
        ("black", "blur"),
        lost,
        np.full(lost.shape, chance),
        faithfulness,
    )


def example() -> Measured:
    """Means over baselines 0, .2 and .4; of the first image there are no curves."""
    areas = np.tile(np.array([[0.0, 0.0], [0.1, 0.3], [0.3, 0.5]]), (40, 1, 1))
    areas[0] = np.nan
    return of(areas, np.tile(np.array([0.5, 2.0, 1.5]), (40, 1)))


def test_methods_are_ranked_by_their_curves_and_controls_stand_last() -> None:
    found = ranking(example())
    assert [row.name for row in found.rows] == ["good", "poor", "random"]
    good = found.rows[0]
    assert good.images == 39
    assert good.faithfulness == pytest.approx((0.4, 0.4, 0.4))
    assert good.by_judge == pytest.approx((0.3, 0.5))
    assert good.over_random == pytest.approx((0.4, 0.4, 0.4))
    assert good.margin_lost.value == pytest.approx(1.5)
    assert (good.beats_chance, found.rows[2].beats_chance) == (1.0, 0.0)


def test_a_judge_that_leads_ranks_alone() -> None:
    """The poor method shines by black, which it may know; of an older run, without one, all count."""
    areas = example().faithfulness.copy()
    areas[:, 1, 0] = 0.9
    found = ranking(of(areas, example().margin_lost)._replace(judges=("black", "colors")))
    assert [row.name for row in found.rows] == ["good", "poor", "random"]
    assert found.rows[0].faithfulness == pytest.approx((0.5, 0.5, 0.5))
    assert found.rows[1].over_random == pytest.approx((0.3, 0.3, 0.3))
    assert found.first is not None
    assert found.first.name == "good"
    assert found.fair
    older = ranking(of(areas, example().margin_lost))
    assert [row.name for row in older.rows] == ["poor", "good", "random"]
    assert not older.fair


def rivals(by_infill: float) -> tuple[str, ...]:
    """By colors the good method stands .2 above the poor one; by the autoencoder by so much."""
    random = np.random.default_rng(0)
    areas = example().faithfulness[..., :1] + random.normal(scale=0.02, size=(40, 3, 2))
    areas[:, 2, 1] = areas[:, 1, 1] + by_infill + random.normal(scale=0.02, size=40)
    found = ranking(of(areas, example().margin_lost)._replace(judges=("colors", "infill")))
    return tuple(rival.label for rival in found.rivals)


def test_who_stands_first_is_disputed_where_two_judges_differ_beyond_their_intervals() -> None:
    assert rivals(0.1) == ()
    assert rivals(0.0) == ()
    assert rivals(-0.1) == ("Poor",)


def test_the_student_is_the_truest_of_its_pictures_by_the_images_that_choose() -> None:
    """On the others the pixels shine, which changes nothing; what is no student is none."""
    areas = np.tile(np.array([[0.5], [0.1], [0.2]]), (40, 1, 1))
    named = of(areas, example().margin_lost)._replace(
        methods=("occlusion", "student", "places"), judges=("colors",)
    )
    assert ranking(named).student == "places"
    choosing = np.random.default_rng(0).permutation(40) % 2 == 0
    areas[~choosing, 1] = 0.9
    assert ranking(named).student == "places"
    areas[choosing, 1] = 0.9
    assert ranking(named).student == "student"
    assert ranking(named._replace(methods=("occlusion", "rise", "hirescam"))).student is None


def test_the_figure_is_the_mean_of_the_judges_that_were_asked() -> None:
    areas = np.array([[[0.2, 0.4], [0.2, np.nan], [np.nan, np.nan]]])
    found = of(areas, np.zeros((1, 3)))._replace(judges=("colors", "infill")).figure
    np.testing.assert_allclose(found, [[0.3, 0.2, np.nan]])


def test_a_row_tells_the_judges_that_its_method_knows() -> None:
    named = example()._replace(methods=("random", "occlusion", "student"), judges=("mean_color", "colors"))
    assert {row.name: row.knows for row in ranking(named).rows} == {
        "occlusion": (True, False),
        "student": (False, False),
        "random": (False, False),
    }


def test_without_curves_the_margin_lost_ranks() -> None:
    found = ranking(of(np.full((40, 3, 2), np.nan), example().margin_lost))
    assert [row.name for row in found.rows] == ["poor", "good", "random"]
    assert found.rows[0].images == 0
    assert np.isnan(found.rows[0].faithfulness.value)


def test_the_first_is_judged_by_images_that_did_not_choose_it() -> None:
    """One image in which the poor method shines is in one half only."""
    areas = example().faithfulness.copy()
    areas[7, 1] = 50.0
    found = [ranking(of(areas, example().margin_lost), seed=seed) for seed in range(8)]
    firsts = {one.first.name: one.first.faithfulness.value for one in found if one.first}
    assert firsts == pytest.approx({"poor": 0.2, "good": 0.4})
    assert all(one.first and one.chosen_on + one.first.images == 39 for one in found)  # those with curves
    assert {one.chosen_on for one in found} == {19, 20}


def test_a_control_never_stands_first() -> None:
    first = ranking(of(-example().faithfulness, -example().margin_lost)).first
    assert first is not None
    assert first.name != "random"


@pytest.mark.parametrize("curves", [True, False])
def test_fewer_than_ten_images_are_too_few_to_choose_and_to_judge(curves: bool) -> None:
    """Where curves were taken, those with curves count: of the example's first image there are none."""
    areas, lost = example().faithfulness, example().margin_lost
    if not curves:
        areas = np.full_like(areas, np.nan)
    enough = FEWEST + 1 if curves else FEWEST
    assert ranking(of(areas[: enough - 1], lost[: enough - 1])).first is None
    assert ranking(of(areas[:enough], lost[:enough])).first is not None
    few = np.where(np.arange(40)[:, None, None] < FEWEST, example().faithfulness, np.nan)
    assert ranking(of(few, lost)).first is None


def test_batches_are_joined() -> None:
    assert measured([]) is None
    found = example()
    batch = xr.Dataset(
        {
            "sample": ("explained", found.sample),
            "margin_lost": (("explained", "method"), found.margin_lost),
            "margin_chance": (("explained", "method"), found.margin_chance),
            "faithfulness": (("explained", "method", "baseline"), found.faithfulness),
        },
        attrs={"methods": list(METHODS), "labels": ["a", "b", "c"], "baselines": ["black", "blur"]},
    )
    joined = measured([batch, batch])
    assert joined is not None
    assert joined.methods == METHODS
    assert joined.margin_lost.shape == (80, 3)


@pytest.mark.parametrize("kept_back", sorted({*CONTROLS, *BLIND}))
def test_what_is_blind_does_not_stand_first_however_high_it_measures(kept_back: str) -> None:
    """Nor does a control."""
    high = example()._replace(methods=("random", "student", kept_back))
    first = ranking(high).first
    assert first is not None
    assert first.name == "student"


def test_what_is_kept_back_is_a_method() -> None:
    assert {*CONTROLS, *BLIND} <= set(get_args(names.Explanation))
