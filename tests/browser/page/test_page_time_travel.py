"""The Time travel page: four classes in four corners, that go outwards epoch by epoch."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from accessible import violations
from engines import held
from playwright.sync_api import Page, expect
from stages import CENTERS, EPOCHS, TRAIN, Wait, epoch_of, rgb, seen, title, travelled
from tab_stops import tab_stops
from travels import commit_epochs

from dashboards.session.gestures import EpochCells, EpochPolygon, Flips
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.theme import CLASS_COLORS
from deepvid.engine.requests import Refined, RefineLandscape

pytestmark = pytest.mark.browser


def test_c_u1_the_last_epoch_is_shown_or_that_of_the_address(page: Page, opened: Any) -> None:
    opened()
    expect(title(page)).to_have_text("Epoch 5 of 5: 100.0 % right")
    opened("&epoch=2")
    expect(title(page)).to_contain_text("Epoch 2 of 5: 40.0 %")
    opened("&epoch=99")
    expect(title(page)).to_contain_text("Epoch 5 of 5 (there is no epoch 99)")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_c_u2_hue_is_the_class_shade_the_margin_and_a_boundary_has_none(opened: Any, theme: str) -> None:
    _, stage = opened(f"&theme={theme}&test=no&training=no")
    ground, edge = ((255, 255, 255), (255, 255, 255)) if theme == "light" else ((23, 26, 32), (233, 236, 243))
    for index, corner in enumerate(CENTERS):
        found = stage.color(*(9.3 * corner))[0, 0].astype(int)
        half = (rgb(CLASS_COLORS[index]) + ground) / 2
        assert np.abs(found - half).max() < 26, (index, found, half)
    assert np.abs(stage.color(0, 5)[0, 0].astype(int) - edge).max() < 45  # between two classes


def test_g_5_from_near_the_ground_is_computed_in_finer_cells(
    page: Page, opened: Any, wait_until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine says class 3 everywhere."""

    def answer(request: RefineLandscape) -> Refined:
        cells = np.ones((request.resolution, request.resolution), np.uint8)
        return Refined(3 * cells, 255 * cells)

    with held(monkeypatch, answer, "decoding", go=True) as engine:
        _, stage = opened("&test=no&training=no")
        at = stage.at(-5, -5)
        before = stage.color(-5, -5)[0, 0].astype(int)
        page.mouse.move(*at)
        page.wait_for_timeout(500)
        assert not engine.asked  # from afar nothing is
        page.mouse.wheel(0, -1200)
        wait_until(lambda: stage.element.get_attribute("data-fine") == "true")
        request = engine.asked[-1]
        assert (request.form, request.epoch) == ("parametric", EPOCHS)
        assert request.low[0] < -5 < request.high[0] < 5
        assert request.low[1] < -5 < request.high[1] < 5
        after = stage.color(-5, -5)[0, 0].astype(int)  # the wheel keeps what is under the pointer
        half = (rgb(CLASS_COLORS[3]) + 255) / 2
        assert np.abs(after - half).max() < 26
        assert np.abs(after - before).max() > 26
        stage.element.press("ArrowLeft")  # nothing finer is known of another epoch, until it stands
        wait_until(lambda: engine.asked[-1].epoch == EPOCHS - 1)


def test_c_q1_c_u3_training_test_and_border_points_can_be_shown_or_not(
    page: Page, opened: Any, wait_until: Wait
) -> None:
    _, stage = opened("&trails=no&focus=24")
    assert stage.amount(-7, -7, 0) > 500
    page.get_by_role("button", name="Test", exact=True).click()
    wait_until(lambda: stage.amount(-7, -7, 0) < 200)
    few = stage.amount(-7, -7, 0)
    assert few > 10  # training images are still there
    page.get_by_title("Draw the training images that were drawn for the map").click()
    wait_until(lambda: stage.amount(-7, -7, 0) < few / 2)
    before = stage.color(0, 0, 40)
    page.get_by_role("button", name="Border", exact=True).click()
    wait_until(lambda: (stage.color(0, 0, 40) != before).any())
    assert "boundary=yes" in page.url or wait_until(lambda: "boundary=yes" in page.url)


