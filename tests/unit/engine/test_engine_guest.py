"""A picture that a run does not have, asked about as if it had."""

import io
from pathlib import Path

import numpy as np
import pytest
from micro import Recorder
from micro_runs import MicroRuns, copied
from PIL import Image

from deepvid import config
from deepvid.engine.causes import causes_of_right
from deepvid.engine.guest import LARGEST, open_image
from deepvid.engine.requests import CausesOfRight, OpenedImage, OpenImage
from deepvid.errors import DataError
from deepvid.pipeline.causes import causes_stage
from deepvid.pipeline.runner import RunOptions, extend_run
from deepvid.progress import SILENT
from deepvid.report import StoredCases, page, provenance
from deepvid.store import Run, open_run

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def made(micro_runs: MicroRuns, tmp_path_factory: pytest.TempPathFactory) -> Run:
    path, recorder = copied(micro_runs.vae(), tmp_path_factory.mktemp("guest")), Recorder()
    stage = causes_stage(config.Causes(limit=3), seed=0, checked=True)
    extend_run(path, stage, RunOptions(recorder, recorder.cancel))
    return open_run(path)


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def opened(path: Path, content: bytes) -> OpenedImage:
    return open_image(OpenImage(path, "mine.png", content), SILENT)


def test_a_copy_of_an_image_is_answered_as_that_one(made: Run) -> None:
    dataset, teacher = (made.stages[name].open() for name in ("dataset", "teacher"))
    logits, label = teacher["logits"].to_numpy(), dataset["label"].to_numpy()
    test = dataset["test"].to_numpy()
    right = int(np.flatnonzero(test & (logits.argmax(axis=1) == label))[0])
    found = opened(made.path, png(dataset["image"][right].to_numpy()[..., 0]))
    np.testing.assert_array_equal(found.image, dataset["image"][right].to_numpy())
    np.testing.assert_allclose(found.logits, logits[right], atol=1e-4)
    features = teacher["features"].to_numpy()
    distance = np.linalg.norm(features - features[right], axis=1)
    training = np.flatnonzero(~test)
    assert found.near.tolist()[:5] == training[np.argsort(distance[training], kind="stable")].tolist()[:5]
    np.testing.assert_allclose(found.distance, distance[found.near], atol=1e-3)
    same = causes_of_right(CausesOfRight(made.path, right), SILENT)
    assert [reason.title for reason in found.reasons] == [reason.title for reason in same]
    case = StoredCases(made).opened("<mine>.png", found)
    assert case.maps
    assert case.answer.label is None
    html = page([case], made.id, provenance(made))
    assert "&lt;mine&gt;.png" in html
    assert "<mine>" not in html


def test_other_sizes_and_colors_are_fitted_and_what_is_no_picture_is_refused(made: Run) -> None:
    large = np.zeros((90, 60, 3), np.uint8)
    large[20:70, 10:50] = 200, 30, 30
    found = opened(made.path, png(large))
    assert found.image.shape == (*made.stages["dataset"].open()["image"].shape[1:3], 1)
    assert found.changes == ("60 x 90 pixels made 28 x 28", "made gray")
    for content, said in (
        (b"", "empty"),
        (b"<html>", "no picture of a format"),
        (png(large)[:80], "mine.png"),
        (bytes(LARGEST + 1), "at most 34"),
        (bomb(), "more than"),
    ):
        with pytest.raises(DataError, match=said):
            opened(made.path, content)


def bomb() -> bytes:
    """A small file of more pixels than any picture has."""
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG", optimize=True)
    return file.getvalue()
