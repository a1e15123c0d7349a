"""The image under study and why it is taken for one class: what is said, painted, and can be chosen."""

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

ALL = "e => [...e.getContext('2d').getImageData(0, 0, e.width, e.height).data].join()"
CENTER = "e => [...e.getContext('2d').getImageData(5, 5, 1, 1).data].slice(0, 3)"
EDGE = "e => [...e.getContext('2d').getImageData(0, 0, 1, 1).data].slice(0, 3)"


@pytest.fixture
def session(serve_app: Serve, made: Any, page: Page) -> Session:
    page.set_viewport_size({"width": 1440, "height": 1600})  # the numbers of all maps have room
    session = serve_app(made.path, f"?focus={made.fitted[1]}")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    return session


def method(page: Page, label: str) -> Locator:
    return page.locator(".explain-card .method").filter(has=page.get_by_text(label, exact=True))


def open_drawer(page: Page) -> Locator:
    page.locator(".explain-card summary").click()
    columns = page.locator(".explain-card .columns .column:not(.names)")
    expect(columns.first).to_be_visible()
    return columns


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"[-+]?\d+\.\d+", text.replace("−", "-"))]


def test_says_what_the_image_is_and_how_sure_the_teacher_is(page: Page, session: Session, made: Any) -> None:
    sample = made.fitted[1]
    names = session.population.class_names  # type: ignore[union-attr]
    true, predicted = names[made.label[sample]], names[made.predicted[sample]]
    expect(page.locator(".focus-card h2")).to_contain_text(f"labeled {true}, taken for {predicted}")
    page.locator(".focus-card .answers summary").click()
    expect(page.locator(".focus-card .bars .marked")).to_have_count(2)
    page.get_by_role("button", name="logit", exact=True).click()
    shown = page.locator(".focus-card .row").filter(has_text=true).locator(".value")
    expect(shown).to_have_text(f"{made.logits[sample, made.label[sample]]:.1f}".replace("-", "−"))


def test_the_first_is_the_runs_first_and_the_student_is_always_among_them(
    page: Page, session: Session
) -> None:
    titles = page.locator(".explain-card .method > b")
    expect(titles).to_have_text(["Integrated gradients", "Gradient × input", "Occlusion", "CAM", "Student"])
    expect(page.locator(".explain-card .sentence")).to_have_count(0)  # five errors are too few to say so


def test_a_s2_pixels_and_base_add_up_to_what_the_student_says(
    page: Page, session: Session, made: Any
) -> None:
    line = page.locator(".explain-card .sums")
    expect(line).to_contain_text(re.compile("neighbors’ mean .*pixels .*= student .*teacher"))
    base, pixels, margin, teacher = numbers(line.inner_text())
    assert base + pixels == pytest.approx(margin, abs=1e-9)
    sample = made.fitted[1]
    logits = made.logits[sample]
    assert teacher == pytest.approx(logits[made.predicted[sample]] - logits[made.label[sample]], abs=0.006)


def test_every_method_stands_on_one_axis_with_its_chance(page: Page, session: Session) -> None:
    columns = page.locator(".explain-card .axis .column")
    expect(columns.locator(".number")).to_have_text(["+3.00", "+1.50", "+1.00", "+0.90", "+0.60"])
    heights = [
        page.locator(".explain-card .axis .value").nth(number).bounding_box()["y"]  # type: ignore[index]
        for number in range(5)
    ]
    assert heights == sorted(heights)  # the more, the higher
    judges = columns.locator(".judge")
    assert judges.evaluate_all("all => all.map((one) => one.classList.contains('beats'))") == [
        True, True, True, False, True,
    ]  # fmt: skip


def test_where_no_method_beats_chance_it_says_so_in_gray(page: Page, session: Session, made: Any) -> None:
    nobody = page.get_by_text("No method beats chance on this image")
    expect(nobody).to_have_count(0)
    assert _colorful(page)
    session.schedule(lambda: session.focus(made.fitted[3]))
    expect(nobody).to_be_visible()
    assert not _colorful(page)


