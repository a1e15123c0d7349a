"""Students joined from batches, and their maps, on a toy whose numbers can be done by hand."""

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
import xarray as xr

from dashboards.data import sentences
from dashboards.data.decision import decision, map_of
from dashboards.data.explanations import AddedExplanations, ExplanationTable, PageExplanations
from dashboards.data.image_maps import explained, first_in_words
from dashboards.data.students import PageStudents, Student, StudentTable, student_at
from dashboards.kit.elements import Element, walk, words
from dashboards.kit.pictures import Heat
from dashboards.views.explain.classes import Classes, channels, classes, shown_classes
from dashboards.views.explain.drawer import drawer
from dashboards.views.explain.margin import sums
from dashboards.views.explain.pictures import explained_in_words, picture, scale_of
from dashboards.views.explain.settings import options, typed
from dashboards.views.focus.asking import known_settings
from deepvid import config
from deepvid.config import names
from deepvid.errors import ConfigError, StoreError
from deepvid.fields import STUDENTS
from deepvid.map_words import WORDS

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


def heats(element: Element) -> list[Heat]:
    return [each for each in walk(element) if isinstance(each, Heat)]


def painted(found: Classes) -> list[list[list[int]]]:
    """Levels of the first fit, int8: of what pixels add, and of weights, a row a class."""
    maps = heats(drawer(found, ("predicted", "true"), "", None, 0))
    levels = [np.frombuffer(each.values, np.int8).tolist() for each in maps]
    return [levels[0::2], levels[1::2]]


def changed(**fields: Any) -> Student:
    plain = student_at(batch([0]), 0)
    settings = fields.pop("settings", plain.settings)
    return replace(plain, settings=settings, values={**plain.values, **fields})


def test_the_latest_student_of_equal_settings_wins_and_the_latest_settings_stand_first() -> None:
    table = StudentTable()
    table.extend([batch([7, 8], "a"), batch([8], "b"), batch([7], "a", scale=2.0)])
    assert [sample for sample in range(10) if table.keys(sample)] == [7, 8]
    assert table.get(7).weights[0, 0, 0, 0, 0] == 2.0  # type: ignore[union-attr]
    assert list(table.settings(8)) == ["b", "a"]
    assert table.get(8).settings_key == "b"  # type: ignore[union-attr]
    assert table.get(8, "a").settings_key == "a"  # type: ignore[union-attr]
    assert table.get(9) is None


IMAGE = np.array([[[255], [51]]], np.uint8)  # 1 and 0.2
MEAN = np.array([[[0], [255]]], np.uint8)


def test_pixels_and_base_sum_to_the_students_margin() -> None:
    known = decision(changed(neighborhood_mean=MEAN), IMAGE)
    # T (w - w') = 2 (2, -6) = (4, -12); x - m = (1, -0.8)
    assert known.pixels == pytest.approx(np.array([[4.0, 9.6]]))
    assert known.base == pytest.approx(-12 + 2 * (0.5 + 0.5))
    assert known.teacher == pytest.approx(2.0)
    black = decision(changed(), IMAGE)
    assert black.pixels == pytest.approx(np.array([[4.0, -2.4]]))
    assert black.base == pytest.approx(2.0)
    assert not black.against_mean


def test_sums_add_up_as_they_are_shown() -> None:
    known = decision(changed(), IMAGE)
    parts = sums(known._replace(pixels=np.array([[1.164]]), base=-0.816))  # .348; rounded apart 1.16 - .82
    assert parts.margin == 0.35
    assert parts.pixels + parts.base == pytest.approx(parts.margin, abs=1e-12)
    assert parts.against == "black image"
    assert sums(decision(changed(neighborhood_mean=MEAN), IMAGE)).against == "neighbors’ mean"


