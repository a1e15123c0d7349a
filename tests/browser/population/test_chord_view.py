"""The chord diagram (B-I5, B-F1) in a real browser: ribbons, arcs, the diagonal, rates, selections."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboards.session.gestures import Cells, Query
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.theme import class_color
from dashboards.views.chord.view import ChordView, Own

pytestmark = pytest.mark.browser

_SOURCE = "figure.renderers.find((r) => r.glyph.type == '{}').data_source.data"
RIBBONS, ARCS, NAMES = map(_SOURCE.format, ("Patches", "AnnularWedge", "Text"))
HEADS = f"{RIBBONS}.head"


@pytest.fixture
def open_chord(open_views: Any) -> Callable[[Path], Session]:
    """Serves the map beside the chord diagram and returns the page's session."""
    return partial(open_views, beside=ChordView)


@pytest.fixture
def chord(open_chord, synthetic_run, figure, wait_until):
    session, view = open_chord(synthetic_run), figure("chord")
    wait_until(lambda: view.model(f"{HEADS}.length"))
    return session, view.settle()


def _read(view, source, *columns):
    """Columns by name, all at one instant."""
    lists = view.model(
        f"[{', '.join(f'{source}.{column}' for column in columns)}].map((column) => Array.from(column, "
        "(item) => typeof item == 'object' ? Array.from(item) : item))"
    )
    return dict(zip(columns, lists, strict=True))


def _ribbon(view, head):
    """Just inside the sent end of the ribbon that says `head`."""
    shown = _read(view, RIBBONS, "xs", "ys", "head")
    at = next(k for k, said in enumerate(shown["head"]) if said.endswith(head))
    return 0.998 * shown["xs"][at][12], 0.998 * shown["ys"][at][12]


def _arc(view, head):
    shown = _read(view, ARCS, "start", "end", "head")
    at = next(k for k, said in enumerate(shown["head"]) if said.endswith(head))
    angle = (shown["start"][at] + shown["end"][at]) / 2
    return 0.96 * np.cos(angle), 0.96 * np.sin(angle)


def _errors(session, mask=None):
    count = session.population.confusion(mask)
    return count * ~np.eye(len(count), dtype=bool)


def _alphas(view):
    shown = _read(view, RIBBONS, "head", "alpha")
    return dict(zip(shown["head"], shown["alpha"], strict=True))


def _commonest(session):
    true, predicted = np.unravel_index(_errors(session).argmax(), (10, 10))
    return int(true), int(predicted)


def test_b_i5_a_click_on_a_ribbon_selects_its_images(chord, wait_until, page):
    session, view = chord
    true, predicted = _commonest(session)
    count = int(_errors(session)[true, predicted])
    head = f"class {true} taken for class {predicted}"
    before = _read(view, RIBBONS, "xs")
    view.click(*_ribbon(view, head))
    wait_until(lambda: session.selection.count)
    assert session.selection.steps == (Step(Mode.REPLACE, Cells(((true, predicted),))),)
    assert session.selection.count == count
    page.get_by_text(f"{count} {head}").first.wait_for()
    wait_until(lambda: min(_alphas(view).values()) < 0.2)
    alphas = _alphas(view)
    assert [said for said, alpha in alphas.items() if alpha > 0.5] == [f"{count} {head}"]
    assert _read(view, RIBBONS, "xs") == before  # the others stay where they are, to be clicked
    page.wait_for_timeout(400)  # sooner it would be a double click
    view.click(*_ribbon(view, head))
    wait_until(lambda: session.selection.mask is None)
    wait_until(lambda: min(_alphas(view).values()) > 0.5)


def test_b_i5_shift_adds_a_ribbon_and_control_takes_it_out(chord, wait_until, page):
    session, view = chord
    view.click(*_arc(view, "class 3 taken for another class"))
    wait_until(lambda: session.selection.count)
    errors = np.argwhere(_errors(session))
    true, predicted = next(pair for pair in errors.tolist() if pair[0] not in (3,))
    page.keyboard.down("Shift")
    view.click(*_ribbon(view, f"class {true} taken for class {predicted}"))
    page.keyboard.up("Shift")
    wait_until(lambda: len(session.selection.steps) == 2)
    assert session.selection.steps[1] == (Mode.ADD, Cells(((true, predicted),)))
    page.wait_for_timeout(400)
    page.keyboard.down("Control")
    view.click(*_ribbon(view, f"class {true} taken for class {predicted}"))
    page.keyboard.up("Control")
    wait_until(lambda: len(session.selection.steps) == 3)
    assert session.selection.count == _errors(session)[3].sum()


