"""The population first: errors by their cause, the review of labels, and the column of filters."""

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accessible import violations
from diagnosed import causes_group
from playwright.sync_api import Page, expect
from resting import rested

from dashboards.session.gestures import Samples
from dashboards.session.notes import new_mark
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from deepvid.causes import CAUSES

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


@pytest.fixture
def session(serve_drawn: Callable[..., Session], made: Any) -> Session:
    """Of a run whose first three errors have doubtful labels, and the others no cause."""
    found = [{"label_doubt": (1.6 - error / 10, 9.2, 0.2)} for error in range(3)]
    found += [{"overlap": (0.6, 0.2, 0.7, 0.2)}] * (len(made.wrong) - 3)
    return serve_drawn({"causes": causes_group(made.wrong.tolist(), found)})


def selected(session: Session) -> list[int]:
    assert session.population is not None
    mask = session.selection.mask
    return [] if mask is None else sorted(session.population.samples[np.flatnonzero(mask)].tolist())


def test_a_part_of_the_bar_of_causes_selects_its_errors(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    bar, wrong = page.locator(".causes-bar"), made.wrong.tolist()
    expect(bar.locator("h2")).to_have_text(f"{len(wrong)} of 400 are wrong")
    names = bar.locator(".part")
    expect(names).to_have_text(["label doubt 3", f"unknown {len(wrong) - 3}"])
    narrow, wide = (bar.locator(".width").nth(place).bounding_box()["width"] for place in (0, 1))  # type: ignore[index]
    assert narrow / wide == pytest.approx(3 / (len(wrong) - 3), rel=0.1)

    names.first.click()
    wait_until(lambda: selected(session) == wrong[:3])
    expect(names).to_have_text(["label doubt 3 / 3", f"unknown 0 / {len(wrong) - 3}"])
    expect(names.first).to_have_attribute("aria-pressed", "true")
    bar.locator(".width").last.click(modifiers=["Shift"])
    wait_until(lambda: selected(session) == wrong)
    names.first.click(modifiers=["Control"])
    wait_until(lambda: selected(session) == wrong[3:])
    rested(page)
    assert violations(page) == []


def test_figures_stay_where_they_are_when_the_bar_counts_a_selection(
    page: Page, serve_drawn: Callable[..., Session], made: Any, figure: Callable[..., Any]
) -> None:
    """It has no more lines then: each figure below would be drawn once more."""
    each = [{cause: (1.5, 0.6, 0.7, 0.2)} for cause in CAUSES if cause != "copies"]
    found = [each[error % len(each)] for error in range(len(made.wrong))]
    serve_drawn({"causes": causes_group(made.wrong.tolist(), found)})
    for width, height in ((1440, 900), (1000, 700)):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator(".causes-bar .part")).to_have_count(len(each))
        page.wait_for_timeout(800)
        before = figure("map").box
        page.locator(".causes-bar .width").first.click()
        expect(page.locator(".causes-bar .part").first).to_contain_text(" / ")
        page.wait_for_timeout(800)
        assert figure("map").box == before
        page.locator(".causes-bar .width").first.click()
        expect(page.locator(".causes-bar .part").first).not_to_contain_text(" / ")