def explained_batch(samples: list[int], lost: dict[str, float], *, first: float = 1.0) -> xr.Dataset:
    """Methods whose maps are (first, -1) on a scale of 1 logit, equal on all images."""
    shape = (len(samples), len(lost))
    maps = np.broadcast_to(np.array([[127 * first, -127]], "i1"), (*shape, 1, 2))
    of_method = {
        "scale": np.ones(shape, "f4"),
        "total": np.zeros(shape, "f4"),
        "margin_lost": np.broadcast_to(np.array(list(lost.values()), "f4"), shape),
        "margin_chance": np.full(shape, 0.5, "f4"),
    }
    return xr.Dataset(
        {
            "sample": ("explained", np.array(samples, "i4")),
            "map": (("explained", "method", "y", "x"), maps),
            **{name: (("explained", "method"), value) for name, value in of_method.items()},
            "faithfulness": (("explained", "method", "baseline"), np.full((*shape, 3), np.nan, "f4")),
            "contrast": (("explained", "side"), np.tile([0, 1], (len(samples), 1)).astype("i4")),
        },
        attrs={
            "settings_key": "e",
            "methods": list(lost),
            "labels": [name.title() for name in lost],
            "baselines": ["black", "mean_color", "blur"],
        },
    )


LOST = {"a": 1.0, "b": 5.0, "c": 4.0, "d": 3.0, "e": 2.0, "student": 0.25, "image": 9.0}


def test_the_best_five_stand_in_order_the_student_among_them_and_no_control() -> None:
    table = ExplanationTable()
    table.extend([explained_batch(list(range(10)), LOST)])
    shown = explained(changed(neighborhood_mean=MEAN), IMAGE, table.get(0), table)
    assert [method.name for method in shown.methods] == ["b", "c", "d", "e", "student"]
    assert shown.methods[0].map.tolist() == [[1.0, -1.0]]
    assert shown.methods[0].median == 5.0
    assert shown.beats_chance
    assert shown.ranking is not None
    assert first_in_words(shown.ranking).startswith("B is the truest")


def test_the_card_claims_nothing_of_fewer_than_ten_explained_errors() -> None:
    table = ExplanationTable()
    table.extend([explained_batch(list(range(9)), LOST)])
    shown = explained(changed(neighborhood_mean=MEAN), IMAGE, table.get(0), table)
    assert explained_in_words(shown) == ""
    assert [method.name for method in shown.methods] == ["b", "c", "d", "e", "student"]


def test_settings_of_an_earlier_version_are_not_asked_with() -> None:
    assert known_settings(config.Explanations, {"methods": ["gradient"], "baselines": 3}) is None
    assert known_settings(config.Students, {"neighbors": 40}) == config.Students(neighbors=40)


def test_without_a_student_the_maps_that_need_none_are_shown() -> None:
    table, lost = ExplanationTable(), {"a": 1.0, "b": 5.0, "image": 9.0}
    table.extend([explained_batch([3], lost)])
    shown = explained(None, IMAGE, table.get(3), table)
    assert shown is not None
    assert shown.decision is None
    assert [method.name for method in shown.methods] == ["b", "a"]
    assert explained(None, IMAGE, None, table) is None


def test_an_added_explanation_counts_where_the_run_has_none_of_this_student() -> None:
    table = ExplanationTable()
    table.extend([explained_batch([0, 1], LOST).assign_attrs(students="a")])
    samples = [(1, "b"), (2, "b"), (2, "c")]
    added = {(sample, key): table.get(0)._replace(student=key) for sample, key in samples}  # type: ignore[union-attr]
    known, student = PageExplanations(table, added), changed()
    assert known.get(2, None) is added[2, "c"]
    assert known.get(2, replace(student, settings_key="b")) is added[2, "b"]
    assert known.get(1, None).student == "a"  # type: ignore[union-attr]
    assert known.get(1, replace(student, settings_key="a")).student == "a"  # type: ignore[union-attr]
    assert known.get(1, replace(student, settings_key="b")) is added[1, "b"]
    assert known.get(5, None) is None


def test_what_a_second_judge_said_stays_where_maps_come_without_it() -> None:
    plain, added = explained_batch([3], LOST).assign_attrs(students="a"), AddedExplanations()
    added.take(plain)
    added.take(plain.assign(infill=("explained", np.array([1], "i1"))))
    added.take(plain)
    added.take(plain.assign_attrs(students="b"))
    assert {key: one.infill for key, one in added.entries.items()} == {(3, "a"): 1, (3, "b"): -1}


