"""The image under study and its student: what is said, what is painted, what can be chosen."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
Wait = Callable[..., Any]

CENTER = "e => [...e.getContext('2d').getImageData(5, 5, 1, 1).data].slice(0, 3)"
EDGE = "e => [...e.getContext('2d').getImageData(0, 0, 1, 1).data].slice(0, 3)"


@pytest.fixture
def session(serve_app: Serve, made: Any, page: Page) -> Session:
    session = serve_app(made.path, f"?focus={made.fitted[1]}")
    expect(page.locator(".student-card .large")).to_be_visible()
    return session


def large(page: Page, number: int) -> Locator:
    return page.locator(".student-card .large figure").nth(number)


def test_says_what_the_image_is_and_how_sure_the_teacher_is(page: Page, session: Session, made: Any) -> None:
    sample = made.fitted[1]
    names = session.population.class_names  # type: ignore[union-attr]
    true, predicted = names[made.label[sample]], names[made.predicted[sample]]
    expect(page.locator(".focus-card h2")).to_contain_text(f"true {true} · predicted {predicted}")
    expect(page.locator(".focus-card .bars .marked")).to_have_count(2)
    page.get_by_role("button", name="logit", exact=True).click()
    shown = page.locator(".focus-card .value").nth(int(made.label[sample]))
    expect(shown).to_have_text(f"{made.logits[sample, made.label[sample]]:.1f}".replace("-", "−"))


def test_fidelity_is_a_sentence_and_each_fit_has_its_own(page: Page, session: Session) -> None:
    says = page.locator(".student-card .trust p")
    expect(says).to_contain_text("agrees with the teacher on 90 % of 100 held-out neighbors (83–94 %)")
    expect(says).to_contain_text("guessing the commonest class would reach 71 %")
    says.evaluate("(p) => { p.style.width = '60px' }")  # narrower than a share: a line ends where it may
    lines = says.locator(".share").evaluate_all("(all) => all.map((one) => one.getClientRects().length)")
    assert lines == [1, 1, 1]
    page.get_by_role("button", name="plain", exact=True).click()
    expect(says).to_contain_text("on 94 % of 100 held-out neighbors (88–97 %)")


def test_the_gate_warns_before_any_weights(page: Page, session: Session, made: Any) -> None:
    warning = page.locator(".student-card .warning")
    expect(warning).to_contain_text("looks like")
    assert warning.bounding_box()["y"] < page.locator(".student-card .large").bounding_box()["y"]  # type: ignore[index]
    session.schedule(lambda: session.focus(made.fitted[0]))  # its gate holds
    expect(warning).to_have_count(0)


def test_maps_are_painted_with_zero_as_the_background_in_both_themes(
    page: Page, session: Session, wait_until: Wait
) -> None:
    for name, zero in (("Dark theme", [255, 255, 255]), ("Light theme", [23, 26, 32])):
        canvas = large(page, 3).locator("canvas")  # the gradient: nothing in its corner, something inside
        wait_until(lambda canvas=canvas, zero=zero: abs(np.subtract(canvas.evaluate(EDGE), zero)).max() < 12)
        assert page.locator(".student-card .strip canvas").count() == 8
        assert page.locator(".student-card .strip canvas").nth(0).evaluate(CENTER) != zero
        page.get_by_label(name).click()


def test_pixels_and_constant_sum_to_the_logit(page: Page, session: Session) -> None:
    text = large(page, 0).locator("span").inner_text().replace("−", "-")
    pixels, constant, logit = (
        float(part) for part in text.removeprefix("Σ ").replace(" + c ", " = logit ").split(" = logit ")
    )
    assert logit == pytest.approx(pixels + constant, abs=0.011)
    assert constant == pytest.approx(0.5)  # T = 2 times the stored 0.25


def test_a_class_is_enlarged_by_hover_and_kept_by_click(page: Page, session: Session) -> None:
    third = large(page, 2).locator("b")
    names = session.population.class_names  # type: ignore[union-attr]
    difference = third.inner_text()
    page.get_by_label(f"Enlarge {names[2]}").hover()
    expect(third).to_have_text(names[2])
    page.mouse.move(5, 5)
    expect(third).to_have_text(difference)
    page.get_by_label(f"Enlarge {names[2]}").click()
    page.mouse.move(5, 5)
    expect(third).to_have_text(names[2])


def test_without_a_student_it_names_the_command_and_offers_to_fit(
    page: Page, session: Session, made: Any
) -> None:
    other = int(next(sample for sample in made.wrong if sample not in made.fitted))
    session.schedule(lambda: session.focus(other))
    expect(page.get_by_text(f"No student was fitted for #{other}")).to_be_visible()
    expect(
        page.get_by_text(f"deepvid fit-students {made.run} --images {other} --store {made.path}")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Fit now")).to_be_enabled()


def test_a_focus_change_is_one_message(page: Page, session: Session, made: Any, wait_until: Wait) -> None:
    frames: list[Any] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
    page.reload()
    expect(page.locator(".student-card .large")).to_be_visible()
    page.wait_for_timeout(500)
    frames.clear()
    page.locator(".image-grid .scroll").focus()
    page.keyboard.press("End")
    expect(page.locator("h2 .index")).not_to_have_text(f"#{made.fitted[1]}")
    page.wait_for_timeout(300)
    patches = [frame for frame in frames if isinstance(frame, str) and '"msgtype":"PATCH-DOC"' in frame]
    # the keys, then the window that the grid asks for after scrolling to its end
    assert len(patches) <= 2, patches
