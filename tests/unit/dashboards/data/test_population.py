"""A run as a table of rows, from a run of six hand-made images: two to train on, four to test on."""

import numpy as np
import pytest
import xarray as xr

from dashboards.data.population import population
from deepvid.store import open_run, open_writer

KEY = "0" * 64
LABEL = np.array([0, 1, 0, 1, 2, 2], np.int32)
POSITION = np.array([[1, 1], [0, 1], [1, 0], [0, 0]], np.float32)  # of samples 2 to 5


@pytest.fixture
def writer(tmp_path):
    config = {"name": "toy", "teacher": {"epochs": 3}}
    with open_writer(tmp_path, "toy", config=config, provenance={}) as opened:
        yield opened


def _dataset(writer):
    images = np.arange(6, dtype=np.uint8)[:, None, None, None] * np.ones((6, 2, 2, 1), np.uint8)
    data = {
        "image": (("sample", "y", "x", "channel"), images),
        "label": ("sample", LABEL),
        "test": ("sample", np.array([False, False, True, True, True, True])),
    }
    writer.commit_stage("dataset", KEY, xr.Dataset(data, attrs={"class_names": ["a", "b", "c"]}))


def _map(writer, name="tsne-features-2d", method="tsne", position=POSITION, samples=(2, 3, 4, 5), **shares):
    attrs = {
        "projection": {"method": method, "of": "features"},
        "quality": {"continuity": {"value": 0.9, "low": 0.8, "high": 1.0, "chance": 0.5}},
    }
    data = {"position": (("sample", "dimension"), position)}
    data |= {name: ("sample", np.array(share, np.float32)) for name, share in shares.items()}
    coordinate = {"sample": np.array(samples, np.int32)}
    writer.commit_stage(f"projection-{name}", KEY, xr.Dataset(data, coords=coordinate, attrs=attrs))


def _teacher(writer, said=(0, 1, 0, 0, 2, 1), unseen=(), of_file=None):
    logits = np.zeros((6, 3), np.float32)
    logits[np.arange(6), said] = np.log(4)  # probabilities 4/6, 1/6, 1/6
    logits[list(unseen)] = np.nan
    data = {"logits": (("sample", "class"), logits), "features": (("sample", "feature"), logits)}
    if of_file is not None:
        data["class_of_file"] = "sample", np.array(of_file, np.int32)
    writer.commit_stage("teacher", KEY, xr.Dataset(data))


def test_an_image_that_a_logged_training_did_not_use_has_no_prediction(writer):
    _dataset(writer)
    _teacher(writer, unseen=[0, 3])
    _map(writer, position=np.zeros((6, 2), np.float32), samples=range(6))
    table = population(writer.run)
    rows = table.row_of_sample
    assert table.predicted[rows].tolist() == [-1, 1, 0, -1, 2, 1]
    assert np.isnan(table.confidence[rows]).tolist() == [True, False, False, True, False, False]
    assert not table.wrong[rows[3]]
    assert table.logits(rows[3]) is None
    assert table.confusion().sum() == 4


def test_an_answer_to_a_file_that_is_no_class_of_the_run_is_none(writer):
    _dataset(writer)
    _teacher(writer, of_file=[0, 1, 1, -7, 3, -1])
    table = population(writer.run)
    assert table.of_file.tolist() == [1, -1, -1, -1]
    assert table.differs.tolist() == [True, False, False, False]


def test_there_is_no_table_before_the_images(writer):
    assert population(writer.run) is None


def test_rows_are_test_images_by_index_until_a_map_sorts_them(writer):
    _dataset(writer)
    table = population(writer.run)
    assert table.samples.tolist() == [2, 3, 4, 5]
    assert table.predicted is None
    assert table.default_map is None
    _map(writer)
    table = population(writer.run)
    assert table.samples.tolist() == [5, 4, 3, 2]  # tiles go from the bottom left, row by row
    assert table.label.tolist() == [2, 2, 1, 0]
    assert [table.row_of(sample) for sample in (1, 2, 5, 9, -1)] == [None, 3, 0, None, None]
    assert (table.maps["tsne-features-2d"].x.tolist(), table.maps["tsne-features-2d"].y.tolist()) == (
        [0, 1, 0, 1],
        [0, 0, 1, 1],
    )


def test_images_come_in_the_order_asked_for_repeated_or_not(writer):
    _dataset(writer)
    assert population(writer.run).images([3, 0, 3])[:, 0, 0, 0].tolist() == [5, 2, 5]


def test_predictions_confidence_and_probabilities_follow_the_rows(writer):
    _dataset(writer)
    _map(writer)
    _teacher(writer)
    table = population(writer.run)
    assert table.predicted.tolist() == [1, 2, 0, 0]
    assert table.wrong.tolist() == [True, False, True, False]
    np.testing.assert_allclose(table.confidence, 4 / 6, rtol=1e-6)
    np.testing.assert_allclose(table.probabilities(0), [1 / 6, 4 / 6, 1 / 6], rtol=1e-6)
    assert table.partial is None
    assert table.confusion().tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 1]]
    assert table.confusion(np.array([True, True, False, False])).tolist() == [[0, 0, 0], [0, 0, 0], [0, 1, 1]]