def test_a_map_that_holds_by_one_judge_alone_is_disputed(page: Page, session: Session, made: Any) -> None:
    legend = page.locator(".explain-card .legend")
    expect(legend).not_to_contain_text("autoencoder")
    session.schedule(lambda: session.focus(made.fitted[4]))
    expect(legend).to_contain_text("by flat colors")
    expect(legend).to_contain_text("by the autoencoder")
    disputed = page.locator(".explain-card .method:has(.disputed)")
    expect(disputed.locator("> b")).to_have_text(["Integrated gradients", "Gradient × input"])
    expect(disputed.first).to_have_attribute(
        "title", re.compile("is disputed: it holds by flat colors and not")
    )
    expect(page.locator(".explain-card .method > .holds")).to_have_text(["Occlusion"])
    expect(page.locator(".explain-card .axis .infill .number").first).to_have_text("+2.50")
    session.schedule(lambda: session.focus(made.fitted[0]))
    expect(legend).to_contain_text("The autoencoder knows nothing of this image.")


def _colorful(page: Page) -> bool:
    """Whether the first picture has a saturated pixel."""
    canvas = page.locator(".explain-card .method canvas").first
    pixels = canvas.evaluate("e => [...e.getContext('2d').getImageData(0, 0, e.width, e.height).data]")
    colors = np.array(pixels).reshape(-1, 4)[:, :3]
    return bool(np.ptp(colors, axis=1).max() > 60)


def test_an_image_that_was_not_explained_has_its_student_and_the_command(
    page: Page, session: Session, made: Any
) -> None:
    sample = made.fitted[5]
    session.schedule(lambda: session.focus(sample))
    expect(page.locator(".explain-card .method > b")).to_have_text(["Student", "Neighbors’ gradient"])
    command = f"deepvid evaluate {made.run} --images {sample} --store {made.path}"
    expect(page.get_by_text(command)).to_be_visible()


def test_a_picture_is_laid_over_the_image_by_a_click_and_stands_in_the_address(
    page: Page, session: Session, wait_until: Wait
) -> None:
    student = method(page, "Student")
    image = page.locator(".focus-card canvas.picture")
    alone = image.evaluate(ALL)
    student.click()
    expect(student).to_have_attribute("aria-pressed", "true")
    assert session.navigation.overlay == "student"
    expect(page).to_have_url(re.compile("overlay=student"))
    opacity = page.get_by_label("Opacity of the explanation")
    expect(opacity).to_be_visible()
    assert image.evaluate(ALL) != alone
    opacity.fill("0")
    assert image.evaluate(ALL) == alone
    student.click()
    expect(opacity).to_have_count(0)
    expect(student).to_have_attribute("aria-pressed", "false")
    assert session.navigation.overlay == ""


def test_the_image_says_whether_its_explanation_can_be_believed(
    page: Page, session: Session, made: Any
) -> None:
    trust = page.locator(".focus-card .trust")
    expect(trust).to_contain_text(
        "By the one judge asked this map holds here: +3.0 logits beyond chance, first"
    )
    trust.get_by_role("button", name="How do we know?").click()
    told = trust.locator(".popover")
    expect(told).to_contain_text(
        "With flat colors in place of what is absent: +3.0 logits more than elsewhere"
    )
    expect(told).to_contain_text("The autoencoder's copy is another class to the teacher")
    expect(told).to_contain_text("widened to 1.2 sd")
    page.keyboard.press("Escape")  # the maps lie below it
    page.locator(".focus-card .method", has_text="Student").click()
    trust.get_by_role("button", name="How do we know?").click()
    expect(trust).to_contain_text("The student agrees with the teacher on 90 % [83–94] of held-out neighbors")
    expect(trust).to_contain_text("guessing reaches 71 %")
    other = int(next(sample for sample in made.wrong if sample not in made.fitted))
    session.schedule(lambda: session.focus(other))
    expect(page.locator(".focus-card h2")).to_contain_text(f"#{other}")
    expect(trust).to_have_count(0)  # it has no map


def test_fidelity_is_a_sentence_and_each_fit_has_its_own(page: Page, session: Session) -> None:
    open_drawer(page)
    says = page.locator(".explain-card .fidelity")
    expect(says).to_contain_text("agrees with the teacher on 90 % of 100 held-out neighbors (83–94 %)")
    expect(says).to_contain_text("guessing the commonest class would reach 71 %")
    page.get_by_role("button", name="plain", exact=True).click()
    expect(says).to_contain_text("on 94 % of 100 held-out neighbors (88–97 %)")
    expect(page.locator(".explain-card .columns")).to_be_visible()  # the drawer stays as it was


