"""The image under study and its student: what is said, what is painted, what can be chosen."""

import re
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


def test_pixels_and_constant_sum_to_what_the_student_says(page: Page, session: Session) -> None:
    text = large(page, 0).locator("span").first.inner_text().replace("−", "-")
    pixels, constant, said = (
        float(part) for part in text.removeprefix("Σ ").replace(" + c ", " = ").split(" = ")
    )
    assert said == pytest.approx(pixels + constant, abs=0.011)


def test_a_class_has_one_logit(page: Page, session: Session, made: Any) -> None:
    page.get_by_role("button", name="logit", exact=True).click()
    for number, index in ((0, made.predicted[made.fitted[1]]), (1, made.label[made.fitted[1]])):
        above = page.locator(".focus-card .value").nth(int(index)).inner_text().replace("−", "-")
        caption = large(page, number).locator("figcaption").inner_text().replace("−", "-")
        (logit,) = re.findall(r"logit (\S+)", caption)
        assert float(logit) == pytest.approx(float(above), abs=0.06)  # one digit less


def test_weights_alone_are_no_sum(page: Page, session: Session) -> None:
    page.get_by_role("button", name="weights", exact=True).click()
    expect(large(page, 0).locator("figcaption")).not_to_contain_text("Σ")


def test_a_student_that_appears_under_a_pointer_at_rest_is_not_inspected(
    page: Page, session: Session, made: Any
) -> None:
    names = session.population.class_names  # type: ignore[union-attr]
    page.wait_for_timeout(500)  # until the layout rests
    box = page.get_by_label(f"Enlarge {names[2]}").bounding_box()
    x, y = box["x"] + 8, box["y"] + 30  # type: ignore[index]
    other = int(next(sample for sample in made.wrong if sample not in made.fitted))
    session.schedule(lambda: session.focus(other))
    expect(page.get_by_text(f"No student was fitted for #{other}")).to_be_visible()
    page.mouse.click(x, y)  # as on its button, which lies about there
    session.schedule(lambda: session.focus(made.fitted[1]))
    expect(large(page, 2)).to_be_visible()
    page.wait_for_timeout(500)
    expect(large(page, 2)).to_contain_text("student’s difference")
    page.mouse.move(x + 2, y)
    expect(large(page, 2).locator("b")).to_have_text(names[2])


CHANGES = """(e) => new Promise((resolve) => {
  let changes = 0
  const observer = new MutationObserver((all) => { changes += all.length })
  observer.observe(e.getRootNode(), {subtree: true, childList: true, attributes: true, characterData: true})
  setTimeout(() => { observer.disconnect(); resolve(changes) }, 1500)
})"""


def _other(made: Any) -> int:
    """A class that is in question only when a person asks for it."""
    sample = made.fitted[0]
    return next(index for index in range(4) if index not in (made.label[sample], made.predicted[sample]))


@pytest.fixture
def wordy(begin_run: Any, groups: Any, made: Any, tmp_path: Any) -> Any:
    """A run whose student says long numbers of one class, and has no gradient."""
    students = groups.students(made.fitted[:1])
    students["intercept"][..., _other(made)] = -4000
    students["neighborhood_gradient"][:] = np.nan
    with begin_run(tmp_path) as writer:
        writer.commit_stage("dataset", "a" * 12, groups.dataset())
        writer.commit_stage("projection-tsne-features-2d", "b" * 12, groups.projection())
        groups.commit_teacher(writer)
        writer.commit_stage("vae", "d" * 12, groups.vae())
        writer.commit_stage("students/0123abcd-0", "e" * 12, students)
    return tmp_path


def test_what_the_strip_says_does_not_move_what_is_under_the_pointer(
    page: Page, serve_app: Serve, wordy: Any, made: Any
) -> None:
    session = serve_app(wordy, f"?focus={made.fitted[0]}")
    buttons = page.locator(".student-card .strip button")
    expect(buttons).to_have_count(4)
    page.wait_for_timeout(500)  # until the layout rests
    before = buttons.nth(_other(made)).bounding_box()
    page.mouse.move(before["x"] + 8, before["y"] + 2)  # type: ignore[index]
    page.mouse.move(before["x"] + before["width"] / 2, before["y"] + 4)  # type: ignore[index]
    page.wait_for_timeout(300)
    expect(large(page, 2).locator("b")).to_have_text(session.population.class_names[_other(made)])
    assert page.locator(".student-card .card").evaluate(CHANGES) == 0
    assert buttons.nth(_other(made)).bounding_box() == before


def test_a_gradient_that_was_not_computed_says_so(
    page: Page, serve_app: Serve, wordy: Any, made: Any
) -> None:
    serve_app(wordy, f"?focus={made.fitted[0]}")
    expect(large(page, 3)).to_contain_text("not computed")
    expect(large(page, 3).locator("canvas")).to_have_count(0)


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
