"""What speaks against an answer that is right, asked of a tiny run whose errors have causes."""

from pathlib import Path

import numpy as np
import pytest
from micro import Recorder
from micro_runs import MicroRuns, copied

from deepvid import config
from deepvid.causes import CAUSES
from deepvid.engine.causes import causes_of_right
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


def test_unsure_answers_overlap_with_their_runners_up(made: Run) -> None:
    right, _ = split(made)
    names, logits = made.class_names, made.stages["teacher"].open()["logits"].to_numpy()
    overlapping = 0
    for sample in right[:8]:
        answer, second = np.argsort(logits[sample])[::-1][:2]
        told = f"{names[answer]} and {names[second]} overlap here: the teacher gives {names[second]}"
        of_sample = asked(made.path, sample)
        assert of_sample
        for reason in of_sample:
            if reason.title == CAUSES["overlap"].title:
                overlapping += 1
                assert reason.text.startswith(told)
    assert overlapping


def test_errors_and_runs_without_causes_are_refused(made: Run, micro_runs: MicroRuns) -> None:
    (right, *_), (wrong, *_) = split(made)
    with pytest.raises(DataError, match="which is misclassified"):
        asked(made.path, wrong)
    with pytest.raises(ConfigError, match="has no stage 'causes'"):
        asked(micro_runs.residual(), right)