def test_the_gate_warns_before_any_weights(page: Page, session: Session, made: Any) -> None:
    warning = page.locator(".explain-card .gate")
    expect(warning).to_contain_text("looks like")
    assert warning.bounding_box()["y"] < page.locator(".explain-card .methods").bounding_box()["y"]  # type: ignore[index]
    session.schedule(lambda: session.focus(made.fitted[0]))  # its gate holds
    expect(warning).to_have_count(0)


def test_maps_are_painted_with_zero_as_the_background_in_both_themes(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    session.schedule(lambda: session.focus(made.fitted[5]))
    gradient = method(page, "Neighbors’ gradient").locator("canvas")
    expect(gradient).to_be_visible()
    for name, zero in (("Dark theme", [255, 255, 255]), ("Light theme", [23, 26, 32])):
        # nothing in its corner, something inside
        wait_until(lambda zero=zero: abs(np.subtract(gradient.evaluate(EDGE), zero)).max() < 40)
        assert page.locator(".explain-card .columns canvas").count() == 8
        assert page.locator(".explain-card .columns canvas").nth(0).evaluate(CENTER) != zero
        page.get_by_label(name).click()


def test_a_class_has_one_logit(page: Page, session: Session, made: Any) -> None:
    page.locator(".focus-card .answers summary").click()
    page.get_by_role("button", name="logit", exact=True).click()
    columns = open_drawer(page)
    expect(columns).to_have_count(4)
    names = session.population.class_names  # type: ignore[union-attr]
    for index, name in enumerate(names):
        above = page.locator(".focus-card .row").filter(has_text=name).locator(".value").inner_text()
        column = columns.filter(has_text=name).locator(".teacher").inner_text()
        assert numbers(column)[0] == pytest.approx(numbers(above)[0], abs=0.06)  # one digit less
        assert numbers(above)[0] == pytest.approx(made.logits[made.fitted[1], index], abs=0.06)


@pytest.fixture
def old(begin_run: Any, groups: Any, made: Any, tmp_path: Any) -> Any:
    """A run of an older version: neither its neighbors' mean is known, nor a gradient, nor explanations."""
    students = groups.students(made.fitted[:1])
    students["neighborhood_gradient"][:] = np.nan
    added = ["neighborhood_mean", "widening", "commonest", "commonest_class", "stability"]
    with begin_run(tmp_path) as writer:
        writer.commit_stage("dataset", "a" * 12, groups.dataset())
        writer.commit_stage("projection-tsne-features-2d", "b" * 12, groups.projection())
        groups.commit_teacher(writer)
        writer.commit_stage("vae", "d" * 12, groups.vae())
        writer.commit_stage("students/0123abcd-0", "e" * 12, students.drop_vars(added))
    return tmp_path


def test_an_old_run_shows_what_it_has_and_says_what_is_missing(
    page: Page, serve_app: Serve, old: Any, made: Any
) -> None:
    serve_app(old, f"?focus={made.fitted[0]}")
    expect(page.locator(".explain-card .method > b")).to_have_text(["Student × input"])
    expect(page.get_by_text(f"deepvid evaluate {made.run} --store {old}")).to_be_visible()
    expect(page.locator(".explain-card .axis")).to_have_count(0)
    open_drawer(page)


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


@pytest.mark.fresh
def test_a_focus_change_is_one_message(page: Page, session: Session, made: Any, wait_until: Wait) -> None:
    frames: list[Any] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
    page.reload()
    expect(page.locator(".explain-card .methods")).to_be_visible()
    page.wait_for_timeout(500)
    frames.clear()
    page.locator(".image-grid .scroll").focus()
    page.keyboard.press("End")
    expect(page.locator("h2 .index")).not_to_have_text(f"#{made.fitted[1]}")
    page.wait_for_timeout(300)
    patches = [frame for frame in frames if isinstance(frame, str) and '"msgtype":"PATCH-DOC"' in frame]
    # the keys, then the window that the grid asks for after scrolling to its end
    assert len(patches) <= 2, patches