def test_marks_stand_in_the_bar_of_causes_and_are_selected_there(
    page: Page, session: Session, made: Any, figure: Callable[..., Any], wait_until: Wait
) -> None:
    wrong, right = made.wrong.tolist(), next(iter(set(range(20, 420)) - set(made.wrong.tolist())))
    bar = page.locator(".causes-bar")
    expect(bar.locator(".names .part")).to_have_count(2)
    marks = {one: new_mark("", None) for one in (wrong[0], wrong[3], right)}
    marks[wrong[1]] = new_mark("", int(made.label[wrong[1]]), right=True)
    session.schedule(lambda: session.marks.put_all(marks))
    flagged = bar.get_by_role("button", name="⚑ 3 marked")
    expect(flagged).to_have_attribute("aria-pressed", "false")
    expect(bar.locator(".names .part")).to_have_text(["label doubt 3", f"unknown {len(wrong) - 3}"])
    for width, height in ((1440, 900), (1000, 700)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(800)
        before = figure("map").box
        flagged.click()
        wait_until(lambda: selected(session) == sorted([wrong[0], wrong[3], right]))
        expect(bar.locator(".names .part")).to_have_text(
            ["label doubt 1 / 3", f"unknown 1 / {len(wrong) - 3}"]
        )
        expect(flagged).to_have_attribute("aria-pressed", "true")
        page.wait_for_timeout(800)
        assert figure("map").box == before
        flagged.click()
        wait_until(lambda: selected(session) == [])
    session.schedule(lambda: session.marks.put_all(dict.fromkeys(marks)))
    expect(flagged).to_have_count(0)


@pytest.fixture
def doubted(serve_drawn: Callable[..., Session], made: Any) -> Session:
    """The same, and two training images with doubtful labels, of which one is doubted most."""
    training = np.flatnonzero(made.predicted[:20] != made.label[:20])[:2].tolist()
    samples = [*made.wrong.tolist(), *training]
    found = [{"label_doubt": (1.6 - error / 10, 9.2, 0.2)} for error in range(3)]
    found += [{"overlap": (0.6, 0.2, 0.7, 0.2)}] * (len(made.wrong) - 3)
    found += [{"label_doubt": (2.5 - error, 9.2, 0.2)} for error in range(len(training))]
    return serve_drawn({"causes": causes_group(samples, found)}, None)


def test_doubted_labels_are_reviewed_by_keys_training_images_among_them(
    page: Page, doubted: Session, made: Any, wait_until: Wait, tmp_path: Path
) -> None:
    session, wrong = doubted, made.wrong.tolist()
    (first, *_) = np.flatnonzero(made.predicted[:20] != made.label[:20]).tolist()
    page.get_by_role("button", name="Review labels").click()
    dialog = page.get_by_role("dialog", name="Review labels")
    expect(dialog.locator(".figure p")).to_have_text(f"training image #{first}")
    expect(dialog.locator(".evidence")).to_contain_text("Probably the label is wrong")
    expect(dialog.locator(".evidence")).to_contain_text("which was trained on this image")
    expect(dialog.locator(".near .tile")).to_have_count(16)
    assert "review=doubted" in session.address

    page.keyboard.press("m")
    expect(dialog.locator(".figure p")).to_have_text(f"test image #{wrong[0]}")
    marks = session.marks
    assert marks.entries[first].label == made.predicted[first]
    other = next(of for of in range(4) if of not in (made.label[wrong[0]], made.predicted[wrong[0]]))
    page.keyboard.press(str(other + 1))
    wait_until(lambda: wrong[0] in marks.entries)
    assert marks.entries[wrong[0]].label == other
    page.keyboard.press("u")
    wait_until(lambda: wrong[0] not in marks.entries)
    expect(dialog.locator(".figure p")).to_have_text(f"test image #{wrong[0]}")
    page.keyboard.press("ArrowRight")
    expect(dialog.locator(".figure p")).to_have_text(f"test image #{wrong[1]}")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert session.selection.steps == ()


def test_a_label_that_is_right_is_kept_and_does_not_come_first_again(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    wrong, marks = made.wrong.tolist(), session.marks
    page.get_by_role("button", name="Review labels").click()
    dialog = page.get_by_role("dialog", name="Review labels")
    expect(dialog.locator(".figure p")).to_have_text(f"test image #{wrong[0]}")
    dialog.get_by_role("button", name="Label is right").click()
    expect(dialog.locator(".figure p")).to_have_text(f"test image #{wrong[1]}")
    page.keyboard.press(str(int(made.label[wrong[1]]) + 1))  # the digit of its own class
    expect(dialog.locator(".figure p")).to_have_text(f"test image #{wrong[2]}")
    page.keyboard.press("k")
    wait_until(lambda: sorted(marks.entries) == wrong[:3])
    assert all(mark.right and mark.label == made.label[sample] for sample, mark in marks.entries.items())
    expect(dialog.locator(".step .flag")).to_have_text(["✓"] * 3)
    expect(dialog.locator(".said")).to_contain_text("is marked: is right")
    expect(dialog.locator(".again")).to_have_count(0)
    page.keyboard.press("u")
    wait_until(lambda: sorted(marks.entries) == wrong[:2])
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(".causes-bar .part", has_text="marked")).to_have_count(0)
    page.keyboard.press("r")
    expect(dialog.locator(".figure p")).to_have_text(f"test image #{wrong[2]}")  # nobody has judged it
    rested(page)
    assert violations(page) == []


def test_all_that_is_shown_is_marked_at_once_said_in_a_query_and_saved(
    page: Page, session: Session, made: Any, wait_until: Wait, tmp_path: Path
) -> None:
    wrong, hostile = made.wrong.tolist(), "<img src=x onerror=document.title='run'>"
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Review labels")
    dialog.get_by_role("button", name="Mark all 3 shown").click()
    dialog.get_by_role("button", name="Mark them").click()
    wait_until(lambda: sorted(session.marks.entries) == wrong[:3])
    expect(dialog.locator(".step .flag")).to_have_count(3)
    dialog.get_by_label("Remark").fill(hostile)
    dialog.get_by_role("button", name="Keep").click()
    expect(dialog.locator(".remark")).to_have_text(hostile)
    expect(dialog.locator(".again")).to_contain_text("--set dataset.leave_out=")
    with page.expect_download() as waiting:
        dialog.get_by_role("button", name="Export CSV").click()
    waiting.value.save_as(tmp_path / "marks.csv")
    with (tmp_path / "marks.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [int(line["sample"]) for line in lines] == wrong[:3]
    names = made.predicted[wrong[:3]]
    assert [line["label"] for line in lines] == [("circle", "square", "cross", "ring")[of] for of in names]
    page.keyboard.press("Escape")

    page.locator(".causes-bar .part", has_text="3 marked").click()
    wait_until(lambda: selected(session) == wrong[:3])
    page.get_by_role("combobox", name="Query").fill('marked and "onerror" in remark')
    page.keyboard.press("Enter")
    wait_until(lambda: selected(session) == wrong[:1])
    page.get_by_role("button", name="Review labels").click()
    expect(dialog).to_be_visible()
    page.keyboard.press("Control+z")  # of what lies below, which stays
    page.keyboard.press("u")  # the remark
    wait_until(lambda: selected(session) == [])
    page.keyboard.press("u")
    wait_until(lambda: session.marks.entries == {})
    assert page.title() != "run"


def test_undo_takes_back_what_was_marked_in_the_open_run_alone(
    page: Page, serve_app: Callable[..., Session], made: Any, make_run: Any, tmp_path: Path, wait_until: Wait
) -> None:
    store = Path(shutil.copytree(made.path, tmp_path / "runs"))
    other = make_run(store, "other").run
    session = serve_app(store, f"?run={made.run}&review=selection")
    dialog = page.get_by_role("dialog", name="Review labels")
    expect(dialog).to_contain_text("Nothing is selected")
    sample = int(made.wrong[0])
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Samples((sample,)))))
    expect(dialog.locator(".figure p")).to_have_text(f"test image #{sample}")
    page.keyboard.press(str(int(made.predicted[sample]) + 1))
    wait_until(lambda: list(session.marks.entries) == [sample])
    page.keyboard.press("Escape")
    page.get_by_label("Run", exact=True).select_option(other)
    wait_until(lambda: session.run is not None and session.run.id == other)
    page.get_by_role("button", name="Review labels").click()
    expect(dialog.get_by_role("button", name="Undo")).to_be_disabled()
    page.keyboard.press("u")
    page.keyboard.press("Escape")
    page.get_by_label("Run", exact=True).select_option(made.run)
    wait_until(lambda: list(session.marks.entries) == [sample])
    page.get_by_role("button", name="Review labels").click()
    dialog.get_by_role("button", name="Undo").click()
    wait_until(lambda: session.marks.entries == {})