def test_b_i5_arcs_are_false_negatives_and_false_positives(chord, wait_until, page):
    session, view = chord
    errors = _errors(session)
    assert _read(view, ARCS, "head")["head"] == [
        f"{errors[group].sum()} class {group} taken for another class"
        for group in session.population.decisions.tree.order
    ] + [
        f"{errors[:, group].sum()} of another class taken for class {group}"
        for group in session.population.decisions.tree.order
    ]
    view.click(*_arc(view, "class 3 taken for another class"))
    wait_until(lambda: session.selection.count == errors[3].sum())
    page.get_by_text(f"{errors[3].sum()} class 3 taken for another class").first.wait_for()
    view.click(*_arc(view, "of another class taken for class 3"))
    wait_until(lambda: session.selection.count == errors[:, 3].sum())
    page.get_by_text(f"{errors[:, 3].sum()} images mistaken for class 3").first.wait_for()


def test_b_f1_the_diagonal_shows_what_is_recognized(chord, wait_until, page):
    session, view = chord
    count = session.population.confusion()
    heads = _read(view, RIBBONS, "head")["head"]
    assert len(heads) == np.count_nonzero(_errors(session))
    assert not any(said.endswith("recognized") for said in heads)
    page.get_by_role("button", name="all", exact=True).click()
    wait_until(lambda: view.model(f"{HEADS}.length") == np.count_nonzero(count))
    view.click(*_ribbon(view, "class 3 recognized"))
    wait_until(lambda: session.selection.count == count[3, 3])
    view.click(*_arc(view, "class 3 taken for another class"))
    wait_until(lambda: session.selection.count == count[3].sum())


def test_b_f1_rates_are_of_the_true_class(chord, wait_until, page):
    session, view = chord
    rates = _errors(session) / session.population.confusion().sum(axis=1, keepdims=True)
    before = _read(view, ARCS, "start")["start"]
    page.get_by_role("button", name="rate", exact=True).click()
    wait_until(lambda: _read(view, ARCS, "start")["start"] != before)
    shown = _read(view, ARCS, "start", "end")
    length = np.array(shown["start"]) - np.array(shown["end"])
    order = session.population.decisions.tree.order
    np.testing.assert_allclose(length[:10] / length[:10].sum(), rates.sum(axis=1)[order] / rates.sum())
    np.testing.assert_allclose(length[10:] / length[10:].sum(), rates.sum(axis=0)[order] / rates.sum())


def test_b_i5_a_lasso_shares_the_circle_among_its_images(chord, figure, wait_until):
    session, view = chord
    figure("map").drag([(10, -20), (32, -20), (32, 20), (10, 20)])
    wait_until(lambda: session.selection.count)
    errors = _errors(session, session.selection.mask)
    assert 0 < errors.sum() < _errors(session).sum()
    expected = sorted(
        f"{errors[true, predicted]} class {true} taken for class {predicted}"
        for true, predicted in np.argwhere(errors)
    )
    wait_until(lambda: sorted(_read(view, RIBBONS, "head")["head"]) == expected)
    assert all("of all images" in said for said in _read(view, RIBBONS, "numbers")["numbers"])


def test_b_i5_hover_says_the_cell_its_count_and_its_share(chord, page):
    session, view = chord
    true, predicted = _commonest(session)
    count, images = _errors(session)[true, predicted], session.population.confusion()[true].sum()
    view.hover(*_ribbon(view, f"class {true} taken for class {predicted}"))
    page.get_by_text(f"{count} class {true} taken for class {predicted}").wait_for()
    page.get_by_text(f"{float(f'{100 * count / images:.2g}'):g} % of {images} class {true}").wait_for()


def test_b_i5_a_ribbon_has_the_color_of_the_predicted_class(chord):
    session, view = chord
    true, predicted = _commonest(session)
    shown = _read(view, RIBBONS, "head", "color")
    color = dict(zip(shown["head"], shown["color"], strict=True))
    count = _errors(session)[true, predicted]
    assert color[f"{count} class {true} taken for class {predicted}"] == class_color(predicted)


