"""Latents of an image among those of others, moved by an engine that answers what a test says."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from accessible import violations
from engines import HeldEngine, held
from playwright.sync_api import Locator, Page, expect

from dashboards.session import computing
from dashboards.session.gestures import Query, Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.views.latent.view import LatentView
from deepvid.engine.requests import Edited, EditLatents
from deepvid.store import open_run, open_writer

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
Wait = Callable[..., Any]

CARD = ".latent-card"
SILENT = 4  # latents of the 64 that say nothing
INK = """(canvas) => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  return data.filter((value, at) => at % 4 === 3 && value).length
}"""
CELL = """(canvas, [x, y]) => {
  const ratio = window.devicePixelRatio
  return [...canvas.getContext("2d").getImageData(x * ratio, y * ratio, 1, 1).data].slice(0, 3)
}"""


FAR = [float("nan"), float("inf"), 1e7]


def vae_group(label: np.ndarray, latents: int, silent: int) -> xr.Dataset:
    """Latent j of n is of width 2 (n - j) / n, so that it says less than the one before; those of class k
    lie k half widths from those of class 0. The last ones say nothing.
    """
    random = np.random.default_rng(5)
    width = 2 * (latents - np.arange(latents, dtype="f4")) / latents
    mean = width * (random.normal(0, 1, (len(label), latents)) + 0.5 * label[:, None])
    mean[:, latents - silent :] *= 1e-3
    return xr.Dataset(
        {
            "mean": (("sample", "latent"), mean.astype("f4")),
            "log_variance": (("sample", "latent"), np.full(mean.shape, np.log(0.04), "f4")),
            "scale": ("latent", mean.std(axis=0).astype("f4")),
        }
    )


@pytest.fixture
def serve_latents(serve_app: Serve, made: Any, tmp_path: Path) -> Callable[..., Session]:
    """`serve_latents(latents, silent=0, query="")`: the app on a run with so many latents."""

    def serve(latents: int, silent: int = 0, query: str = "") -> Session:
        store = Path(shutil.copytree(made.path, tmp_path / "runs"))
        with open_writer(store, made.run, config=open_run(store / made.run).config, provenance={}) as writer:
            writer.commit_stage("vae", "7" * 12, vae_group(made.label, latents, silent))
            writer.finish()
        return serve_app(store, f"?focus={made.fitted[1]}&tab=change&part=latents{query}")

    return serve


def edited(request: Any) -> Edited:
    """As bright as it is moved; the answer becomes ring."""
    image = np.full((12, 12, 1), min(255, round(60 * float(np.abs(request.shift).sum()))), np.uint8)
    return Edited(request.sample, image, np.array([0, 0, 0, 5], "f4"))


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldEngine]:
    with held(monkeypatch, edited, "moving", go=True) as engine:
        yield engine


def means(session: Session) -> np.ndarray:
    assert session.run is not None
    return session.run.stages["vae"].open()["mean"].to_numpy()


def by_information(session: Session) -> list[int]:
    """KL is ½ (μ² + σ² - log σ² - 1), and σ is the same of all."""
    return [int(latent) for latent in np.argsort(-(means(session) ** 2).mean(axis=0), kind="stable")]


def drag(page: Page, handle: Locator, by: float) -> None:
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + by, steps=6)
    page.mouse.up()


def test_b_i3_lines_follow_a_lasso(
    page: Page, serve_latents: Callable[..., Session], made: Any, figure: Any, wait_until: Wait
) -> None:
    session = serve_latents(20)
    lines, how = page.locator(f"{CARD} .behind"), page.locator(f"{CARD} .how")
    expect(lines).to_have_attribute("data-images", "0")
    assert lines.evaluate(INK) == 0
    expect(how).not_to_contain_text("faint lines")
    map_figure = figure("map")
    left, right, bottom, top = map_figure.range()
    x, y = 0.01 * (right - left), 0.01 * (top - bottom)
    half = [(left + x, bottom + y), (0, bottom + y), (0, top - y), (left + x, top - y)]
    map_figure.drag([*half, half[0]])
    wait_until(lambda: session.selection.count)
    assert session.selection.mask is not None
    assert session.population is not None
    row = session.population.row_of(made.fitted[1])
    selected = int(session.selection.mask.sum())
    others = selected - int(session.selection.mask[row])
    assert others > 20
    expect(lines).to_have_attribute("data-images", str(min(200, others)))
    expect(how).to_contain_text("in the colors of their true classes")
    assert lines.evaluate(INK) > 2_000
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Query("wrong"))))
    expect(lines).to_have_attribute("data-images", str(len(made.wrong) - 1))  # the image is one of them
    session.schedule(session.clear)
    expect(lines).to_have_attribute("data-images", "0")
    assert lines.evaluate(INK) == 0


def test_b_i3_a_line_goes_where_its_image_is(
    page: Page, serve_latents: Callable[..., Session], made: Any
) -> None:
    """Of one selected image: its line meets the axis where the handle is when it is under study itself."""
    session = serve_latents(2)
    other = int(made.fitted[2])
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Samples((other,)))))
    expect(page.locator("h2 .index")).to_have_text(f"#{other}")
    session.schedule(lambda: session.focus(made.fitted[1]))
    lines = page.locator(f"{CARD} .behind")
    expect(lines).to_have_attribute("data-images", "1")
    rows = """(canvas) => {
      const ratio = window.devicePixelRatio, {width, height} = canvas, x = Math.round(27 * ratio)
      const {data} = canvas.getContext("2d").getImageData(x, 0, 1, height)
      return [...Array(height).keys()].filter((y) => data[4 * y + 3]).map((y) => y / ratio)
    }"""
    painted = lines.evaluate(rows)
    session.schedule(lambda: session.focus(other))
    expect(lines).to_have_attribute("data-images", "0")
    center = float(page.locator(f"{CARD} .handle").first.get_attribute("cy") or "nan")
    assert np.mean(painted) == pytest.approx(center, abs=3)


def test_b_i3_of_one_latent_lines_are_dashes(
    page: Page, serve_latents: Callable[..., Session], made: Any
) -> None:
    session = serve_latents(1)
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Query("wrong"))))
    lines = page.locator(f"{CARD} .behind")
    expect(lines).to_have_attribute("data-images", str(len(made.wrong) - 1))
    assert lines.evaluate(INK) > 500
    expect(page.locator(f"{CARD} .handle")).to_have_count(1)


def test_b_i3_a_gesture_keeps_what_is_moved(
    page: Page, serve_latents: Callable[..., Session], editor: HeldEngine, made: Any
) -> None:
    session = serve_latents(20)
    handle = page.locator(f"{CARD} .handle").first
    handle.focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".focus-card .partial", has_text="edited")).to_be_visible()
    moved = handle.get_attribute("aria-valuenow")
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Query("wrong"))))
    expect(page.locator(f"{CARD} .behind")).to_have_attribute("data-images", str(len(made.wrong) - 1))
    assert handle.get_attribute("aria-valuenow") == moved
    expect(handle).to_be_focused()


def test_b_i3_a_principal_direction_dragged_moves_image_and_bars(
    page: Page, serve_latents: Callable[..., Session], editor: HeldEngine, wait_until: Wait
) -> None:
    session = serve_latents(20)
    page.get_by_role("button", name="directions", exact=True).click()
    handles = page.locator(f"{CARD} .handle")
    expect(handles).to_have_count(12)
    expect(page.locator(f"{CARD} .end")).to_have_count(0)  # bands belong to latents
    wait_until(lambda: "axes=directions" in page.url)
    page.locator(".focus-card .answers summary").click()
    values = page.locator(".focus-card .bars .value")
    told = values.all_inner_texts()
    before = float(handles.first.get_attribute("aria-valuenow") or "nan")
    drag(page, handles.first, -40)
    expect(page.locator(".focus-card .partial", has_text="edited")).to_be_visible()
    amount = float(handles.first.get_attribute("aria-valuenow") or "nan") - before
    assert amount > 0.1
    wait_until(lambda: np.linalg.norm(editor.asked[-1].shift) == pytest.approx(amount, abs=0.02))
    mean = means(session)
    first = np.linalg.svd(mean - mean.mean(axis=0), full_matrices=False)[2][0]
    first *= np.sign(first[np.abs(first).argmax()])
    np.testing.assert_allclose(editor.asked[-1].shift, amount * first, atol=0.02)
    expect(values).not_to_have_text(told)
    others = handles.evaluate_all("all => all.map((each) => each.classList.contains('moved'))")
    assert others == [True] + 11 * [False]  # they are orthogonal
    page.get_by_role("button", name="by information").click()
    expect(handles).to_have_count(20)
    expect(page.locator(f"{CARD} .handle.moved")).not_to_have_count(0)  # the same image, along other axes
    page.keyboard.press("Escape")
    expect(values).to_have_text(told)


def test_a_double_click_takes_a_value_and_a_band_back(
    page: Page, serve_latents: Callable[..., Session], editor: HeldEngine
) -> None:
    serve_latents(20)
    for part, moved in ((".handle", ".handle.moved"), ("[data-end='0:1']", ".end.moved")):
        held = page.locator(f"{CARD} {part}").first
        drag(page, held, -20)
        expect(page.locator(f"{CARD} {moved}")).not_to_have_count(0)
        box = held.bounding_box()
        assert box is not None
        page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.locator(f"{CARD} {moved}")).to_have_count(0)


def test_b_i3_a_direction_is_moved_by_keys_and_back_home(
    page: Page, serve_latents: Callable[..., Session], editor: HeldEngine
) -> None:
    serve_latents(20, query="&axes=directions")
    handle = page.locator(f"{CARD} .handle").nth(1)
    handle.focus()
    page.keyboard.press("PageUp")
    expect(page.locator(".focus-card .partial", has_text="edited")).to_be_visible()
    page.keyboard.press("Home")
    expect(page.locator(".focus-card .partial", has_text="edited")).to_have_count(0)
    assert violations(page, stylesheets=False) == []


def test_b_i3_64_latents_are_a_heat_map_edited_by_keys(
    page: Page, serve_latents: Callable[..., Session], editor: HeldEngine, made: Any, wait_until: Wait
) -> None:
    session = serve_latents(64, SILENT)
    order, own = by_information(session), page.locator(f"{CARD} .own-row")
    expect(own).to_have_attribute("aria-label", f"Latent {order[0]}")
    expect(page.locator(f"{CARD} .sentence")).to_contain_text("60 of 64 latents say something; 4 do not.")
    expect(page.get_by_label(f"Band of {SILENT} other latents")).to_have_count(1)
    own.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(own).to_have_attribute("aria-label", f"Latent {order[3]}")
    expect(page.locator(f"{CARD} .tip")).to_contain_text(f"Latent {order[3]}: ")
    before = float(own.get_attribute("aria-valuenow") or "nan")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".focus-card .partial", has_text="edited")).to_be_visible()
    after = float(own.get_attribute("aria-valuenow") or "nan")
    assert after > before
    wait_until(lambda: editor.asked[-1].shift[order[3]] == pytest.approx(after - before, abs=0.01))
    assert np.count_nonzero(editor.asked[-1].shift) == 1
    expect(own).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".focus-card .partial", has_text="edited")).to_have_count(0)
    assert violations(page, stylesheets=False) == []
    assert session.navigation.focus == made.fitted[1]


def test_b_i3_a_cell_is_dragged_and_its_color_follows(
    page: Page, serve_latents: Callable[..., Session], editor: HeldEngine
) -> None:
    latent = by_information(serve_latents(64, SILENT))[10]
    own = page.locator(f"{CARD} .own-row")
    canvas, box = page.locator(f"{CARD} .behind"), own.bounding_box()
    card = canvas.bounding_box()
    assert box is not None
    assert card is not None
    x, y = box["x"] + box["width"] * 10.5 / 60, box["y"] + box["height"] / 2
    cell = [x - card["x"], y - card["y"]]
    page.mouse.move(x, y)
    expect(page.locator(f"{CARD} .tip")).to_contain_text(
        re.compile(rf"Latent {latent}: .* nats.* sd (above|below)")
    )
    page.mouse.down()
    page.mouse.move(x, y - 150, steps=6)
    page.mouse.up()
    expect(own).to_have_attribute("aria-label", f"Latent {latent}")
    red, _, blue = canvas.evaluate(CELL, cell)
    assert blue > red + 60  # far above the mean
    expect(page.locator(".focus-card .partial", has_text="edited")).to_be_visible()
    assert set(np.flatnonzero(editor.asked[-1].shift)) == {latent}
    page.mouse.dblclick(x, y)
    expect(page.locator(".focus-card .partial", has_text="edited")).to_have_count(0)


def test_b_i3_rows_are_means_of_classes_and_then_the_selection(
    page: Page, serve_latents: Callable[..., Session], made: Any
) -> None:
    sample = int(made.fitted[1])
    session = serve_latents(64)
    rows = page.locator(f"{CARD} text.row")
    first = [
        f"mean {('circle', 'square', 'cross', 'ring')[of[sample]]}" for of in (made.predicted, made.label)
    ]
    expect(rows).to_have_count(5)
    assert rows.all_text_contents()[:3] == [f"#{sample}", *first]
    chosen = [int(one) for one in made.wrong if one != sample][:3]
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Samples((*chosen, sample)))))
    expect(page.locator(f"{CARD} .how")).to_contain_text("then the selected images")
    session.schedule(lambda: session.focus(sample))
    expect(rows.first).to_have_text(f"#{sample}")
    expect(rows).to_have_count(6)
    assert rows.all_text_contents()[:3] == [f"#{sample}", *first]
    names = rows.all_text_contents()[3:]
    assert sorted(names) == sorted(f"#{one}" for one in chosen)
    box = rows.nth(4).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 140, box["y"] + box["height"] / 2)  # its cells
    expect(page.locator("h2 .index")).to_have_text(names[1])
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Query('true == "circle"'))))
    expect(page.locator(f"{CARD} .how")).to_contain_text(re.compile(r"40 of the 1\d\d selected images"))


@pytest.mark.parametrize("latents", [2, 256])
def test_b_i3_few_and_many_latents_fit_the_card(
    page: Page, serve_latents: Callable[..., Session], latents: int
) -> None:
    serve_latents(latents)
    expect(page.locator(f"{CARD} .handle")).to_have_count(2 if latents == 2 else 1)
    card = page.locator(f"{CARD} .plot").bounding_box()
    assert card is not None
    for part in page.locator(f"{CARD} :is(text, .handle, .marked)").all():
        box = part.bounding_box()
        assert box is not None
        assert card["x"] - 2 <= box["x"] <= box["x"] + box["width"] <= card["x"] + card["width"] + 2
        assert card["y"] - 2 <= box["y"] <= box["y"] + box["height"] <= card["y"] + card["height"] + 2


def test_b_i3_the_silent_latents_have_one_band_together(
    page: Page, serve_latents: Callable[..., Session], editor: HeldEngine, wait_until: Wait
) -> None:
    serve_latents(20, SILENT)
    band = page.get_by_label("Band of 4 other latents")
    expect(band).to_have_attribute("aria-valuenow", "0.60")
    drag(page, band, -40)
    assert float(band.get_attribute("aria-valuenow") or "nan") > 0.7
    band.focus()
    page.keyboard.press("ArrowDown")
    wanted = float(band.get_attribute("aria-valuenow") or "nan")
    page.locator(f"{CARD} .handle").first.focus()
    page.keyboard.press("Shift+ArrowUp")  # and one of its own
    expect(page.locator(f"{CARD} .end.moved")).to_have_count(4)
    editor.go.clear()
    page.get_by_role("button", name="Fit a student with these bands").click()
    wait_until(lambda: editor.asked and not isinstance(editor.asked[-1], EditLatents))
    setting = np.array(editor.asked[-1].settings.band)
    np.testing.assert_allclose(setting[-SILENT:], wanted, atol=0.006)
    np.testing.assert_allclose(setting[1:-SILENT], 0.6, atol=1e-3)
    assert setting[0] > 0.61
    page.locator(f"{CARD} .work").get_by_role("button", name="Cancel").click()


def test_where_nothing_is_computed_nothing_moves(
    page: Page, serve_latents: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computing, "refusal", lambda: "This server computes nothing.")
    first = by_information(serve_latents(64))[0]
    expect(page.locator(f"{CARD} .warning")).to_have_text(
        "Nothing can be moved here. This server computes nothing."
    )
    own = page.locator(f"{CARD} .own-row")
    before = own.get_attribute("aria-valuenow")
    own.click(position={"x": 4, "y": 10}, force=True)
    page.keyboard.press("ArrowUp")
    assert own.get_attribute("aria-valuenow") == before
    expect(page.locator(f"{CARD} .tip")).to_contain_text(f"Latent {first}:")  # what is known is told


def test_what_makes_no_sense_changes_nothing(
    page: Page, serve_latents: Callable[..., Session], made: Any
) -> None:
    session = serve_latents(20)
    expect(page.locator(f"{CARD} .handle")).to_have_count(20)
    (view,) = (view for view in session.linker.views if isinstance(view, LatentView))
    wrong: list[Any] = [None, 3.5, "x", [], {}, [1], 10**30, -1, True]
    sample = made.fitted[1]
    still, edit = [0.5] * 19, {"asked": 1, "sample": sample}
    fit = {"sample": sample, "others": None}
    bands = [*([number, 1.0] for number in (20, -1, [3])), *([0, number] for number in FAR), [0, [1.0]], [0]]

    def ask(action: str, value: Any) -> None:
        view.component._handle_msg({"action": action, "value": value})

    for value in wrong:
        for action in ("axes", "study", "edit", "fit"):
            ask(action, value)
        ask("edit", {**edit, "asked": [value], "shift": [*still, 1.0]})
        ask("edit", {**edit, "shift": [*still, [value]]})
        ask("fit", {**fit, "bands": [value]})
        ask("fit", {**fit, "bands": [], "others": [value]})
    for number in FAR:
        ask("edit", {**edit, "shift": [*still, number]})
        ask("fit", {**fit, "bands": [], "others": number})
    for band in bands:
        ask("fit", {**fit, "bands": [band]})
    assert not session.edited
    assert not view._fitting.busy
    assert session.navigation.axes == "information"
    assert session.navigation.focus == made.fitted[1]
