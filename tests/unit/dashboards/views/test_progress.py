"""The strip under the header."""

from pathlib import Path

import pytest
from trainings import IMAGES, LABELS, TEST, given

import deepvid
from dashboards.data.commands import Command
from dashboards.views.progress.view import onwards, strip_of
from deepvid.config import words_of
from deepvid.logger import LoggedRun
from deepvid.progress import Tick
from deepvid.store import Run, RunWriter, Status, open_run, open_writer, write_archive


def interrupted(run: Run) -> dict[str, object]:
    status = run.status()
    return dict(strip_of(status, words_of(status.stage, run.teacher_source), None, *onwards(run)))


def test_an_interrupted_run_shows_the_command_that_continues_it(tmp_path: Path) -> None:
    provenance = {"argv": ["/bin/deepvid", "run", "pets.toml"]}
    open_writer(tmp_path, "pets-0", config={"name": "pets"}, provenance=provenance).close()
    strip = interrupted(open_run(tmp_path / "pets-0"))
    assert strip["command"] == f"deepvid run pets.toml --store {tmp_path}"
    assert "continues it" in str(strip["detail"])


@pytest.mark.parametrize(
    ("source", "told"), [("trained", "training the teacher"), ("onnx", "asking the model")]
)
def test_a_model_that_was_trained_elsewhere_is_asked(source: str, told: str, tmp_path: Path) -> None:
    teacher = {} if source == "trained" else {"source": source, "path": "net.onnx"}
    writer = open_writer(tmp_path, "pets-0", config={"name": "pets", "teacher": teacher}, provenance={})
    with pytest.raises(KeyboardInterrupt), writer:
        _report(writer)
    assert interrupted(open_run(tmp_path / "pets-0"))["text"] == f"The run was interrupted while {told}."


def _report(writer: RunWriter) -> None:
    writer.report("teacher", Tick(0, 1, "", 0.0, None))
    raise KeyboardInterrupt


def test_what_nothing_can_continue_is_only_read(tmp_path: Path) -> None:
    open_writer(tmp_path, "pets-0", config={"name": "pets"}, provenance={}).close()
    archive = write_archive(open_run(tmp_path / "pets-0"), tmp_path / "pets.zip")
    strip = interrupted(open_run(archive))
    assert "only read" in str(strip["detail"])
    assert strip["command"] == ""


def test_a_logged_training_is_continued_by_its_own_program(tmp_path: Path) -> None:
    run = deepvid.log_run("toy", IMAGES, LABELS, test=TEST, epochs=2, store=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        _interrupt(run)
    strip = interrupted(open_run(run.path))
    assert strip["text"] == "The run was interrupted while training the teacher."
    assert f"resume='{run.id}'" in str(strip["detail"])
    assert strip["command"] == ""


def _interrupt(run: LoggedRun) -> None:
    with run:
        run.epoch(**given(0))
        raise KeyboardInterrupt


def test_a_run_that_was_asked_to_stop_says_so_and_how_to_compute_the_rest() -> None:
    strip = strip_of(Status("stopped", "vae"), words_of("vae"), None, "", Command("deepvid run pets.toml"))
    assert strip["text"] == "The run stopped after training the autoencoder, as asked."
    assert strip["command"] == "deepvid run pets.toml"