def test_c_u4_a_test_image_is_studied_and_a_training_image_is_told(
    page: Page, opened: Any, made: Any, wait_until: Wait
) -> None:
    session, stage = opened()
    places = seen(made.label, EPOCHS - 1).position.astype("f2").astype(float)

    def alone(samples: range) -> int:
        """One that no other is near to."""
        far = np.linalg.norm(places[:, None] - places[list(samples)], axis=2)
        return samples[int(np.sort(far, axis=0)[1].argmax())]

    tested, trained = alone(range(TRAIN, len(places))), alone(range(TRAIN))
    page.mouse.move(*stage.at(*places[tested]))
    expect(page.locator(".tip")).to_contain_text(f"#{tested}, a test image")
    wait_until(lambda: session.navigation.hover == tested)
    page.mouse.click(*stage.at(*places[tested]))
    wait_until(lambda: session.navigation.focus == tested)
    expect(page.locator(".epoch-card .life")).to_contain_text(f"#{tested} true")
    page.mouse.move(*stage.at(*places[trained]))
    expect(page.locator(".tip")).to_contain_text(f"#{trained}, a training image")
    expect(page.locator(".tip")).to_contain_text("15 nearest kept here")
    page.mouse.click(*stage.at(*places[trained]))
    page.wait_for_timeout(300)
    assert session.navigation.focus == tested


def test_c_u5_measures_come_with_chance_and_as_published(page: Page, opened: Any) -> None:
    opened("&tab=measures")
    nearest = page.locator(".measures-card tbody tr").first
    expect(nearest).to_contain_text("2.40")
    expect(nearest).to_contain_text("2.38–2.42")
    expect(nearest).to_contain_text("0.02")
    expect(page.get_by_text("border kept, new")).to_have_count(0)  # it has no value
    page.get_by_text("As the published code computes them").click()
    expect(page.locator(".measures-card details tbody tr").first).to_contain_text("2.50")
    page.locator(".track").press("Home")
    expect(nearest).to_contain_text("1.98–2.02")


def test_c_r1_keys_lead_from_epoch_to_epoch(page: Page, opened: Any, wait_until: Wait) -> None:
    session, stage = opened()
    stage.element.focus()
    page.keyboard.press("ArrowLeft")
    wait_until(lambda: epoch_of(session) == 4 and stage.time == 3)
    expect(title(page)).to_contain_text("Epoch 4 of 5")
    page.keyboard.press("Home")
    wait_until(lambda: epoch_of(session) == 1)
    expect(page.get_by_role("button", name="The epoch before (←)", exact=True)).to_be_disabled()
    page.get_by_role("button", name="The next epoch").click()
    wait_until(lambda: epoch_of(session) == 2 and "epoch=2" in page.url)
    box = page.locator(".column").nth(3).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    wait_until(lambda: epoch_of(session) == 4)
    expect(page.get_by_role("slider", name="Epoch")).to_have_attribute("aria-valuetext", "Epoch 4 of 5")


def test_c_r2_playing_moves_points_and_asks_the_server_nothing(
    page: Page, opened: Any, wait_until: Wait
) -> None:
    session, stage = opened("&epoch=1&trails=no")
    assert stage.amount(-2, -2, 0, 40) > 100
    stage.element.focus()
    told: list[str] = []
    session.pages["time-travel"].param.watch(lambda event: told.append(event.new), "epoch")
    page.keyboard.press("Space")
    times = [stage.time]
    while times[-1] < EPOCHS - 1:
        page.wait_for_timeout(40)
        times.append(stage.time)
        assert len(times) < 2000
    assert sum(time % 1 > 0 for time in times) > 5  # points were seen between epochs
    assert times == sorted(times)
    wait_until(lambda: epoch_of(session) == EPOCHS)
    wait_until(lambda: told == [EPOCHS])  # it rests once
    assert stage.amount(-2, -2, 0, 40) == 0
    assert stage.amount(-7, -7, 0, 40) > 100
    expect(page.get_by_role("button", name="Play (space)")).to_be_enabled()


def test_c_r2_a_pause_rests_at_the_nearest_epoch(page: Page, opened: Any, wait_until: Wait) -> None:
    session, stage = opened("&epoch=1")
    page.get_by_label("Speed").select_option("0.5")
    page.get_by_role("button", name="Play (space)").click()
    wait_until(lambda: stage.time > 0.2)
    page.get_by_role("button", name="Pause (space)").click()
    wait_until(lambda: stage.time % 1 == 0)
    rested = stage.time
    page.wait_for_timeout(500)
    assert stage.time == rested < EPOCHS - 1
    wait_until(lambda: epoch_of(session) == rested + 1)


