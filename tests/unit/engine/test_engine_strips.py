"""The strips of the tiny run's teacher, as a page asks for them."""

from pathlib import Path

import numpy as np
import pytest

from deepvid.config import names
from deepvid.engine.requests import DrawStrip
from deepvid.engine.strips import draw_strip
from deepvid.errors import ConfigError
from deepvid.network.counterfactual_strip import AWAY, evidence_of
from deepvid.network.spaces import SPACES
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import SILENT
from deepvid.store import open_run

pytestmark = pytest.mark.long


@pytest.mark.parametrize("space", SPACES)
def test_d_1_frames_are_equal_in_evidence_and_what_the_teacher_says_of_them(
    tiny_run: Path, space: names.Space
) -> None:
    run = open_run(tiny_run)
    sample = int(np.flatnonzero(run.stages["dataset"].open()["test"].to_numpy())[3])
    stored = run.stages["teacher"].open()["logits"][sample].to_numpy()
    answer, target = (int(one) for one in np.argsort(-stored)[:2])
    found = draw_strip(DrawStrip(tiny_run, sample, target, space), SILENT)
    np.testing.assert_allclose(found.logits[0], stored, atol=1e-3)
    assert np.abs(found.difference[0]).max() < 1e-5
    evidence = evidence_of(found.logits, answer, target)
    goals = np.linspace(evidence[0], max(2, evidence[0] + 2), 8)
    missing = (goals - evidence) / (goals[1] - goals[0])
    whole = 7 if space == "latent" else 8  # eight latents lead a little less far than 2 logits
    assert np.abs(missing[:whole]).max() < 0.02
    assert (missing > -0.02).all()
    image = run.stages["dataset"].open()["image"][sample].to_numpy() / np.float32(255)
    again = np.asarray(TrainedRun(run).network.logits(image + found.difference))
    np.testing.assert_allclose(again, found.logits, atol=1e-2)


def test_away_from_its_answer_the_answer_changes(tiny_run: Path) -> None:
    run = open_run(tiny_run)
    sample = int(np.flatnonzero(run.stages["dataset"].open()["test"].to_numpy())[4])
    found = draw_strip(DrawStrip(tiny_run, sample, None, "pixel"), SILENT)
    answers = found.logits.argmax(axis=1)
    assert answers[-1] != answers[0]
    assert evidence_of(found.logits, int(answers[0]), AWAY)[-1] == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ({"target": 10}, "numbered from 0"),
        ({"space": "sound"}, "sound"),
        ({"sample": 10**9}, "numbered from 0"),
    ],
)
def test_what_is_not_there_is_said(tiny_run: Path, wrong: dict[str, object], found: str) -> None:
    request = DrawStrip(tiny_run, **{"sample": 7, "target": 1, **wrong})  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=found):
        draw_strip(request, SILENT)