def test_a_review_of_what_has_no_labels_leads_back_to_the_page(
    page: Page, serve_drawn: Callable[..., Session], groups: Any, wait_until: Wait
) -> None:
    session = serve_drawn({}, groups.dataset().drop_vars("label"), "?review=doubted")
    wait_until(lambda: session.pages["diagnose"].review == "")
    expect(page.get_by_text("Nobody labeled the images of this run").first).to_be_visible()
    page.get_by_label("Dark theme").click()  # nothing lies over it


def test_the_filter_writes_the_query_and_counts_what_is_selected(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    def asked() -> list[str]:
        return [step.gesture.to_json() for step in session.selection.steps]

    page.keyboard.press("s")
    column = page.locator(".filter-card")
    column.get_by_role("button", name="Class: circle, 100").click()
    wait_until(lambda: asked() == ['true == "circle"'])
    column.get_by_role("button", name="Answer: wrong").click()
    wait_until(lambda: asked() == ['true == "circle" and wrong'])
    expect(page.get_by_role("combobox", name="Query")).to_have_value('true == "circle" and wrong')
    count = int(((made.label == 0) & (made.predicted != 0))[20:].sum())
    assert session.selection.count == count
    expect(column.get_by_role("button", name=f"Class: circle, {count} / 100")).to_be_visible()

    strip = column.locator("[data-name=confidence] .strip")
    strip.scroll_into_view_if_needed()
    box = strip.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 20, steps=3)
    page.mouse.up()
    wait_until(lambda: "confidence" in asked()[0])
    assert re.fullmatch(r'true == "circle" and wrong and 0\.[45]\d* <= confidence <= 0\.[78]\d*', asked()[0])
    column.get_by_role("button", name="Any class").click()
    wait_until(lambda: asked()[0].startswith("wrong and 0."))
    assert "filters=open" in session.address
    rested(page)
    assert not [each for each in violations(page) if "filter-card" in each or "causes-bar" in each]
    page.keyboard.press("s")
    expect(column).to_be_hidden()