def test_c_r3_the_way_of_what_is_under_study_is_drawn(
    page: Page, opened: Any, made: Any, wait_until: Wait
) -> None:
    focus = int(TRAIN + np.flatnonzero(made.label[TRAIN:] == 3)[0])
    _, stage = opened(f"&focus={focus}")
    assert stage.amount(4.5, 4.5, 3, 30) > 60  # a line through where the cloud was in epoch 3
    page.get_by_role("button", name="Trails", exact=True).click()
    wait_until(lambda: stage.amount(4.5, 4.5, 3, 30) < 5)


def test_c_r4_an_event_leads_to_its_epoch_and_image(page: Page, opened: Any, wait_until: Wait) -> None:
    session, _ = opened("&tab=events&epoch=2")
    rows = page.locator(".events-card .event")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="all epochs").click()
    expect(rows).to_have_count(4)
    page.locator(".events-card .chip", has_text="class").click()
    expect(rows).to_have_count(2)
    rows.filter(has_text="#31").click()
    wait_until(lambda: (epoch_of(session), session.navigation.focus) == (3, 31))
    expect(rows.filter(has_text="#31")).to_have_attribute("aria-pressed", "true")
    rows.filter(has_text="#25").click(modifiers=["Shift"])
    wait_until(lambda: session.selection.count == 1 and epoch_of(session) == 2)


