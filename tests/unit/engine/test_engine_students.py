"""A student fitted while a person waits, against the one that the pipeline stored."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from deepvid import config
from deepvid.engine.client import ThreadEngine
from deepvid.engine.requests import FitStudent
from deepvid.errors import ConfigError
from deepvid.store import open_run

pytestmark = pytest.mark.long

ON_ALL_CORES = """
import os, sys
from deepvid import config
from deepvid.engine.client import ThreadEngine
from deepvid.engine.requests import FitStudent

settings = config.Students(neighbors=40, gradient_neighbors=0, smoothness=(0.0,))
engine = ThreadEngine()
found = engine.submit(FitStudent(sys.argv[1], 1100, settings)).result(timeout=240)
engine.close()
import jax
cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
assert found.sizes["student"] == 1
assert len(jax.devices()) == cores, jax.devices()
"""


@pytest.fixture(scope="module")
def settings(tiny_run: Path) -> config.Students:
    return config.Students.model_validate(open_run(tiny_run).config["students"])


def test_equals_the_stored_student(tiny_run: Path, settings: config.Students) -> None:
    stored = open_run(tiny_run).batches("students")[0].open()
    sample = int(stored["sample"][3])
    engine = ThreadEngine()
    job = engine.submit(FitStudent(tiny_run, sample, settings, seed=0))
    found = job.result(timeout=240)
    engine.close()
    assert job.tick is not None
    assert set(found.variables) == set(stored.variables)
    assert dict(found.sizes) == {**stored.sizes, "student": 1}
    assert found.attrs["settings_key"] == stored.attrs["settings_key"]
    assert int(found["sample"][0]) == sample
    # One thread there, many here: sums in another order, nothing else.
    np.testing.assert_allclose(found["weights"][0], stored["weights"][3], atol=2e-2)
    np.testing.assert_allclose(found["kl"][0], stored["kl"][3], rtol=0.05)


def test_all_cores_work_at_the_student_a_person_waits_for(tiny_run: Path) -> None:
    subprocess.run([sys.executable, "-c", ON_ALL_CORES, str(tiny_run)], check=True, env=os.environ)


@pytest.mark.parametrize("place", ["tiny_run", "tiny_archive"])
def test_other_settings_give_another_student(
    place: str, request: pytest.FixtureRequest, settings: config.Students
) -> None:
    engine = ThreadEngine()
    changed = settings.model_copy(update={"smoothness": (1.0,)})
    found = engine.submit(FitStudent(request.getfixturevalue(place), 1100, changed)).result(timeout=240)
    engine.close()
    assert found.sizes["fit"] == 1
    assert found.attrs["settings"]["smoothness"] == [1.0]


def test_a_sample_that_does_not_exist_is_named(tiny_run: Path, settings: config.Students) -> None:
    engine = ThreadEngine()
    with pytest.raises(ConfigError, match="numbered from 0 and below"):
        engine.submit(FitStudent(tiny_run, 10**6, settings)).result(timeout=60)
    engine.close()
