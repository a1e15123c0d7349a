"""A run without labels on the page: every answer is held against its runner-up, and nothing is wrong."""

from pathlib import Path

import numpy as np
import pytest
from micro import experiment

import deepvid
from dashboards.data.captions import verdict
from dashboards.data.feature_neighbors import space
from dashboards.data.orders import groupings, order, orders, to_study
from dashboards.data.population import Population, population
from dashboards.data.query import QueryError, evaluated, words
from dashboards.data.runs import run_rows
from dashboards.data.saving import csv_of, save_arrays, save_table
from dashboards.data.values import VALUES
from dashboards.kit.elements import walk
from dashboards.kit.matrix import matrix
from dashboards.session.gestures import Cells, Ring
from dashboards.session.needs import LABELS, missing
from dashboards.session.scene import Scene
from dashboards.session.selection import Mode, Step, confusion_sentence, selection_sentence, tally
from dashboards.views.confusion import confusions
from dashboards.views.map.coloring import coloring
from dashboards.views.map.words import above
from dashboards.views.morph import goal
from dashboards.views.pairs import pairs
from dashboards.views.path import drawn, path
from dashboards.views.sunburst.table import sectors
from dashboards.views.sunburst.words import sentence, truth
from deepvid.progress import SILENT
from deepvid.store import Mark, Run, list_runs

NAMES = ("ant", "bee", "cat")
LOGITS = np.random.default_rng(3).normal(size=(90, 3)).astype(np.float32)
SECOND = np.argsort(-LOGITS, axis=1)[:, 1]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("unlabeled")
    np.savez(folder / "answers.npz", logits=LOGITS)
    micro = experiment(projections=[{"method": "pca"}]).model_dump(mode="json")
    settings = {name: micro[name] for name in ("soft_tree", "projections")}
    pictures = np.zeros((90, 8, 8), np.uint8)
    return deepvid.explain(
        folder / "answers.npz", pictures, class_names=NAMES, store=folder / "runs", settings=settings
    )


@pytest.fixture(scope="module")
def table(run: Run) -> Population:
    known = population(run)
    assert known is not None
    return known


def test_an_answer_is_held_against_its_runner_up_and_none_is_wrong(table: Population) -> None:
    np.testing.assert_array_equal(table.label, SECOND[table.samples])
    np.testing.assert_array_equal(table.filed, LOGITS.argmax(axis=1)[table.samples])
    assert table.wrong is None
    assert table.against == "runner-up"
    assert not table.confusion().diagonal().any()
    assert table.confusion().sum() == 90
    assert tally(table, None) == (90, None)


def test_the_least_sure_image_comes_first_and_is_studied_first(table: Population) -> None:
    known = orders(table)
    assert next(iter(known)) == "worst"
    assert known["worst"][0] == "least sure first"
    assert not {"loss", "margin"} & set(known)
    chances = np.sort(np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True), axis=1)
    margin = chances[:, -1] - chances[:, -2]
    ordered = table.samples[order(table, "worst").rows]
    np.testing.assert_allclose(margin[ordered], np.sort(margin), atol=1e-6)
    first = to_study(table, None)
    assert first is not None
    assert table.samples[first] == ordered[0]


def test_what_needs_labels_is_refused_in_a_query_and_the_runner_up_is_asked_for(table: Population) -> None:
    for text in ('true == "ant"', "wrong", "loss > 1"):
        with pytest.raises(QueryError, match="labels tell"):
            evaluated(text, table)
    found = evaluated('runner_up == "bee" and predicted != runner_up', table)
    np.testing.assert_array_equal(found, SECOND[table.samples] == 1)
    offered = {word for word, _ in words(table)}
    assert "runner_up" in offered
    assert not {"true", "wrong", "loss"} & offered


def test_sentences_say_the_runner_up_and_no_error(table: Population) -> None:
    row = int(np.flatnonzero((table.filed == 0) & (table.label == 1))[0])
    assert verdict(table, row) == "ant rather than bee"
    assert selection_sentence(table, (), tally(table, None)) == "90 images · without labels"
    assert confusion_sentence(table, (), tally(table, None)) == "Predicted against runner-up"
    count = int(((table.filed == 0) & (table.label == 1)).sum())
    assert Cells(((1, 0),)).sentence(table, count) == f"{count} ant rather than bee"
    assert Cells(((1, 0), (1, 2))).sentence(table, 9) == "9 images whose runner-up is bee"
    assert Cells(((1, 0), (2, 0))).sentence(table, 9) == "9 images predicted as ant"
    assert Ring(1).sentence(table, 2) == "2 images that leave the teacher's class at decision 1"
    assert groupings(table)["true"].words == "runner-up"