def test_confusion_cells_mean_rows(writer):
    _dataset(writer)
    _map(writer)
    chosen = np.zeros((3, 3), bool)
    chosen[[2, 1], [1, 0]] = True
    assert not population(writer.run).in_cells(chosen).any()
    assert not population(writer.run).confusion().any()
    _teacher(writer)
    assert population(writer.run).in_cells(chosen).tolist() == [True, False, True, False]


def test_a_teacher_in_training_is_partial_and_says_so(writer):
    _dataset(writer)
    logits = np.zeros((4, 3), np.float32)
    logits[:, 1] = 1
    template = {
        "test_logits": (("sample", "class"), logits),
        "test_features": (("sample", "feature"), logits),
        "parameters": ("parameter", np.zeros(1, np.float32)),
    }
    epoch = xr.Dataset(template, coords={"sample": np.array([2, 3, 4, 5], np.int32)})
    series = writer.series("teacher", KEY, epoch, 3)
    assert population(writer.run).partial is None
    series.append(epoch, metrics={}, state=None)
    table = population(writer.run)
    assert table.partial == "teacher after epoch 1 of 3"
    assert table.predicted.tolist() == [1, 1, 1, 1]


def test_a_row_the_training_teacher_has_not_seen_is_unknown_not_wrong(writer):
    _dataset(writer)
    _map(writer, samples=(0, 1, 2, 3))
    epoch = xr.Dataset(
        {"test_logits": (("sample", "class"), np.eye(3, dtype=np.float32)[[0, 0, 0, 0]])},
        coords={"sample": np.array([2, 3, 4, 5], np.int32)},
    )
    writer.series("teacher", KEY, epoch, 3).append(epoch, metrics={}, state=None)
    table = population(writer.run)
    assert table.samples.tolist() == [3, 2, 1, 0, 4, 5]  # what the map shows, then the other test images
    assert table.predicted.tolist() == [0, 0, -1, -1, 0, 0]
    assert table.wrong.tolist() == [True, False, False, False, True, True]
    assert table.probabilities(2) is None
    assert np.isnan(table.maps["tsne-features-2d"].x[4:]).all()
    assert table.confusion().sum() == 4


def test_the_default_map_is_the_curved_one_and_a_growing_run_keeps_its_order(writer):
    _dataset(writer)
    _map(writer, "pca-pixels-2d", "pca", POSITION[::-1])
    assert population(writer.run).default_map.name == "pca-pixels-2d"
    _map(writer)
    before = population(writer.run)
    assert before.default_map.name == "tsne-features-2d"
    _map(writer, "umap-features-2d", "umap", POSITION[::-1])
    _teacher(writer)
    after = population(writer.run)
    assert after.default_map.name == "tsne-features-2d"
    assert after.samples.tolist() == before.samples.tolist()
    assert list(after.maps) == ["pca-pixels-2d", "tsne-features-2d", "umap-features-2d"]


def test_maps_of_three_dimensions_stand_beside_the_flat_ones_in_the_order_of_rows(writer):
    _dataset(writer)
    deep = np.c_[POSITION, [2, 3, 4, 5]].astype(np.float32)
    _map(writer, "tsne-features-3d", "tsne", deep)
    table = population(writer.run)
    assert (table.maps, table.default_map) == ({}, None)
    assert table.maps_3d["tsne-features-3d"].position[:, 2].tolist() == [2, 3, 4, 5]
    assert table.maps_3d["tsne-features-3d"].title == "t-SNE of features, 3-D"
    _map(writer)
    table = population(writer.run)
    assert table.samples.tolist() == [5, 4, 3, 2]
    assert table.maps_3d["tsne-features-3d"].position[:, 2].tolist() == [5, 4, 3, 2]


def test_sessions_share_one_table_until_the_run_grows(writer):
    _dataset(writer)
    table = population(writer.run)
    assert population(open_run(writer.run.path)) is table
    _teacher(writer)
    assert population(writer.run) is not table


def test_a_map_says_its_quality_with_chance(writer):
    _dataset(writer)
    _map(writer)
    chosen = population(writer.run).maps["tsne-features-2d"]
    assert chosen.title == "t-SNE of features"
    assert chosen.quality["continuity"] == (0.9, 0.8, 1.0, 0.5)


def test_hits_of_a_map_stand_by_row(writer):
    _dataset(writer)
    _map(writer, hit=[0.1, 0.2, 0.3, 0.4], data_hit=[0.5, 0.6, 0.7, np.nan])
    table = population(writer.run)
    hits = table.maps["tsne-features-2d"].hits
    by_sample = {2: (0.1, 0.5), 3: (0.2, 0.6), 4: (0.3, 0.7), 5: (0.4, np.nan)}
    found = list(zip(hits.on_map, hits.in_data, strict=True))
    np.testing.assert_allclose(found, [by_sample[sample] for sample in table.samples.tolist()], rtol=1e-6)
