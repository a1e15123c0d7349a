"""Causes against an answer that is right, asked of a tiny run whose errors have causes."""

from pathlib import Path

import numpy as np
import pytest
from micro import Recorder
from micro_runs import MicroRuns, copied

from deepvid import config
from deepvid.causes import CAUSES
from deepvid.engine.causes import NOTHING, causes_of_right
from deepvid.engine.requests import CausesOfRight
from deepvid.errors import ConfigError, DataError
from deepvid.pipeline.causes import causes_stage
from deepvid.pipeline.runner import RunOptions, extend_run
from deepvid.progress import SILENT
from deepvid.reasons import Reason
from deepvid.store import Run, open_run

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def made(micro_runs: MicroRuns, tmp_path_factory: pytest.TempPathFactory) -> Run:
    path, recorder = copied(micro_runs.residual(), tmp_path_factory.mktemp("right")), Recorder()
    stage = causes_stage(config.Causes(limit=3), seed=0, checked=True)
    extend_run(path, stage, RunOptions(recorder, recorder.cancel))
    return open_run(path)


def split(made: Run) -> tuple[np.ndarray, np.ndarray]:
    """Right and wrong test images, the least sure first."""
    dataset, logits = made.stages["dataset"].open(), made.stages["teacher"].open()["logits"].to_numpy()
    right = logits.argmax(axis=1) == dataset["label"].to_numpy()
    least = np.argsort(np.diff(np.sort(logits, axis=1)[:, -2:], axis=1)[:, 0], kind="stable")
    test = dataset["test"].to_numpy()
    return least[right[least] & test[least]], least[~right[least] & test[least]]


def asked(path: Path, sample: int) -> tuple[Reason, ...]:
    return causes_of_right(CausesOfRight(path, int(sample)), SILENT)


def test_an_answer_is_held_against_its_runner_up(made: Run) -> None:
    right, _ = split(made)
    names, logits = made.class_names, made.stages["teacher"].open()["logits"].to_numpy()
    assert len(right)
    for sample in right[:4]:
        first, *_ = asked(made.path, sample)
        answer, second = np.argsort(logits[sample])[::-1][:2]
        assert first.title == NOTHING or first.strength is not None
        if first.title in (NOTHING, CAUSES["overlap"].title):
            assert names[answer] in first.text
            assert names[second] in first.text
        if first.title == NOTHING:
            assert "No cause is beyond its threshold" in first.text


def test_errors_and_runs_without_causes_are_refused(made: Run, micro_runs: MicroRuns) -> None:
    (right, *_), (wrong, *_) = split(made)
    with pytest.raises(DataError, match="which is misclassified"):
        asked(made.path, wrong)
    with pytest.raises(ConfigError, match="has no stage 'causes'"):
        asked(micro_runs.residual(), right)
