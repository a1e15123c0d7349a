"""Training images that made the teacher say so, on a toy run whose last layer is really fitted again."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from looks import asked_of_training, commit_layers, layers_group
from playwright.sync_api import Locator, Page, expect

from dashboards.session import computing
from dashboards.session.gestures import Probe
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from deepvid.network.influence import influence, refit
from deepvid.store import kept_marks, open_run, write_archive

pytestmark = pytest.mark.browser

TRAIN = 20
NAMES = ("circle", "square", "cross", "ring")

Opened = Callable[..., Session]
Wait = Callable[..., Any]


@pytest.fixture
def layered(made: Any, store: Path) -> Path:
    """A copy of the finished run that was looked into, with its training images."""
    samples = np.arange(TRAIN, len(made.label))
    group = layers_group(np.stack([made.predicted[TRAIN:]] * 3), samples)
    features = made.logits[:, :2]
    commit_layers(store, made.run, asked_of_training(group, features[:TRAIN], made.label[:TRAIN], 4))
    return store


@pytest.fixture
def opened(layered: Path, serve_app: Callable[..., Session], page: Page) -> Opened:
    def opened(query: str = "", store: Path = layered) -> Session:
        session = serve_app(store, f"?tab=similar&part=influence{query}")
        expect(page.locator(".tiles .tile").first).to_be_visible()
        return session

    return opened


def side(page: Page, title: str) -> Locator:
    return page.get_by_label(title, exact=True)


def shown(place: Locator) -> list[int]:
    return [int(tile.get_attribute("data-sample") or -1) for tile in place.locator(".tile").all()]


def strongest(made: Any, samples: np.ndarray) -> tuple[list[int], list[int]]:
    """Those that speak for what the teacher says of test images, and against, by a layer fitted here."""
    features, label = made.logits[:, :2], made.label
    head = refit(features[:TRAIN], label[:TRAIN], 4)
    score = influence(head, features[samples], made.predicted[samples])
    order = np.argsort(-score, kind="stable")
    towards = [int(image) for image in order if score[image] > 0]
    return towards[:12], [int(image) for image in order[::-1] if score[image] < 0][:12]


def test_e9_training_images_speak_for_an_image_and_against_it(page: Page, opened: Opened, made: Any) -> None:
    sample = int(made.wrong[0])
    opened(f"&focus={sample}")
    answer = NAMES[made.predicted[sample]]
    towards, against = strongest(made, np.array([sample]))
    assert shown(side(page, f"Speak for {answer}")) == towards
    assert shown(side(page, f"Speak against {answer}")) == against
    expect(page.locator(".sentence", has_text="which training images")).to_contain_text(
        f"#{sample}, {NAMES[made.label[sample]]} taken for {answer}"
    )
    expect(page.locator(".notes")).to_contain_text(
        "Rank correlation with what leaving out each of 20 does: .998"
    )
    expect(page.locator(".notes")).to_contain_text("repairs nothing")
    expect(page.locator(".how", has_text="values in").first).to_contain_text("nats")
    tile = side(page, f"Speak for {answer}").locator(".tile").first
    expect(tile.locator(".picture")).to_have_attribute("title", re.compile("training image #.* true .* says"))
    tracin = page.get_by_role("button", name="TracIn")
    expect(tracin).to_be_disabled()
    expect(tracin).to_have_attribute("title", re.compile("stored no snapshots"))
    page.get_by_role("button", name="Similarity").click()
    expect(page.locator(".notes")).to_contain_text("need not have pushed anything")
    features = made.logits[:, :2]
    cosine = features[:TRAIN] @ features[sample] / np.linalg.norm(features[:TRAIN], axis=1)
    of_answer = made.label[:TRAIN] == made.predicted[sample]
    nearest = int(np.where(of_answer, cosine, -np.inf).argmax())
    expect(page.locator(".tile").first).to_have_attribute("data-sample", str(nearest))


def test_e9_of_a_selection_they_speak_together_and_say_who_is_named_by_many(
    page: Page, opened: Opened, made: Any, wait_until: Wait
) -> None:
    session = opened(f"&focus={made.wrong[0]}")
    seen = Step(Mode.REPLACE, Probe((("logits", (1,)),)))  # what the teacher takes for square
    session.schedule(lambda: session.select(seen))
    samples = TRAIN + np.flatnonzero(made.predicted[TRAIN:] == 1)
    wait_until(lambda: session.selection.count == len(samples))
    page.get_by_role("button", name="Selection", exact=True).click()
    towards, _ = strongest(made, samples)
    expect(side(page, "Speak for square").locator(".tile")).to_have_count(len(towards))
    wait_until(lambda: shown(side(page, "Speak for square")) == towards)
    expect(page.locator(".notes")).to_contain_text(
        re.compile(r"Asked one by one, \d+ of 100 images name #\d+ first")
    )
    sample = session.navigation.focus
    assert sample is not None
    page.get_by_role("button", name=f"#{sample}", exact=True).click()  # the image, not the selection
    wait_until(
        lambda: shown(page.locator(".shelves section").first) == strongest(made, np.array([sample]))[0]
    )


def test_e9_a_training_image_is_marked_as_mislabelled_and_the_mark_is_kept(
    page: Page, opened: Opened, made: Any, layered: Path, wait_until: Wait
) -> None:
    session = opened(f"&focus={made.wrong[0]}")
    tile = page.locator(".tile").first
    sample = shown(page.locator(".shelves"))[0]
    tile.hover()
    flag = tile.get_by_role("button", name=f"Mark #{sample} as mislabelled")
    flag.click()
    expect(flag).to_have_attribute("aria-pressed", "true")
    assert sample in session.marks.entries
    wait_until(lambda: sample in kept_marks(open_run(layered / made.run)))
    flag.click()
    expect(flag).to_have_attribute("aria-pressed", "false")
    wait_until(lambda: sample not in kept_marks(open_run(layered / made.run)))


def test_e9_an_archive_answers_without_computing(
    page: Page, opened: Opened, made: Any, layered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computing, "refusal", lambda: "This server computes nothing.")
    (tmp_path / "archives").mkdir()
    write_archive(open_run(layered / made.run), tmp_path / "archives" / f"{made.run}.zip")
    sample = int(made.wrong[0])
    opened(f"&focus={sample}", tmp_path / "archives")
    assert shown(page.locator(".shelves section").first) == strongest(made, np.array([sample]))[0]


def test_of_a_run_that_kept_no_training_images_it_says_what_to_do(
    page: Page, serve_app: Callable[..., Session], made: Any, store: Path
) -> None:
    samples = np.arange(TRAIN, len(made.label))
    commit_layers(store, made.run, layers_group(np.stack([made.predicted[TRAIN:]] * 3), samples))
    serve_app(store, f"?tab=similar&part=influence&focus={made.wrong[0]}")
    expect(page.get_by_text("kept no training images")).to_be_visible()
    expect(page.locator("code", has_text="deepvid network")).to_be_visible()
