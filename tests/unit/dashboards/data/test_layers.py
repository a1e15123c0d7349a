"""A run's layers as they are read, the river's counts, and the images that its gestures mean."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from looks import commit_layers, layers_group

from dashboards.data.class_groups import SHOWN, frequent
from dashboards.data.layers import TEACHER, Column
from dashboards.data.population import Population, population
from dashboards.kit.moving import NOWHERE
from dashboards.session.gestures import Cells, LayerPolygon, Probe
from dashboards.session.layer_needs import RIVER
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.selection import Mode, Step, Steps, fold
from dashboards.views.network.layer_map.table import packed, point_of, selected, trust
from dashboards.views.network.river.table import (
    boxes,
    facts,
    feet,
    gesture,
    lines,
    pressed_at,
    ribbons,
    river,
)
from dashboards.views.network.state import chosen
from deepvid.errors import DataError
from deepvid.statistics import Interval
from deepvid.store import Run, open_run, open_writer, write_archive

# Two training images, then four test images: 2 and 3 are of class 0, 4 and 5 of class 1.
LABEL = [0, 1, 0, 0, 1, 1]
PREDICTED = [0, 1, 0, 1, 1, 1]  # 3 is wrong
SAID = np.array([[1, 1, 1, 0], [0, 1, 1, 1], [0, 1, 1, 1]])  # of the test images, at three columns


def begun(store: Path, *, names: tuple[str, ...] = ("cat", "dog"), **given: Any) -> Run:
    """A run whose configuration has `given`, too."""
    images = np.zeros((6, 2, 2, 1), "u1")
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), images),
            "label": ("sample", np.array(LABEL, "i4")),
            "test": ("sample", np.arange(6) >= 2),
        },
        attrs={"class_names": list(names), "source": "drawn", "checksums": {}},
    )
    logits = np.eye(len(names), dtype="f4")[PREDICTED]
    teacher = xr.Dataset({"logits": (("sample", "class"), logits)}, attrs={"class_names": list(names)})
    with open_writer(store, "toy-0123abcd", config={"name": "toy"} | given, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset)
        writer.commit_stage("teacher", "b" * 12, teacher)
    return open_run(store / "toy-0123abcd")


@pytest.fixture
def bare(tmp_path: Path) -> Run:
    return begun(tmp_path)


@pytest.fixture
def run(tmp_path: Path, bare: Run) -> Run:
    commit_layers(tmp_path, bare.id, layers_group(SAID, np.arange(2, 6)))
    return open_run(tmp_path / bare.id)


@pytest.fixture
def table(run: Run) -> Population:
    found = population(run)
    assert found is not None
    return found


def probe(*said: tuple[str, int]) -> Probe:
    return Probe(tuple((name, (index,)) for name, index in said))


def only(gesture: Probe | Cells, mode: Mode = Mode.REPLACE) -> Steps:
    return (Step(mode, gesture),)


def test_the_river_counts_what_is_said_from_column_to_column(table: Population) -> None:
    shown = river(table, (), None)
    assert shown.looked.names == ("pixels", "hidden1", "logits", TEACHER)
    assert shown.groups.classes == (0, 1)
    assert [flow.tolist() for flow in shown.flows] == [[[0, 1], [1, 2]], [[1, 0], [0, 3]], [[1, 0], [0, 3]]]
    assert boxes(shown) == (((0, 1, 1), (1, 3, 3)),) * 4
    assert ribbons(shown)[0] == ((0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 2, 2))
    assert shown.total == 4


def test_a_column_says_how_often_its_neighbors_are_right_beside_chance(table: Population) -> None:
    told = feet(river(table, (), None), table)
    assert [each.name for each in told] == ["pixels", "hidden1", "logits", "teacher"]
    assert (told[0].accuracy, told[0].chance) == ("60.0 % [58.0, 62.0]", "chance 25 %")
    assert told[3].accuracy == "75.0 % [30.1, 95.4]"  # three of four
    assert not told[3].layer
    assert told[3].chance == ""


def test_a_layer_s_facts_are_said() -> None:
    seen = {"y": {"size": 13, "stride": 2, "offset": -5}, "x": {"size": 9, "stride": 1, "offset": 0}}
    layer = Column("a", (14, 14, 32), 14528, seen, Interval(0.8, 0.7, 0.9), 0.1)
    assert facts(layer) == "14x14x32, 14,528 parameters, sees 13x9 px at stride 2x1"
    assert (
        facts(layer._replace(shape=(8,), sees=None)) == "8 numbers, 14,528 parameters, sees all of the image"
    )


def test_a_probe_means_the_images_whose_neighbors_say_the_class(table: Population) -> None:
    assert table.samples[probe(("pixels", 1)).mask(table)].tolist() == [2, 3, 4]
    assert table.samples[probe(("pixels", 1), ("hidden1", 0)).mask(table)].tolist() == [2]
    assert table.samples[probe((TEACHER, 0)).mask(table)].tolist() == [2]
    assert not probe(("pixels", 7)).mask(table).any()  # of a class that the run has not
    assert probe(("pixels", 1), ("hidden1", 0)).sentence(table, 1) == (
        "1 image that looks like dog in pixels and looks like cat in hidden1"
    )
    assert probe(("logits", 1), (TEACHER, 1)).sentence(table, 3) == (
        "3 images that look like dog in logits and are taken for dog"
    )
    assert (
        Probe((("pixels", (0, 1)),)).sentence(table, 4)
        == "4 images that look like one of 2 classes in pixels"
    )


def test_a_probe_of_a_layer_that_is_not_there_says_which_are(table: Population, bare: Run) -> None:
    with pytest.raises(DataError, match="no layer 'stem' among pixels, hidden1, logits, teacher"):
        probe(("stem", 0)).mask(table)
    without = replace(table, layers=None)
    with pytest.raises(DataError, match="none looked into"):
        probe(("pixels", 0)).mask(without)


@pytest.mark.parametrize(
    "value",
    [
        [],
        [["pixels", []]],
        [["pixels", [-1]]],
        [["pixels", [True]]],
        [["pixels", ["0"]]],
        [["pixels", 0]],
        [[0, [0]]],
        [["pixels"]],
        [["x" * 1000, [0]]],
        [["a", [0]], ["b", [0]], ["c", [0]]],
        {"pixels": [0]},
        "pixels",
        7,
        None,
    ],
)
def test_what_is_no_probe_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        Probe.parse(value)


def test_what_is_selected_here_stays_in_its_surroundings(table: Population) -> None:
    steps = only(probe(("pixels", 1)))
    shown = river(table, steps, fold(steps, table))
    assert shown.total == 4
    assert boxes(shown)[0] == ((0, 1, 0), (1, 3, 3))
    assert ribbons(shown)[0] == ((0, 1, 1, 0), (1, 0, 1, 1), (1, 1, 2, 2))
    assert pressed_at(shown, steps) == (((0, 1),),)
    assert not pressed_at(shown, only(probe(("pixels", 1)), Mode.SUBTRACT))


def test_what_is_selected_elsewhere_shares_the_width_the_commonest_first(table: Population) -> None:
    steps = only(Cells(((1, 1), (0, 1))))  # 3, 4, 5: all taken for dog
    shown = river(table, steps, fold(steps, table))
    assert shown.groups.classes == (1, 0)
    assert boxes(shown) == (((0, 2, 2), (1, 1, 1)), ((0, 3, 3),), ((0, 3, 3),), ((0, 3, 3),))
    inside = (*steps, Step(Mode.INTERSECT, probe(("pixels", 1), ("hidden1", 1))))
    shown = river(table, inside, fold(inside, table))
    assert boxes(shown)[0] == ((0, 2, 2), (1, 1, 0))
    assert pressed_at(shown, inside) == (((0, 0), (1, 0)),)


def test_a_click_selects_what_it_counts(table: Population) -> None:
    shown = river(table, (), None)
    for column_number, column_boxes in enumerate(boxes(shown)):
        for group, count, _ in column_boxes:
            found = gesture(shown, ((column_number, group),))
            assert found.mask(table).sum() == count
    for gap, flows in enumerate(ribbons(shown)):
        for here, there, count, _ in flows:
            found = gesture(shown, ((gap, here), (gap + 1, there)))
            assert found.mask(table).sum() == count
            assert Probe.parse(found.to_json()) == found


def test_of_many_classes_the_most_frequent_stand_alone_and_the_rest_is_one_box() -> None:
    count = np.zeros(43, int)
    count[10:40] = np.arange(30, 0, -1)
    groups = frequent(count, np.arange(43))
    assert groups.classes == tuple(range(10, 10 + SHOWN))
    assert groups.rest == 43 - SHOWN
    few = frequent(np.where(np.arange(43) < 3, 5, 0), np.arange(43))
    assert few.classes == (0, 1, 2)
    assert frequent(np.array([0, 4]), np.array([1, 0])).classes == (1, 0)


def test_the_rest_of_many_classes_is_selected_as_one(tmp_path: Path) -> None:
    names = tuple(f"c{number}" for number in range(30))
    run = begun(tmp_path, names=names)
    commit_layers(tmp_path, run.id, layers_group(SAID + 25, np.arange(2, 6)))
    table = population(open_run(tmp_path / run.id))
    assert table is not None
    shown = river(table, (), None)
    assert sorted(shown.groups.classes) == [0, 1, 25, 26]
    shown = shown._replace(groups=frequent(np.where(np.arange(30) == 26, 1, 0), np.arange(30)))
    found = gesture(shown, ((0, 1),))
    assert found == Probe((("pixels", (25,)),))  # of 29 classes the one that occurs there


def test_the_run_is_told_in_a_sentence_and_what_pixels_say_already(table: Population) -> None:
    shown, rows = river(table, (), None), table.layers
    assert rows is not None
    told = [text for text, _ in lines(shown, rows, None)]
    assert told == [
        "50 % of all images look in pixels like what the teacher says.",  # 3 and 4
        "50 % [30, 70] of the 40 errors never look like their class in any layer.",
    ]


def test_images_that_the_stage_has_not_asked_about_are_in_no_box(tmp_path: Path, bare: Run) -> None:
    commit_layers(tmp_path, bare.id, layers_group(SAID[:, :3], np.arange(2, 5)))
    table = population(open_run(tmp_path / bare.id))
    assert table is not None
    assert river(table, (), None).total == 3
    assert not probe((TEACHER, 1)).mask(table)[table.row_of(5)]


def test_the_last_layer_is_shown_where_none_is_asked_for(table: Population) -> None:
    assert table.layers is not None
    looked = table.layers.looked
    assert looked is not None
    assert chosen(looked.layers, "pixels") == (0, "")
    assert chosen(looked.layers, "") == (1, "")
    assert chosen(looked.layers, "stem") == (1, "stem")


def said_of(run: Run) -> tuple[str, str, str]:
    lacks = missing(RIVER, Scene(run=run, table=population(run)))
    return ("", "", "") if lacks is None else (lacks.title, lacks.text, lacks.command.text)


def test_what_is_missing_is_said_with_what_to_do(tmp_path: Path, bare: Run) -> None:
    title, _, command = said_of(bare)
    assert title == "No layers looked into yet"
    assert command.startswith(f"deepvid network {bare.id} --store")
    archive = tmp_path / "toy.zip"
    write_archive(bare, archive)
    assert said_of(open_run(archive))[0] == "No layers in this archive"


def test_a_classifier_that_was_logged_says_which_tier_is_needed(tmp_path: Path) -> None:
    title, text, command = said_of(begun(tmp_path, dataset={"source": "logged"}))
    assert title == "No classifier to ask"
    assert "activations" in text
    assert not command


def test_a_model_of_ones_own_is_looked_into_as_another(tmp_path: Path) -> None:
    run = begun(tmp_path, teacher={"source": "onnx"})
    title, _, command = said_of(run)
    assert title == "No layers looked into yet"
    assert command.startswith(f"deepvid network {run.id} --store")


def test_with_the_stage_nothing_is_missing(run: Run) -> None:
    assert said_of(run) == ("", "", "")


# The test images at three columns: a square, the same one turned by a quarter, and all on one spot but one.
SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], "f4")
LAYOUT = np.stack([SQUARE, np.roll(SQUARE, 1, axis=0), np.array([[0, 0], [0, 0], [0, 0], [2, 2]], "f4")])


@pytest.fixture
def mapped(tmp_path: Path) -> Population:
    run = begun(tmp_path / "mapped")
    commit_layers(tmp_path / "mapped", run.id, layers_group(SAID, np.arange(2, 6), LAYOUT))
    found = population(open_run(tmp_path / "mapped" / run.id))
    assert found is not None
    return found


def test_a_lasso_means_the_images_inside_on_the_map_of_its_layer(mapped: Population) -> None:
    corners = (-0.5, 0.5, 0.5, -0.5), (-0.5, -0.5, 0.5, 0.5)  # around 0
    inside = {
        name: mapped.samples[LayerPolygon.drawn(name, *corners).mask(mapped)].tolist()
        for name in ("pixels", "hidden1", "logits")
    }
    assert inside == {"pixels": [2], "hidden1": [3], "logits": [2, 3, 4]}
    lasso = LayerPolygon.drawn("hidden1", *corners)
    assert LayerPolygon.parse(lasso.to_json()) == lasso
    assert lasso.sentence(mapped, 1) == "1 image in the lasso of hidden1"
    with pytest.raises(DataError, match="no layer 'teacher' among"):
        LayerPolygon.drawn(TEACHER, *corners).mask(mapped)  # what it says has no map


def test_what_is_packed_lies_where_the_layout_says(mapped: Population) -> None:
    assert mapped.layers is not None
    looked = mapped.layers.looked
    assert looked is not None
    found = packed(mapped, looked)
    assert found is packed(mapped, looked)
    low, high = np.reshape(found.span, (2, 2))
    share = np.frombuffer(found.position, "<u2").reshape(3, 4, 2) / (NOWHERE - 1)
    place = low + share * (high - low)
    np.testing.assert_allclose(place, LAYOUT, atol=1e-4)
    assert mapped.samples[found.rows].tolist() == [2, 3, 4, 5]
    assert list(found.group) == [0, 0, 1, 1]
    assert [name["text"] for name in found.names] == ["cat", "dog"]
    assert found.names[0]["at"] == [[0.5, 0], [0, 0.5], [0, 0]]  # medians of 2 and 3
    mask = np.isin(mapped.samples, [3, 5])
    assert list(selected(found, mask)) == [0, 1, 0, 1]
    assert selected(found, None) == b""
    assert point_of(found, mapped.row_of(4)) == 2
    assert point_of(found, None) == -1


def test_a_map_says_how_much_of_it_is_to_be_believed(mapped: Population) -> None:
    assert mapped.layers is not None
    looked = mapped.layers.looked
    assert looked is not None
    pixels, hidden, _ = looked.layers.columns
    assert (
        trust(pixels, None, "PCA") == "PCA of its code · keeps 20 % [18, 22] of the 10 nearest, chance 2.0 %"
    )
    assert trust(hidden, pixels, "PCA").endswith("· mirrored and turned onto pixels, residual 0.30 of 1.41")
    assert trust(hidden._replace(preservation=None, residual=None), pixels, "PCA") == "PCA of its code"