def test_c_q5_epochs_say_how_many_of_the_selection_change_class(
    page: Page, opened: Any, made: Any, wait_until: Wait
) -> None:
    session, _ = opened("&epoch=3")
    page.get_by_role("button", name="Select 80 that change class").click()
    wait_until(lambda: session.selection.steps == (Step(Mode.REPLACE, Flips("parametric", 3)),))
    right = (np.arange(len(made.label)) // 4) % 5
    assert session.population is not None
    np.testing.assert_array_equal(
        np.sort(session.population.samples[session.selection.mask]),
        TRAIN + np.flatnonzero(right[TRAIN:] == 2),
    )
    expect(page.locator(".column").nth(2)).to_have_attribute("title", re.compile("80 of those selected"))
    expect(page.locator(".column").nth(3)).to_have_attribute("title", re.compile("0 of those selected"))
    page.get_by_role("button", name="Diagnose").click()
    expect(page.get_by_text("80 images whose class changed in epoch 3").first).to_be_visible()
    page.get_by_role("button", name="Time travel").click()
    expect(page.locator(".column").nth(2)).to_have_attribute("title", re.compile("80 of those selected"))


def test_a_lasso_on_an_epoch_selects_on_every_page_and_survives_a_link(
    page: Page, opened: Any, made: Any, wait_until: Wait
) -> None:
    session, stage = opened("&epoch=3")
    bright = stage.amount(-4.5, 4.5, 2)
    stage.lasso((-7, -7), (0, -7), (0, 0), (-7, 0))
    wait_until(lambda: session.selection.count)
    (step,) = session.selection.steps
    assert isinstance(step.gesture, EpochPolygon)
    assert step.gesture.epoch == 3
    assert session.population is not None
    np.testing.assert_array_equal(session.selection.mask, session.population.label == 0)
    wait_until(lambda: stage.amount(-4.5, 4.5, 2) < bright / 2)  # the others are faded
    wait_until(lambda: "epoch-polygon" in page.url)
    query = page.url.partition("?")[2].replace("page=time-travel", "")
    again, _ = opened(f"&{query}")
    wait_until(lambda: again.selection.steps == session.selection.steps)
    page.get_by_role("button", name="Diagnose").click()
    expect(page.get_by_text("100 images in the lasso of epoch 3").first).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    wait_until(lambda: not again.selection.steps)


def test_a_lasso_while_it_plays_is_of_the_epoch_it_stops_at(
    page: Page, opened: Any, wait_until: Wait
) -> None:
    session, stage = opened("&epoch=1")
    stage.element.focus()
    page.keyboard.press("Space")
    wait_until(lambda: stage.time > 0)
    stage.lasso((-10, -10), (10, -10), (10, 10), (-10, 10))
    wait_until(lambda: session.selection.count == 400)
    assert session.selection.steps[0].gesture.epoch == stage.time + 1  # type: ignore[attr-defined]


def test_c_q2_images_are_found_by_label_and_by_prediction(page: Page, opened: Any, wait_until: Wait) -> None:
    session, _ = opened("&trails=no")
    table = session.population
    assert table is not None
    assert table.predicted is not None
    circle = table.class_names.index("circle")
    box = page.get_by_role("combobox", name="Query")
    for text, wanted in (
        ('true == "circle"', table.label == circle),
        ('predicted == "circle"', table.predicted == circle),
        ('true == "circle" and predicted != true', (table.label == circle) & (table.predicted != circle)),
    ):
        box.fill(text)
        box.press("Enter")
        wait_until(lambda wanted=wanted: (session.selection.mask == wanted).all())


def test_c_q4_isolate_draws_nothing_but_what_is_selected(page: Page, opened: Any, wait_until: Wait) -> None:
    chosen = quote(json.dumps([["replace", "query", 'true == "circle"']]))
    _, stage = opened(f"&select={chosen}&trails=no")
    wait_until(lambda: stage.amount(7, 7, 3) < 50)
    faded = stage.color(7, 7, 40).astype(int)
    page.get_by_role("button", name="Isolate", exact=True).click()
    wait_until(lambda: (stage.color(7, 7, 40) != faded).any())
    assert stage.amount(-7, -7, 0) > 300


def test_g_1_what_is_not_to_be_believed_is_marked(page: Page, opened: Any, wait_until: Wait) -> None:
    _, stage = opened("&test=no&training=no")
    plain = stage.color(-5, -9.9, 8).astype(int)
    page.get_by_role("button", name="Trust", exact=True).click()
    wait_until(lambda: np.abs(stage.color(-5, -9.9, 8) - plain).max() > 60)  # hatched
    assert np.abs(stage.color(-5, -5, 8).astype(int)).std() < 60  # and elsewhere not
    expect(page.locator(".legend")).to_contain_text("0 of 15 nearest kept")
    expect(page.locator(".legend")).to_contain_text("not to be believed")


def test_the_confusion_of_an_epoch_selects_and_says_its_change(
    page: Page, opened: Any, wait_until: Wait
) -> None:
    session, _ = opened("&epoch=4")
    cell = page.locator("[data-cell='0,1']")
    expect(cell).to_have_text("20")
    page.get_by_role("button", name="change", exact=True).click()
    expect(cell).to_have_text("−20")
    cell.click()
    wait_until(
        lambda: session.selection.steps == (Step(Mode.REPLACE, EpochCells("parametric", 4, ((0, 1),))),)
    )
    assert session.selection.count == 20
    expect(cell).to_have_attribute("aria-pressed", "true")
    cell.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-cell='1,1']")).to_be_focused()
    page.get_by_role("button", name="count", exact=True).click()
    expect(cell).to_have_text("20 / 20")  # of the selection, beside all
    expect(page.locator("[data-cell='1,1']")).not_to_contain_text("/")


def test_a_run_without_time_travel_says_how_to_compute_it(
    page: Page, made: Any, serve_app: Callable[..., Session]
) -> None:
    serve_app(made.path, "?page=time-travel")
    expect(page.get_by_text("No time travel yet")).to_be_visible()
    expect(page.locator("code").first).to_have_text(f"deepvid time-travel {made.run} --store {made.path}")
    expect(page.get_by_text("It appears with the first landscape.")).to_have_count(2)


def test_one_epoch_plays_nothing(page: Page, made: Any, tmp_path: Path, opened: Any) -> None:
    store = Path(shutil.copytree(made.path, tmp_path / "other"))
    opened("", travelled(made, store, 1, planned=3, events=False))
    expect(title(page)).to_contain_text("Epoch 1 of 1")
    expect(page.get_by_text("One epoch: nothing moves yet")).to_be_visible()
    expect(page.get_by_role("button", name="Play (space)")).to_be_disabled()
    expect(page.locator(".column.missing")).to_have_count(2)