def test_b_i5_what_no_choice_of_it_is_is_ignored(chord, page, wait_until):
    session, view = chord
    before = _read(view, RIBBONS, "head")
    asked = [None, [], ["unit"], ["unit", "percent"], ["diagonal", float("nan")], ["steps", "on"], "on", 3]
    chord_view = next(each for each in session.linker.views if isinstance(each, ChordView))
    for choice in asked:
        chord_view._choose(choice)
        assert chord_view.local_state() == Own()
    assert _read(view, RIBBONS, "head") == before


@pytest.mark.parametrize("classes", [43, 100, 345])
def test_b_i5_of_many_classes_the_most_confused_are_named_and_the_rest_is_one(
    open_chord, synthetic, figure, wait_until, tmp_path, page, classes
):
    session = open_chord(synthetic.write_run(tmp_path, synthetic.Shape(4000, classes=classes)))
    view = figure("chord")
    wait_until(lambda: view.model(f"{HEADS}.length"))
    view.settle()
    names = view.model(f"{NAMES}.text")
    assert f"{classes - 20} others" in names
    assert len(names) <= 21
    page.get_by_text(f"The 20 most confused of {classes} classes. ").wait_for()
    shown = _read(view, RIBBONS, "xs", "ys", "head")
    head = next(said for said in reversed(shown["head"]) if "other" not in said)
    view.click(*_ribbon(view, head))
    wait_until(lambda: session.selection.count)
    [(true, predicted)] = session.selection.steps[-1].gesture.cells
    assert head.endswith(f"class {true} taken for class {predicted}")
    view.click(*_arc(view, f"of the other {classes - 20} classes taken for one of the 20 shown"))
    wait_until(lambda: len(session.selection.steps[-1].gesture.cells) > 1)
    cells = np.array(session.selection.steps[-1].gesture.cells)
    assert session.selection.count == session.population.confusion()[tuple(cells.T)].sum()


def test_b_i5_a_class_that_is_searched_for_is_named_with_what_it_is_confused_with(
    open_chord, synthetic, figure, wait_until, tmp_path, page
):
    session = open_chord(synthetic.write_run(tmp_path, synthetic.Shape(4000, classes=100)))
    view = figure("chord")
    wait_until(lambda: view.model(f"{HEADS}.length"))
    errors = _errors(session).sum(axis=0) + _errors(session).sum(axis=1)
    few = int(np.argmin(np.where(errors > 0, errors, errors.max())))
    field = page.get_by_role("combobox", name="Class to show")
    field.fill(f"class {few}")
    field.press("Enter")
    wait_until(lambda: session.navigation.classes == str(few))
    page.get_by_text(f"class {few} and the 19 it is most confused with, of 100 classes.").wait_for()
    wait_until(lambda: f"class {few}" in view.model(f"{NAMES}.text"))


def test_b_i5_two_classes_are_readable(open_chord, synthetic, figure, wait_until, tmp_path):
    open_chord(synthetic.write_run(tmp_path, synthetic.Shape(300, classes=2)))
    view = figure("chord")
    wait_until(lambda: view.model(f"{HEADS}.length") == 2)
    assert sorted(view.model(f"{NAMES}.text")) == ["class 0", "class 1"]


def test_b_i5_before_the_first_epoch_it_says_when_it_comes_and_then_it_is_there(
    open_chord, synthetic, figure, wait_until, page, tmp_path
):
    shape, random = synthetic.Shape(300), np.random.default_rng(0)
    label = random.integers(0, 10, 300, dtype=np.int32)
    with synthetic.open_writer(tmp_path, "growing", config={"name": "growing"}, provenance={}) as writer:
        synthetic.write_images(writer, shape, label, random)
        session = open_chord(tmp_path / "growing")
        page.get_by_text("The chord diagram appears after the teacher's first epoch").wait_for()
        synthetic.write_teacher(writer, shape, label, random)
        session.schedule(session.poll)
        view = figure("chord")
        wait_until(lambda: view.model(f"{HEADS}.length") == np.count_nonzero(_errors(session)))


def test_b_i5_without_errors_it_says_so_and_the_diagonal_shows_what_is_right(
    open_chord, synthetic_run, figure, wait_until, page
):
    session = open_chord(synthetic_run)
    view = figure("chord")
    step = Step(Mode.REPLACE, Query("predicted == true"))
    session.schedule(lambda: session.select(step))
    wait_until(lambda: view.model(f"{NAMES}.text") == ["No errors to show: choose “all” for the diagonal"])
    assert view.model(f"{HEADS}.length") == 0
    page.get_by_role("button", name="all", exact=True).click()
    wait_until(lambda: view.model(f"{HEADS}.length") == 10)