def test_the_matrix_and_the_pairs_name_the_runner_up(table: Population) -> None:
    counted = confusions(table, (), None)
    shown = matrix(counted, NAMES, "counts", {})
    count = int(((table.filed == 0) & (table.label == 1)).sum())
    assert shown.hints[3].startswith(f"{count} with runner-up bee taken for ant")
    assert shown.heads[1].row.startswith("all runner-up bee: ")
    assert counted.groups.whose(NAMES, 1) == "with runner-up bee"
    found = pairs(table.confusion(), NAMES, frozenset(), together=True, labeled=False)
    between = int((np.isin(table.filed, (0, 1)) & np.isin(table.label, (0, 1))).sum())
    of = int(np.isin(table.filed, (0, 1)).sum())
    (ant_bee,) = [pair for pair in found.rows if {NAMES[pair.first], NAMES[pair.second]} == {"ant", "bee"}]
    assert (ant_bee.images, ant_bee.rate.value) == (between, between / of)
    assert "have the other as their runner-up" in ant_bee.hint


def test_a_map_is_colored_by_what_is_predicted(table: Population) -> None:
    bar = above("", table, next(iter(table.maps.values())), "error")
    (menu,) = [choice for choice in bar["choices"] if choice["name"] == "color"]
    offered = {name: text for name, text, *_ in menu["options"]}
    assert offered["label"] == "predicted class"
    assert menu["value"] == "label"
    assert not {"error", "predicted", "loss"} & set(offered)
    np.testing.assert_array_equal(coloring(table, "error").group, table.filed + 1)


def test_a_tree_is_measured_by_the_teacher(table: Population) -> None:
    decisions = table.decisions
    assert decisions is not None
    np.testing.assert_array_equal(decisions.true, table.filed)
    shown = sectors(decisions.tree, decisions.count(), None)
    away = int((decisions.label[decisions.end] != table.filed).sum())
    assert sentence(shown, decisions.tree.root, labeled=False) == f"{away} unlike the teacher"
    text, hint = truth(decisions, NAMES)
    assert "As the teacher: hard" in text
    assert "The teacher itself" not in hint
    agreement = decisions.accuracy["hard_agreement"].value
    assert agreement == pytest.approx(1 - away / 90)


def test_a_path_parts_from_the_runner_up_and_is_not_astray(table: Population) -> None:
    decisions = table.decisions
    assert decisions is not None
    leaf = decisions.label[decisions.end]
    row = int(np.flatnonzero((leaf == table.filed) & (leaf != table.label))[0])
    found = path(decisions, table, row, ())
    assert any(each.label == "runner-up" for each in walk(drawn(found, table)))
    assert found.title.startswith("Parts from")
    assert not any(step.astray for step in found.steps)


def test_a_way_leads_to_what_the_teacher_takes_for_the_runner_up(run: Run, table: Population) -> None:
    sample = int(table.samples[0])
    found = goal(table, space(run), sample)
    assert found is not None
    assert LOGITS[found.sample].argmax() == SECOND[sample]
    assert "its second choice" in found.why


def test_files_have_the_runner_up_and_no_label(table: Population, tmp_path: Path) -> None:
    save_arrays(tmp_path / "some.npz", table, None, SILENT)
    with np.load(tmp_path / "some.npz") as saved:
        assert "label" not in saved
        np.testing.assert_array_equal(saved["runner_up"], SECOND)
    save_table(tmp_path / "some.csv", table, None, SILENT)
    header = (tmp_path / "some.csv").read_text().splitlines()[0].split(",")
    assert "runner_up" in header
    assert not {"true", "wrong"} & set(header)
    line = csv_of([table], {0: Mark("", "", None)}).splitlines()[1].split(",")
    assert line[3] == ""  # its true class


def test_a_list_of_runs_leaves_their_accuracy_out(run: Run) -> None:
    (row,) = run_rows(list_runs(run.path.parent)).rows
    assert row["accuracy"] is None
    assert row["calibration"] is None


def test_what_labels_are_needed_for_says_so(table: Population) -> None:
    lacks = missing([LABELS], Scene(table=table))
    assert lacks is not None
    assert "Nobody labeled the images" in lacks.text


def test_a_selection_is_told_without_errors(table: Population) -> None:
    steps = (Step(Mode.REPLACE, Cells(((1, 0), (1, 2)))),)
    mask = steps[0].gesture.mask(table)
    assert confusion_sentence(table, steps, tally(table, mask)).endswith("whose runner-up is bee")
    assert VALUES["runner_up"].there(table)