def test_epochs_appear_as_they_are_computed(
    page: Page, made: Any, tmp_path: Path, opened: Any, wait_until: Wait
) -> None:
    store = Path(shutil.copytree(made.path, tmp_path / "growing"))
    session, stage = opened("", travelled(made, store, 2, planned=4, events=False))
    expect(title(page)).to_contain_text("Epoch 2 of 2")
    expect(page.get_by_text("partial", exact=True).first).to_be_visible()
    travelled(made, store, 3, planned=4, events=False)
    expect(title(page)).to_contain_text("Epoch 3 of 3")  # the last is shown, for nobody chose another
    wait_until(lambda: stage.time == 2)
    page.locator(".track").press("Home")
    wait_until(lambda: epoch_of(session) == 1)
    travelled(made, store, 4, planned=4)
    expect(page.get_by_text("partial", exact=True)).to_have_count(0)
    expect(page.locator(".column.missing")).to_have_count(0)
    assert stage.time == 0


def test_several_forms_can_be_chosen(
    page: Page, made: Any, travel: Path, opened: Any, wait_until: Wait
) -> None:
    groups = [seen(made.label, epoch) for epoch in range(EPOCHS)]
    turned = [epoch._replace(position=-epoch.position) for epoch in groups]
    commit_epochs(travel, made.run, turned, np.arange(len(made.label)), form="layout")
    _, stage = opened("&trails=no")
    assert stage.amount(-7, -7, 0) > 300
    page.get_by_label("form").select_option("layout")
    wait_until(lambda: stage.amount(7, 7, 0) > 300)
    wait_until(lambda: "form=layout" in page.url)


def test_what_makes_no_sense_changes_nothing(page: Page, opened: Any, wait_until: Wait) -> None:
    session, _ = opened("&epoch=2&tab=events")
    for tab in ("Differences", "Confusion"):
        page.get_by_role("tab", name=tab).click()
    expect(page.locator("[data-cell='0,0']")).to_be_visible()
    views = {type(view).__name__: view for view in session.linker.views}
    acting = views["LandscapeView"]._acting  # type: ignore[attr-defined]
    owner = acting.played.owner
    forged = {
        ("LandscapeView", "map"): [
            *(
                ("epoch", value)
                for value in (None, [], [owner, 0], [owner, 99], [owner, True], ["other", 1], [owner, "1"])
            ),
            *(("flips", value) for value in (None, [owner, 0], [owner, 2.5])),
            *(("hover", value) for value in ([1, 2], [0, 0, 1], [10**9, 0, 1], "x", [owner, 0, 0])),
            *(("pick", value) for value in (None, [], {"number": 1}, {"number": 0, "point": -1})),
            *(
                ("lasso", value)
                for value in (None, {}, {"owner": owner}, {"owner": owner, "epoch": 1, "x": [0], "y": [0]})
            ),
        ],
        ("DifferencesView", "component"): [
            *(("part", value) for value in (None, {}, {"name": "all"}, "both_right")),
            *(("change", value) for value in (None, {}, {"row": -1}, {"row": 99}, {"row": True})),
        ],
        ("EpochView", "component"): [("go", value) for value in (None, 0, -1, "2", True, [1])],
        ("EpochConfusionView", "component"): [
            ("select", value) for value in (None, {}, {"row": 0, "column": 99})
        ],
        ("EventsView", "component"): [
            *(
                ("study", value)
                for value in (None, {}, {"sample": "1", "epoch": 1}, {"sample": 21, "epoch": 0})
            ),
            *(("kind", value) for value in (None, [], "nonsense")),
        ],
    }
    focus = session.navigation.focus

    def tell() -> None:
        for (name, widget), messages in forged.items():
            for action, value in messages:
                (acting if widget == "map" else views[name]).component._handle_msg(
                    {"action": action, "value": value}
                )

    done: list[bool] = []
    session.schedule(lambda: (tell(), done.append(True)))
    wait_until(lambda: done)
    page.wait_for_timeout(300)
    assert (epoch_of(session), session.navigation.focus, session.selection.steps) == (2, focus, ())


def test_every_tab_of_time_travel_is_accessible(page: Page, opened: Any) -> None:
    for theme in ("light", "dark"):
        for tab in ("confusion", "measures", "events"):
            opened(f"&theme={theme}&tab={tab}&trust=yes&epoch=3&focus=31")
            page.wait_for_timeout(500)
            assert violations(page, stylesheets=tab == "measures") == [], (theme, tab)
            stops = tab_stops(page)
            assert [stop for stop in stops if not (stop.told and stop.seen)] == [], (theme, tab)
            assert "Epoch" in [stop.name for stop in stops]  # the timeline