def test_a_student_that_was_not_the_one_explained_was_not_measured() -> None:
    table = ExplanationTable()
    lost = {"student": 3.0, "student_times_input": 2.0, "gradient": 1.0, "random": 0.0}
    table.extend([explained_batch([0, 1], lost).assign_attrs(students="b")])
    student = changed(neighborhood_mean=MEAN)  # its settings have the key a
    gradient, other, black = explained(student, IMAGE, table.get(0), table).methods
    assert np.isnan([other.lost, black.lost]).all()
    assert other.map.tolist() == pytest.approx(np.array([[4.0, 9.6]]))
    assert black.map.tolist() == map_of("student_times_input", student, IMAGE, None).tolist()  # type: ignore[union-attr]
    assert gradient.lost == 1.0
    same = explained(replace(student, settings_key="b"), IMAGE, table.get(0), table).methods[0]
    assert same.lost == 3.0


@pytest.mark.parametrize(("of_run", "lost"), [(True, 3.0), (False, np.nan)])
def test_where_nobody_wrote_down_which_student_was_explained_it_was_one_of_the_run(
    of_run: bool, lost: float
) -> None:
    table = ExplanationTable()
    table.extend([explained_batch([0, 1], {"student": 3.0, "random": 0.0})])
    student = changed(neighborhood_mean=MEAN)
    shown = explained(student, IMAGE, table.get(0), table, of_run=of_run)
    assert shown.methods[0].lost == pytest.approx(lost, nan_ok=True)


def test_a_page_knows_the_run_s_students_first_and_those_that_were_added() -> None:
    own, kept, fitted = StudentTable(), StudentTable(), StudentTable()
    own.extend([batch([7], "a")])
    kept.extend([batch([7, 8], "b")])
    known = PageStudents(own, (kept, fitted.having(batch([7], "c"))))
    assert list(known.settings(7)) == ["a", "b", "c"]
    keys = {key: known.get(7, key).settings_key for key in ("", "a", "b", "c", "z")}  # type: ignore[union-attr]
    assert keys == {"": "a", "a": "a", "b": "b", "c": "c", "z": "a"}
    assert known.get(8, "a").settings_key == "b"  # type: ignore[union-attr]
    assert known.facts(7, "c").settings_key == "c"  # type: ignore[union-attr]
    assert known.get(9, "") is None
    assert known.of_run(7, known.get(7, "a"))  # type: ignore[arg-type]
    assert not known.of_run(7, known.get(7, "b"))  # type: ignore[arg-type]


def test_without_an_explanation_the_student_shows_what_it_holds() -> None:
    gradient = np.array([[[1.0], [-1.0]]], np.float32)
    shown = explained(changed(neighborhood_gradient=gradient), IMAGE, None, ExplanationTable())
    assert [method.name for method in shown.methods] == ["student_times_input", "neighborhood_gradient"]
    assert shown.methods[1].map.tolist() == pytest.approx(np.array([[1.0, -0.2]]))
    assert shown.beats_chance is None


def test_of_a_teacher_without_gradients_it_shows_occlusion_by_that_name() -> None:
    student = changed(occlusion=np.array([[0.5, -0.25]], np.float32))
    shown = explained(student, IMAGE, None, ExplanationTable())
    assert [method.name for method in shown.methods] == ["student_times_input", "occlusion"]
    assert shown.methods[1].map.tolist() == [[0.5, -0.25]]
    assert words(picture(shown.methods[1], scale_of(shown.methods))).endswith("what a black patch takes away")
    found = map_of("occlusion", student, IMAGE, None)
    assert found is not None
    assert found.tolist() == [[0.5, -0.25]]
    assert map_of("occlusion", changed(), IMAGE, None) is None


@pytest.mark.parametrize("stored", [np.nan, 0.0])
def test_a_gradient_that_was_not_computed_has_no_picture(stored: float) -> None:
    student = changed(neighborhood_gradient=np.full((1, 2, 1), stored, "f4"))
    assert len(explained(student, IMAGE, None, ExplanationTable()).methods) == 1


