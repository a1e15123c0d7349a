"""The squares of the tiny run's images, as a page asks for them."""

from pathlib import Path

import numpy as np
import pytest

from deepvid.engine.requests import Superpixels
from deepvid.engine.superpixels import superpixels
from deepvid.errors import ConfigError
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import SILENT
from deepvid.store import open_run

pytestmark = pytest.mark.long


def test_e8_the_strongest_square_matters_when_it_alone_is_covered(tiny_run: Path) -> None:
    """Covering the strongest square alone moves the margin to the side that its weight says."""
    run = open_run(tiny_run)
    sample = int(np.flatnonzero(run.stages["dataset"].open()["test"].to_numpy())[2])
    logits = run.stages["teacher"].open()["logits"][sample].to_numpy()
    answer, target = (int(one) for one in np.argsort(-logits)[:2])
    found = superpixels(Superpixels(tiny_run, sample, target), SILENT)
    assert found.weight.shape == (4, 4)
    assert (found.cell, found.masks) == (7, 300)
    assert -1 < found.r2 <= 1
    assert found.repeated > 0.8
    image = run.stages["dataset"].open()["image"][sample].to_numpy() / np.float32(255)
    network = TrainedRun(run).network
    strongest = np.unravel_index(np.abs(found.weight).argmax(), (4, 4))
    square = tuple(slice(7 * int(at), 7 * int(at) + 7) for at in strongest)
    covered = image.copy()
    covered[square] = image[square].mean()
    before, after = np.asarray(network.logits(np.stack([image, covered])))[:, [answer, target]] @ [1, -1]
    assert np.sign(before - after) == np.sign(found.weight[strongest])


def test_e8_the_answer_itself_and_what_is_no_class_are_refused(tiny_run: Path) -> None:
    logits = open_run(tiny_run).stages["teacher"].open()["logits"][7].to_numpy()
    for target in (int(logits.argmax()), -1, 10):
        with pytest.raises(ConfigError, match="with another class"):
            superpixels(Superpixels(tiny_run, 7, target), SILENT)
