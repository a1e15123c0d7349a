"""Work of a person on a run of the real pipeline, served by the real command."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from chromium import open_part
from playwright.sync_api import Page, expect
from resting import rested

import deepvid
from deepvid.store import kept_students

pytestmark = pytest.mark.browser

CUT_NUMBERS = (Path(__file__).parent / "cut_numbers.js").read_text()


@pytest.fixture(scope="module")
def address(tiny_store: Path, serve_command: Any) -> Iterator[str]:
    with serve_command(tiny_store) as served:
        yield served.address


@pytest.fixture
def opened(address: str, page: Page) -> Page:
    page.goto(address)
    expect(page.locator(".focus-card h2")).to_be_visible(timeout=180_000)
    return page


def test_from_the_population_to_one_explained_error(
    opened: Page, tiny_run: Path, cell: Callable[..., Any]
) -> None:
    run = deepvid.open_run(tiny_run)
    label = run.stages["dataset"].open()["label"].to_numpy()
    predicted = run.stages["teacher"].open()["logits"].to_numpy().argmax(axis=1)
    test = run.stages["dataset"].open()["test"].to_numpy()
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (label[test], predicted[test]), 1)
    errors = np.where(np.eye(10, dtype=bool), 0, counts)
    true, wrong = np.unravel_index(errors.argmax(), errors.shape)

    cell(true, wrong).click()
    selected = opened.get_by_role("status").filter(has_text="selected")
    expect(selected).to_have_text(f"{counts[true, wrong]} selected")

    # The most confident error is under study from the start, with its cause, its maps and its student.
    expect(opened.locator(".focus-card .answer").first).to_contain_text("WHY")
    expect(opened.locator(".focus-card .trust")).to_contain_text(re.compile("map|judges"))
    open_part(opened, "1", "Student")
    expect(opened.locator(".explain-card .fidelity")).to_contain_text("held-out neighbors")
    expect(opened.locator(".explain-card .method").first).to_be_visible()
    expect(opened).to_have_url(re.compile(f"run={run.id}.*select="))  # kept a moment after the paint


def test_a_right_image_is_explained_when_it_is_studied_and_has_a_student_on_demand(
    tiny_run: Path, tmp_path: Path, page: Page, serve_command: Any
) -> None:
    run = deepvid.open_run(Path(shutil.copytree(tiny_run, tmp_path / tiny_run.name)))  # for its notes
    label = run.stages["dataset"].open()["label"].to_numpy()
    predicted = run.stages["teacher"].open()["logits"].to_numpy().argmax(axis=1)
    right = int(np.flatnonzero(label == predicted)[-1])
    with serve_command(tmp_path) as served:
        page.goto(f"{served.address}?focus={right}&tab=why&part=student")
        answer, card = page.locator(".focus-card"), page.locator(".explain-card")
        expect(answer.locator(".method .name")).to_have_text(["HiResCAM"], timeout=180_000)
        expect(answer.locator(".method .worth")).to_have_count(1)
        card.get_by_role("button", name="Fit now").click()
        expect(card.locator(".fidelity")).to_contain_text("held-out neighbors", timeout=180_000)
        expect(answer.locator(".method .worth")).to_have_count(2, timeout=180_000)  # the student's, too
        answer.get_by_role("button", name="How do we know?").click()
        answer.get_by_role("button", name="Ask a second judge").click()
        judged = re.compile("This map|The judges disagree|The autoencoder knows nothing")
        expect(answer.locator(".trust")).to_contain_text(judged, timeout=180_000)
        page.reload()
        answer.get_by_role("button", name="How do we know?").click()
        expect(answer.locator(".trust")).to_contain_text(judged)
        expect(answer.get_by_role("button", name="Ask a second judge")).to_have_count(0)


def test_a_lasso_selects_exactly_what_it_encloses(
    opened: Page, tiny_run: Path, figure: Callable[[str], Any]
) -> None:
    position = deepvid.open_run(tiny_run).stages["projection-tsne-features-2d"].open()["position"].to_numpy()
    middle = float(np.median(position[:, 0]))
    map_figure = figure("map")
    left, right, bottom, top = map_figure.range()
    pad_x, pad_y = 0.01 * (right - left), 0.01 * (top - bottom)
    corners = [
        (left + pad_x, bottom + pad_y),
        (middle, bottom + pad_y),
        (middle, top - pad_y),
        (left + pad_x, top - pad_y),
    ]
    map_figure.drag([*corners, corners[0]])
    inside = int((position[:, 0] < middle).sum())
    found = opened.get_by_role("status").filter(has_text="selected")
    expect(found).not_to_contain_text("nothing")
    assert abs(int(found.inner_text().split()[0].replace(",", "")) - inside) <= 2  # the mouse moves by pixels


@pytest.mark.parametrize("size", [(1280, 800), (1440, 900)], ids=["1280x800", "1440x900"])
def test_no_number_is_cut(address: str, page: Page, tiny_run: Path, size: tuple[int, int]) -> None:
    """Under the widest things the page can hold: a warning, a legend, a selection of several cells."""
    students = [batch.open() for batch in deepvid.open_run(tiny_run).batches("students")]
    warned = next(
        int(one["sample"][at]) for one in students for at in np.flatnonzero(~one["gate"].to_numpy())
    )
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))  # type: ignore[arg-type]
    cells = json.dumps([["replace", "cells", [[0, 0], [0, 6], [6, 6]]]])
    for query in (
        {"color": "error"},
        {"focus": warned, "color": "error"},
        {"focus": warned, "select": cells},
    ):
        page.goto(f"{address}?{urlencode(query | {'tab': 'why', 'part': 'student'})}")
        columns = page.locator(".explain-card .columns .column:not(.names)")
        expect(columns).to_have_count(8, timeout=180_000)  # the most probable, and two are folded
        rested(page)
        assert page.evaluate(CUT_NUMBERS) == []
        page.locator(".explain-card summary").click()
        rested(page)
        assert page.evaluate(CUT_NUMBERS) == []
        card = page.locator(".explain-card > .filled").bounding_box()  # the card itself scrolls
        for part in columns.locator("> span, canvas").all():
            box = part.bounding_box()
            assert box["height"] > 10  # type: ignore[index]
            assert box["y"] + box["height"] <= card["y"] + card["height"]  # type: ignore[index]


def test_the_archive_lists_the_run(opened: Page, tiny_run: Path) -> None:
    opened.get_by_text("Archive").click()
    expect(opened.locator(".run-table").get_by_text(tiny_run.name).first).to_be_visible()
    expect(opened).to_have_url(re.compile("page=archive"))


def test_a_page_whose_server_was_killed_says_so_and_opens_again_as_it_was(
    tiny_store: Path, serve_command: Any, page: Page, cell: Callable[..., Any]
) -> None:
    with serve_command(tiny_store) as served:
        page.goto(served.address)
        cell(0, 0).click()
        selected = page.get_by_role("status").filter(has_text="selected")
        expect(selected).not_to_contain_text("nothing")
        page.wait_for_url("**select=**")  # it follows what is painted
        said, address = selected.inner_text(), page.url
        served.process.kill()
        expect(page.get_by_text("The server does not answer.")).to_be_visible()
    page.wait_for_timeout(1500)  # longer than a page waits before it asks again
    with serve_command(tiny_store, port=served.port):
        expect(page.get_by_text("The server does not answer.")).to_be_hidden(timeout=30_000)
        expect(selected).to_have_text(said)
        assert page.url == address


PICTURE = """canvas => {
  const {width, height} = canvas
  return [...canvas.getContext('2d').getImageData(0, 0, width, height).data].join()
}"""


def test_a_v1_latents_are_axes_with_the_ends_of_the_data(opened: Page, tiny_run: Path) -> None:
    open_part(opened, "3", "Latents")
    group = deepvid.open_run(tiny_run).stages["vae"].open()
    active = int((group["mean"].to_numpy().var(axis=0) >= 0.01).sum())
    expect(opened.locator(".latent-card .handle")).to_have_count(active)
    expect(opened.locator(".latent-card .tick")).to_have_count(2 * active)
    expect(opened).to_have_url(re.compile("tab=change&part=latents"))


def test_a_v6_latents_are_ordered_by_what_moves_the_teacher(opened: Page) -> None:
    open_part(opened, "3", "Latents")
    handles = opened.locator(".latent-card .handle")
    expect(handles.first).to_be_visible()
    before = handles.evaluate_all("(all) => all.map((each) => each.getAttribute('aria-label'))")
    opened.get_by_role("button", name="by effect").click()
    expect(opened.get_by_role("button", name="by effect")).to_have_attribute(
        "aria-pressed", "true", timeout=180_000
    )
    said = handles.locator("title").all_text_contents()
    shares = [text.split("predicted class by ")[1].split(". Double")[0] for text in said]
    numbers = [0.0 if share.startswith("<") else float(share) for share in shares]
    assert numbers == sorted(numbers, reverse=True)
    after = handles.evaluate_all("(all) => all.map((each) => each.getAttribute('aria-label'))")
    assert sorted(after) == sorted(before)


def test_a_v2_dragging_a_latent_updates_image_and_bars(opened: Page) -> None:
    open_part(opened, "3", "Latents")
    opened.locator(".focus-card .answers summary").click()
    picture, values = opened.locator(".focus-card .picture"), opened.locator(".focus-card .bars .value")
    before, told = picture.evaluate(PICTURE), values.all_inner_texts()
    handle = opened.locator(".latent-card .handle").first
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    opened.mouse.move(x, y)
    opened.mouse.down()
    for step in range(1, 9):
        opened.mouse.move(x, y + (-20 if y > 700 else 20) * step)
    opened.mouse.up()
    expect(opened.locator(".focus-card .partial", has_text="edited")).to_be_visible(timeout=180_000)
    assert picture.evaluate(PICTURE) != before
    opened.keyboard.press("Escape")
    expect(opened.locator(".focus-card .partial", has_text="edited")).to_have_count(0)
    expect(values).to_have_text(told)
    assert picture.evaluate(PICTURE) == before


def test_a_v4_the_neighbors_of_a_student_are_drawn_anew(opened: Page, tiny_run: Path) -> None:
    open_part(opened, "2", "Synthetic")
    sentence = opened.locator(".neighbors-card .sentence")
    expect(sentence).to_be_visible(timeout=120_000)
    sample = int(opened.locator("h2 .index").inner_text().removeprefix("#"))
    for batch in (one.open() for one in deepvid.open_run(tiny_run).batches("students")):
        for row in np.flatnonzero(batch["sample"].to_numpy() == sample):
            count = round(batch.attrs["settings"]["neighbors"] * float(batch["commonest"][row]))
    expect(sentence).to_contain_text(re.compile(rf"neighbors {count} are|All of its {count}"))
    told = re.compile(r"(All of them|100 of them) are rings on the map, at approximate places")
    expect(opened.locator(".neighbors-card .notes")).to_contain_text(told, timeout=120_000)
    opened.locator(".neighbors-card .scroll").click(position={"x": 110, "y": 30})
    expect(opened.locator(".focus-card .partial", has_text="neighbor")).to_be_visible()
    opened.keyboard.press("Escape")
    expect(opened.locator(".focus-card .partial", has_text="neighbor")).to_have_count(0)


def test_a_v5_the_way_to_another_image_begins_with_the_image_itself(opened: Page) -> None:
    picture = opened.locator(".focus-card .picture")
    before = picture.evaluate(PICTURE)
    open_part(opened, "3", "Morph")
    expect(opened.locator(".morph-card .strip canvas")).to_have_count(11, timeout=120_000)
    expect(opened.locator(".morph-card .sentence")).to_contain_text("The teacher's answer")
    opened.get_by_label("Step of the way").focus()
    opened.keyboard.press("End")
    expect(opened.locator(".focus-card .partial")).to_have_text("morph 1.00")
    assert picture.evaluate(PICTURE) != before
    opened.keyboard.press("Home")
    expect(opened.locator(".focus-card .partial")).to_have_text("morph .00")
    assert picture.evaluate(PICTURE) == before


def test_b_i2_settings_are_tried_on_the_real_models_until_somebody_gives_it_up(opened: Page) -> None:
    open_part(opened, "1", "Student")
    opened.get_by_role("button", name="Settings", exact=True).click()
    opened.get_by_role("button", name="Tune …").click()
    sheet = opened.locator(".explain-card .tuning")
    work = sheet.locator(".work")
    expect(work).to_contain_text(re.compile(r"[1-9]\d* of 144 settings"), timeout=240_000)
    work.get_by_role("button", name="Cancel").click()
    expect(sheet.get_by_role("button", name="Tune", exact=True)).to_be_visible(timeout=120_000)
    expect(work).to_be_hidden()


def test_b_f3_filters_of_the_teacher_are_watched_and_one_is_opened(opened: Page, tiny_run: Path) -> None:
    sample = int(opened.locator("h2 .index").inner_text().removeprefix("#"))
    stored = deepvid.open_run(tiny_run).stages["teacher"].open()
    open_part(opened, "4", "Filters")
    tile = opened.locator(".filters-card .tile").first
    expect(tile).to_be_visible(timeout=120_000)
    expect(opened.get_by_label("Layer", exact=True)).to_have_value("stage3.block1")
    number = int(tile.get_attribute("data-number") or -1)
    activation = float(stored["features"][sample, number])
    expect(tile.locator(".activation")).to_have_text(f"a {activation:.2f}".replace(" 0.", " ."))
    expect(opened.locator(".filters-card .sentence")).to_contain_text(re.compile("turns|stays"))
    tile.click()
    rows = opened.locator(".filters-card .full tr")
    expect(rows).to_have_count(10)
    answer = stored.attrs["class_names"][int(stored["logits"][sample].argmax())]
    expect(rows.first.locator("th")).to_have_attribute("title", answer)
    expect(opened).to_have_url(re.compile(f"filter={number}"))


def test_a_latent_is_moved_by_keys_and_back(opened: Page) -> None:
    open_part(opened, "3", "Latents")
    handle = opened.locator(".latent-card .handle").nth(1)
    handle.focus()
    before = float(handle.get_attribute("aria-valuenow") or "nan")
    for _ in range(3):
        opened.keyboard.press("ArrowUp")
    assert float(handle.get_attribute("aria-valuenow") or "nan") > before
    expect(opened.locator(".focus-card .partial", has_text="edited")).to_be_visible(timeout=180_000)
    opened.keyboard.press("Home")
    expect(opened.locator(".focus-card .partial", has_text="edited")).to_have_count(0)


def test_a_v3_the_ends_of_a_band_are_dragged_and_a_student_is_fitted_with_them(
    opened: Page, tiny_run: Path, wait_until: Callable[..., Any]
) -> None:
    open_part(opened, "3", "Latents")
    end = opened.locator(".latent-card [data-end='0:1']")
    box = end.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    opened.mouse.move(x, y)
    opened.mouse.down()
    opened.mouse.move(x, y - 12, steps=4)
    opened.mouse.up()
    opened.get_by_role("button", name="Fit a student with these bands").click()
    expect(opened.locator(".latent-card .work")).to_contain_text("Fitting #")
    expect(opened.get_by_role("tab", name="Why")).to_have_attribute("aria-selected", "true", timeout=120_000)
    expect(opened).to_have_url(re.compile("student="))
    wait_until(lambda: kept_students(deepvid.open_run(tiny_run)))
    (kept,) = kept_students(deepvid.open_run(tiny_run))
    bands = kept.open().attrs["settings"]["band"]
    assert len(set(bands)) == 2  # one is wider than the others
    assert max(bands) > min(bands)
    shutil.rmtree(tiny_run / "notes")