def test_a_s1_pictures_weigh_the_same_on_one_scale() -> None:
    table = ExplanationTable()
    table.extend([explained_batch([0, 1], {"a": 2.0, "b": 1.0})])
    methods = explained(changed(), IMAGE, table.get(0), table).methods
    louder = methods[0]._replace(map=100 * methods[0].map)
    scale = scale_of([louder, methods[1]])
    assert scale.end == pytest.approx(1.0)  # every pixel is as strong as the mean
    assert (scale.low, scale.high) == (-0.5, 2.0)  # from chance to the best
    maps = [heat for method in (louder, methods[1]) for heat in heats(picture(method, scale))]
    assert [np.frombuffer(each.values, np.int8).tolist() for each in maps] == [[127, -127]] * 2


def test_every_method_has_its_words() -> None:
    assert WORDS.keys() == set(get_args(names.Explanation))


def test_a_right_image_is_told_which_method_is_the_truest_on_the_errors() -> None:
    table = ExplanationTable()
    table.extend([explained_batch(list(range(10, 40)), {"a": 2.0, "b": 1.0}).assign_attrs(students="k")])
    right = explained_batch(list(range(40, 52)), {"a": 1.0, "b": 3.0}).assign_attrs(settings_key="right")
    table.extend([right])
    shown = explained(None, IMAGE, table.get(40), table)
    assert shown.ranking == table.ranking("e")
    assert [method.median for method in shown.methods] == [3.0, 1.0]  # beside others of its kind


def test_a_later_explanation_replaces_an_earlier_one_and_few_say_nothing_of_the_first() -> None:
    table = ExplanationTable()
    table.extend([explained_batch([7], {"a": 2.0})])
    assert table.ranking("e").first is None
    table.extend([explained_batch(list(range(7, 17)), {"a": 3.0})])
    assert table.get(7).evidence.lost.tolist() == [3.0]  # type: ignore[union-attr]
    assert table.get(17) is None
    assert 8 in table
    assert len(table) == 10
    assert table.ranking("e").first is not None


def test_the_drawer_shows_the_teachers_logits_and_sums_to_the_students() -> None:
    found = classes(student_at(batch([0]), 0), IMAGE, NAMES)
    # T (W x): 2 (1 - 0.6) = 0.8; T b: 2 * 0.5 = 1; the teacher's 3 and 1 have mean 2, the student's mean 0
    (fit,) = found.fits
    assert fit.sums[0] == pytest.approx((0.8, 1.0 + 2), abs=1e-3)  # pixels and base
    assert fit.sums[1] == pytest.approx((-0.8, -1.0 + 2), abs=1e-3)
    assert [one.teacher for one in found.classes] == pytest.approx([3.0, 1.0])
    inputs, weights = painted(found)
    assert weights == [[42, -127], [-42, 127]]  # T W = 2, -6 on a scale of 6
    assert inputs == [[127, -76], [-127, 76]]  # 2, -1.2


def test_classes_that_share_weights_are_told_apart_by_their_intercepts() -> None:
    plain = student_at(batch([0]), 0)
    weights = plain.weights
    values = {name: value for name, value in plain.values.items() if name != "weights"}
    values |= {"shared_weights": weights, "row": np.array([0, 1, 1])}  # coat and bag share a row
    values |= {"intercept": np.array([[0.5, -0.5, -1.0]]), "teacher_logits": np.array([3.0, 1.0, 0.0], "f4")}
    student = replace(plain, values=values)
    found = classes(student, IMAGE, (*NAMES, "bag"))
    shirt, coat, bag = found.fits[0].sums
    assert coat.pixels == bag.pixels == -shirt.pixels
    assert coat.base - bag.base == pytest.approx(2 * 0.5)  # T times the difference of intercepts
    assert painted(found)[1] == [[42, -127], [-42, 127], [-42, 127]]
    np.testing.assert_allclose(decision(student, IMAGE).pixels, decision(plain, IMAGE).pixels)
    other = replace(student, values={**values, "contrast": np.array([0, 2])})
    np.testing.assert_allclose(decision(other, IMAGE).pixels, decision(plain, IMAGE).pixels)
    assert decision(other, IMAGE).base == pytest.approx(decision(plain, IMAGE).base + 2 * 0.5)


