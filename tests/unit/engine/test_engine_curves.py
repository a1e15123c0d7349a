"""An optimizer followed on a run's own models, against the student that the pipeline stored."""

from pathlib import Path

import pytest

from deepvid import config
from deepvid.engine.client import ThreadEngine
from deepvid.engine.requests import Followed, FollowOptimizer
from deepvid.errors import ConfigError
from deepvid.store import open_run

pytestmark = pytest.mark.long


def test_the_optimum_of_a_curve_is_the_student_that_is_stored(tiny_run: Path) -> None:
    run = open_run(tiny_run)
    own = config.Students.model_validate(run.config["students"])
    students = run.batches("students")[0].open()
    sample, student = int(students["sample"][0]), students.isel(student=0, fit=-1)
    engine = ThreadEngine()
    try:
        adam = own.replaced(solver="adam", steps=300, learning_rate=0.02)
        found: Followed = engine.submit(FollowOptimizer(tiny_run, sample, adam)).result(timeout=300)
        assert found.neighbors == int(student["held_out"])
        assert found.floor == pytest.approx(float(student["floor"]))
        assert found.optimum[2] == pytest.approx(float(student["agreement"]), abs=0.09)  # one of 12
        assert (found.step[0], found.step[-1]) == (0, 300)
        assert found.objective[0] > found.objective[-1] > found.optimum[3] - 1e-4
        slow = engine.submit(FollowOptimizer(tiny_run, sample, adam.replaced(steps=5))).result(timeout=300)
        assert slow.objective[-1] > found.objective[-1]
        assert slow.optimum == pytest.approx(found.optimum)  # the same neighbors
        with pytest.raises(ConfigError, match="numbered from 0 and below"):
            engine.submit(FollowOptimizer(tiny_run, 10**6, adam)).result(timeout=60)
    finally:
        engine.close()
