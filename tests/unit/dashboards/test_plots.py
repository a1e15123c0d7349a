"""Plots for notebooks: what they draw is what the run holds."""

import re
from pathlib import Path

import holoviews as hv
import numpy as np
import pytest

import deepvid
from dashboards import plots
from dashboards.data.population import population
from dashboards.plots import population as module
from dashboards.theme import class_color
from deepvid.errors import DataError
from deepvid.store import Run

hv.extension("bokeh")


@pytest.fixture(scope="module")
def run(tiny_run: Path) -> Run:
    return deepvid.open_run(tiny_run)


@pytest.fixture(scope="module")
def table(run: Run) -> hv.Dataset:
    return plots.samples(run)


def test_the_table_has_every_sample_of_the_map_with_its_classes(run: Run, table: hv.Dataset) -> None:
    stored = run.open("projection-tsne-features-2d")
    rows = np.argsort(table["sample"])
    np.testing.assert_array_equal(table["sample"][rows], stored["sample"])
    np.testing.assert_array_equal(np.stack([table["x"], table["y"]], axis=1)[rows], stored["position"])
    names, sample = np.array(run.class_names), stored["sample"].to_numpy()
    np.testing.assert_array_equal(table["true"][rows], names[run.open("dataset")["label"][sample]])
    logits = run.open("teacher")["logits"].to_numpy()[sample]
    np.testing.assert_array_equal(table["predicted"][rows], names[logits.argmax(axis=1)])


def test_another_map_is_asked_for_by_its_name(run: Run) -> None:
    assert plots.samples(run, "pca-pixels-2d").label == "PCA of pixels"
    with pytest.raises(DataError, match=r"'pca'.*pca-pixels-2d"):
        plots.samples(run, "pca")


def test_a_point_has_the_color_of_its_class(run: Run, table: hv.Dataset) -> None:
    colors = plots.map(table, "predicted").opts["cmap"]
    assert colors == {name: class_color(index) for index, name in enumerate(run.class_names)}


def test_many_points_are_aggregated_by_datashader(table: hv.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY", len(table) - 1)
    picture = plots.map(table)
    assert isinstance(picture, hv.DynamicMap)
    alpha = picture[()].dimension_values(3, flat=False)
    assert (alpha > 0).any()
    assert (alpha == 0).any()


def test_the_matrix_counts_every_cell(run: Run, table: hv.Dataset) -> None:
    matrix = plots.confusion(table)
    counts = {(row["true"], row["predicted"]): row["images"] for row in _rows(matrix) if row["images"] > 0}
    confused, names = population(run).confusion(), run.class_names
    assert counts == {
        (names[true], names[predicted]): confused[true, predicted]
        for true, predicted in np.argwhere(confused)
    }


def test_map_and_matrix_are_brushed_together(table: hv.Dataset) -> None:
    link = hv.link_selections.instance()
    shown = link(plots.map(table) + plots.confusion(table))
    link.selection_expr = hv.dim("x") > float(np.median(table["x"]))
    brushed = shown[1][()].get(1)  # on top: what is selected
    assert np.nansum(brushed["images"]) == (table["x"] > np.median(table["x"])).sum()


@pytest.mark.parametrize("hierarchy", ["head", "soft"])
def test_the_root_and_the_rim_of_a_sunburst_have_every_image(run: Run, hierarchy: str) -> None:
    sectors, images = plots.sunburst(run, hierarchy).data, population(run).rows
    assert sectors[-1]["images"] == images  # the root comes last
    rim = [sector for sector in sectors if np.hypot(sector["across"], sector["up"]).max() > 1 - 1e-9]
    assert sum(sector["images"] for sector in rim) == images
    for sector in rim:
        outer = np.hypot(sector["across"], sector["up"]) > 1 - 1e-9
        turn = np.unwrap(np.arctan2(sector["across"][outer], sector["up"][outer]))
        assert turn[-1] - turn[0] == pytest.approx(2 * np.pi * sector["images"] / images)


def test_a_chord_is_a_confusion(run: Run) -> None:
    chord = plots.chord(run)
    confused = population(run).confusion()
    assert chord["images"].sum() == confused.sum() - np.trace(confused)
    assert len(chord) == (confused > 0).sum() - (np.diag(confused) > 0).sum()


def test_curves_are_the_metrics_of_the_epochs(run: Run) -> None:
    loss, *_ = plots.curves(run, measures=("train_loss", "test_loss"))
    stored = [commit.metrics for commit in run.commits if commit.kind == "epoch" and commit.name == "teacher"]
    for split in ("train", "test"):
        assert loss[split]["loss"].tolist() == [epoch[f"{split}_loss"] for epoch in stored]
    assert len(plots.curves(run, "vae")) > 1
    with pytest.raises(DataError, match=re.escape("Epochs of the teacher have bleu")):
        plots.curves(run, measures=("bleu",))


def test_an_explanation_is_the_image_and_a_map_a_method(run: Run) -> None:
    sample = int(run.students().student[0])
    layout = plots.explanation(run, sample, ("hirescam", "student"))
    image, hirescam, student = (element for element in layout)
    np.testing.assert_array_equal(_pixels(image), run.open("dataset")["image"][sample, ..., 0])
    batches = [stage.open() for stage in run.batches("explanations")]
    (batch,) = (batch for batch in batches if sample in batch["sample"])
    stored = batch["map"].to_numpy()[batch["sample"].to_numpy() == sample][0].astype(float)
    methods = list(batch.attrs["methods"])
    for picture, method in ((hirescam, "hirescam"), (student, "student")):
        of_method = stored[methods.index(method)]
        np.testing.assert_allclose(_pixels(picture), of_method / np.abs(of_method).mean(), rtol=1e-5)
    with pytest.raises(DataError, match="Image 0 is explained"):
        plots.explanation(run, 0)


def _rows(element: hv.Dataset) -> list[dict[str, object]]:
    names = [dimension.name for dimension in element.dimensions()]
    return [dict(zip(names, row, strict=True)) for row in element.dframe().itertuples(index=False)]


def _pixels(picture: hv.Image) -> np.ndarray:
    return picture.dimension_values(2, flat=False)[::-1]