def test_of_many_classes_the_most_probable_are_shown_and_those_in_question() -> None:
    logits = np.arange(345, dtype="f4")
    student = changed(teacher_logits=logits, contrast=(344, 0), intercept=np.zeros((1, 345), "f4"))
    assert shown_classes(student, 28 * 28) == [344, 343, 342, 341, 340, 339, 338, 0]
    assert len(shown_classes(student, 256 * 256)) == 4


def test_fidelity_in_plain_words() -> None:
    assert sentences.fidelity(student_at(batch([0]), 0), 0) == (
        "The student agrees with the teacher on 94 % of 100 held-out neighbors (88–97 %); "
        "guessing the commonest class would reach 71 %."
    )
    apart = changed(agrees_on_sample=np.array([False]))
    assert sentences.fidelity(apart, 0).endswith("On this image itself they disagree.")


def test_the_gate_warns_only_where_it_fails() -> None:
    assert sentences.gate(changed(), NAMES, 0) == ""
    warning = sentences.gate(changed(gate=False, reconstruction_class=1), NAMES, 0)
    assert "looks like coat to the teacher, not shirt" in warning


def test_whatever_is_declared_and_stored_of_a_student_is_read() -> None:
    stored = batch([0])
    student = student_at(stored, 0)
    assert student.values.keys() == stored.variables.keys() & STUDENTS.keys()
    assert student.kappa.tolist() == [np.float32(0.8)]
    assert student.weights.dtype == np.float32  # half floats are widened
    assert student.held_out == 100  # a scalar, for it has no dimension but the student's
    with pytest.raises(StoreError, match="stability"):
        student.stability  # noqa: B018


def test_every_setting_of_a_student_can_be_typed() -> None:
    shown = {field.name: field for field in options({"neighbors": 200, "band": 0.9})}
    assert shown.keys() | {"images", "limit"} == set(config.Students.model_fields)
    assert (shown["neighbors"].text, shown["smoothness"].text) == ("200", "0, 10")
    assert [word for word, _ in shown["anchor"].options] == list(get_args(names.Anchor))
    assert shown["locality"].text == "none"
    again = typed({}, {name: field.text for name, field in shown.items()})
    assert again == config.Students(neighbors=200, band=0.9)


def test_what_is_typed_wrongly_is_said_all_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        typed({}, {"neighbors": "few", "temperature": "0"})
    assert "neighbors" in raised.value.found
    assert "temperature" in raised.value.found


def test_colors_are_apart_and_together_on_scales_of_their_own() -> None:
    # One fit, two classes, one pixel: weights (4, -2, 0) of the first class and (-1, 2, 1) of the second,
    # which add half of that. 4 and 2 end the signed scales, 6 and 3 those of magnitudes.
    weights = np.array([[4.0, -2.0, 0.0], [-1.0, 2.0, 1.0]], "f4").reshape(1, 1, 2, 1, 1, 3)
    found = channels(np.concatenate([weights, weights / 2], axis=1))
    assert found is not None
    assert found.maps.shape == (1, 2, 8, 1, 1)
    signed = [1.0, -0.5, 0.0, 1.0, -0.25, 0.5, 0.25, 4 / 6]
    np.testing.assert_allclose(found.maps[0, :, :, 0, 0], [signed, signed], rtol=3e-3)
    assert found.sums.tolist() == [[2.0, -1.0, 0.0, 3.0, -0.5, 1.0, 0.5, 2.0]]


def test_gray_and_large_images_have_no_colors_apart() -> None:
    assert channels(np.zeros((1, 2, 2, 1, 1, 1), "f4")) is None
    assert channels(np.zeros((2, 2, 2, 128, 128, 3), "f4")) is None
    assert channels(np.zeros((2, 2, 2, 32, 32, 3), "f4")) is not None
