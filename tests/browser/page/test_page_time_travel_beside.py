"""Two epochs, and two runs, side by side: the other run's maps are the same, a quarter turned."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from accessible import violations
from playwright.sync_api import Locator, Page, expect
from stages import EPOCHS, TRAIN, Wait, seen
from travels import commit_epochs

from dashboards.session.gestures import EpochPolygon, Samples
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

OTHER = "others-0123abcd"
QUARTER = np.array([[0, 1], [-1, 0]])
LEFT, TAUGHT = 3, 8  # epochs of the other run, and how many more images it has wrong in each


class Both(NamedTuple):
    """The two maps."""

    page: Page

    def stage(self, number: int) -> Locator:
        return self.page.locator(".stage").nth(number)

    def time(self, number: int) -> float:
        return float(self.stage(number).get_attribute("data-time") or "nan")


@pytest.fixture
def both(
    page: Page,
    made: Any,
    travel: Path,
    complete_run: Callable[..., Any],
    serve_app: Callable[..., Session],
    wait_until: Wait,
) -> Callable[[str], tuple[Session, Both]]:
    """`both(query)`: the page on a store of two runs, once two maps are painted."""
    complete_run(travel, "others", teacher=2)
    groups = []
    for epoch in range(LEFT):
        given = seen(made.label, epoch)
        logits = given.test_logits.copy()
        logits[:TAUGHT] = 3 * np.eye(4)[(made.label[TRAIN : TRAIN + TAUGHT] + 2) % 4]
        groups.append(given._replace(position=given.position @ QUARTER, test_logits=logits))
    commit_epochs(travel, OTHER, groups, np.arange(len(made.label)))

    def open_page(query: str) -> tuple[Session, Both]:
        session = serve_app(travel, f"?run={made.run}&page=time-travel{query}")
        maps = Both(page)
        maps.stage(1).wait_for()
        wait_until(lambda: maps.time(0) >= 0 and maps.time(1) >= 0)
        return session, maps

    return open_page


def state(session: Session) -> Any:
    return session.pages["time-travel"]


def test_g_8_another_epoch_stands_beside_it_with_a_timeline_of_its_own(
    page: Page, opened: Any, wait_until: Wait
) -> None:
    session, _ = opened()
    page.get_by_label("side by side", exact=True).select_option("epoch")
    maps = Both(page)
    maps.stage(1).wait_for()
    wait_until(lambda: (maps.time(0), maps.time(1)) == (EPOCHS - 1, 0))
    expect(page.locator(".plot-header h2", has_text="Epoch 1 of 5")).to_be_visible()
    maps.stage(1).focus()
    page.keyboard.press("ArrowRight")
    wait_until(lambda: state(session).beside_epoch == 2)
    assert (maps.time(0), maps.time(1)) == (EPOCHS - 1, 1)
    page.get_by_label("side by side", exact=True).select_option("")
    expect(page.locator(".stage").nth(1)).to_be_hidden()


def test_g_8_another_run_is_turned_and_goes_where_this_one_goes(
    both: Any, page: Page, wait_until: Wait
) -> None:
    session, maps = both(f"&epoch=1&beside={OTHER}")
    wait_until(lambda: (maps.time(0), maps.time(1)) == (0, 0))
    shown, other = (
        next(view for view in session.linker.views if type(view).__name__ == name)._acting.played.shown.travel
        for name in ("LandscapeView", "BesideView")
    )
    assert np.abs(other.position.astype(float) - shown.position[:LEFT]).max() < 0.1
    expect(page.get_by_text("turned, 100 % explained")).to_be_visible()
    maps.stage(0).focus()
    page.keyboard.press("ArrowRight")
    wait_until(lambda: maps.time(1) == 1)
    page.keyboard.press("End")  # which the other has not
    wait_until(lambda: (maps.time(0), maps.time(1)) == (EPOCHS - 1, LEFT - 1))
    assert state(session).beside_epoch is None
    maps.stage(1).focus()
    page.keyboard.press("Home")
    wait_until(lambda: state(session).beside_epoch == 1)
    maps.stage(0).focus()
    page.keyboard.press("Home")
    wait_until(lambda: maps.time(0) == 0)
    page.keyboard.press("ArrowRight")
    wait_until(lambda: state(session).epoch == 2)
    assert maps.time(1) == 0
    page.get_by_role("button", name="Together").click()
    wait_until(lambda: maps.time(1) == 1)


def test_g_8_one_place_is_in_one_place_of_both(both: Any, wait_until: Wait) -> None:
    session, maps = both(f"&epoch=1&beside={OTHER}")
    wait_until(lambda: maps.time(1) == 0)
    frames = [
        view._acting.component.travel["frame"]  # type: ignore[attr-defined]
        for view in session.linker.views
        if type(view).__name__ in ("LandscapeView", "BesideView")
    ]
    assert frames[0] == frames[1]


def test_back_to_another_run_shows_the_epoch_it_was_at(both: Any, page: Page, wait_until: Wait) -> None:
    session, _ = both("&epoch=2&beside=epoch")
    page.get_by_label("Run", exact=True).select_option(OTHER)
    expect(page.locator(".plot-header h2", has_text="Epoch 3 of 3")).to_be_visible()
    page.go_back()
    expect(page.locator(".plot-header h2", has_text="Epoch 2 of 5")).to_be_visible()
    assert state(session).epoch == 2


def test_what_is_said_of_the_run_before_means_nothing(both: Any, wait_until: Wait) -> None:
    session, _ = both("&epoch=1&beside=epoch")
    (acting,) = (v._acting for v in session.linker.views if type(v).__name__ == "LandscapeView")
    owner, done = acting.played.owner, []

    def say() -> None:
        session.navigation.run = OTHER
        acting.component._handle_msg({"action": "epoch", "value": [owner, 2]})
        done.append(True)

    session.schedule(say)
    wait_until(lambda: done)
    assert state(session).epoch is None


def test_a_run_that_is_deleted_stands_beside_nothing(both: Any) -> None:
    session, _ = both(f"&beside={OTHER}")
    state(session).left("another-0123abcd", "")
    assert state(session).beside == OTHER
    state(session).left(OTHER, "")
    assert state(session).beside == ""


def test_g_8_while_it_plays_the_other_run_plays_along(both: Any, page: Page, wait_until: Wait) -> None:
    _, maps = both(f"&epoch=1&beside={OTHER}")
    wait_until(lambda: (maps.time(0), maps.time(1)) == (0, 0))
    maps.stage(0).focus()
    page.keyboard.press(" ")
    wait_until(lambda: 0.2 < maps.time(1) % 1 < 0.8)


def test_g_8_what_is_under_the_pointer_is_marked_in_both(both: Any, page: Page, wait_until: Wait) -> None:
    session, maps = both(f"&epoch=1&beside={OTHER}&test=no")
    wait_until(lambda: maps.time(1) == 0)
    views = {type(view).__name__: view for view in session.linker.views}
    session.schedule(lambda: setattr(session.navigation, "hover", 33))
    wait_until(lambda: views["BesideView"]._acting.component.ringed == 33)  # type: ignore[attr-defined]
    assert views["LandscapeView"]._acting.component.ringed == 33  # type: ignore[attr-defined]


def test_g_8_a_lasso_there_selects_here(both: Any, page: Page, wait_until: Wait) -> None:
    session, maps = both(f"&epoch=1&beside={OTHER}")
    box = maps.stage(1).bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(middle[0] + 4, middle[1] - 4)
    page.mouse.down()
    for x, y in ((1, 0), (1, 1), (0, 1), (0, 0)):
        page.mouse.move(
            middle[0] + 4 + 0.45 * x * box["width"], middle[1] - 4 - 0.4 * y * box["height"], steps=6
        )
    page.mouse.up()
    wait_until(lambda: session.selection.steps)
    [(_, gesture)] = session.selection.steps
    assert isinstance(gesture, Samples)
    assert gesture.words == "in the lasso of epoch 1 there"
    assert session.selection.mask.sum() == len(gesture.samples) > 80
    label = session.population.label[session.selection.mask]
    assert (label == 3).mean() > 0.95  # the class that is up and right here


def test_g_8_a_lasso_on_the_other_epoch_is_of_that_epoch(page: Page, opened: Any, wait_until: Wait) -> None:
    session, _ = opened("&beside=epoch&beside_epoch=2")
    maps = Both(page)
    maps.stage(1).wait_for()
    wait_until(lambda: maps.time(1) == 1)
    box = maps.stage(1).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for dx, dy in ((150, 0), (150, -150), (0, -150)):
        page.mouse.move(x + dx, y + dy, steps=6)
    page.mouse.up()
    wait_until(lambda: session.selection.steps)
    [(_, gesture)] = session.selection.steps
    assert isinstance(gesture, EpochPolygon)
    assert gesture.epoch == 2


def test_g_8_differences_say_who_is_right_and_select(both: Any, page: Page, wait_until: Wait) -> None:
    session, _ = both(f"&epoch=1&beside={OTHER}&tab=differences")
    table = page.get_by_role("table", name="Test images by who is right")
    expect(table).to_contain_text("epoch 1 here right")
    expect(page.get_by_text("two is right, epoch 1 here on")).to_be_visible()
    alone = int(table.locator("[data-key=only_first]").inner_text().replace(",", ""))
    assert 0 < alone <= TAUGHT
    table.locator("[data-key=only_first]").click()
    wait_until(lambda: session.selection.mask is not None and session.selection.mask.sum() == alone)
    [(_, gesture)] = session.selection.steps
    assert gesture.words == f"that epoch 1 of this run has right and epoch 1 of {OTHER} wrong"
    table.locator("[data-key=only_first]").click()
    wait_until(lambda: not session.selection.steps)
    page.locator(".change").first.click()
    wait_until(lambda: session.selection.steps)
    assert session.selection.mask.sum() == int(page.locator(".change .count").first.inner_text())
    assert violations(page, stylesheets=False) == []


def test_nothing_beside_says_how_and_a_run_that_is_gone_says_so(page: Page, opened: Any) -> None:
    opened("&tab=differences")
    expect(page.get_by_text("Nothing stands beside this epoch yet")).to_be_visible()
    expect(page.locator(".stage")).to_have_count(1)
    opened("&beside=gone-0123abcd")
    expect(page.get_by_text("The run beside it is in this store and has time travel")).to_be_visible()
    expect(page.locator(".plot-header h2", has_text="Epoch 5 of 5")).to_be_visible()
