"""The commands that pages show: a shell reads them back as what was meant, from any folder."""

import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest

from dashboards.data.commands import NONE, checking, continuing, first_run, retraining


@pytest.mark.parametrize("name", ["run.zip", "my run.zip", "-rf.zip", "$(id).zip"])
def test_an_archive_is_checked_whatever_its_name_is(name: str) -> None:
    words = shlex.split(checking(name))
    assert Path(words[1]) == Path(name)
    assert not words[1].startswith("-")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["/home/me/.venv/bin/deepvid", "run", "my pets.toml"], ["run", "my pets.toml"]),
        (["/home/deepvid/__main__.py", "demo", "--store", "there", "--port", "8"], ["demo", "--port", "8"]),
        (["deepvid", "run", "--store=there", "pets.toml"], ["run", "pets.toml"]),
        (["deepvid", "run", "pets.toml", "--stop-after", "vae"], ["run", "pets.toml"]),
        (["/home/me/notebook.py"], ["run", "experiments/pets.toml"]),
        ([], ["run", "experiments/pets.toml"]),
    ],
)  # fmt: skip
def test_what_began_a_run_continues_it_in_the_store_it_is_in(argv: list[str], words: list[str]) -> None:
    said = continuing("pets", argv, "/data/my runs")
    assert shlex.split(said) == ["deepvid", *words, "--store", "/data/my runs"]


@pytest.mark.parametrize(
    ("argv", "dataset", "words"),
    [
        (["deepvid", "run", "my pets.toml", "--stop-after", "vae"], {}, ["run", "my pets.toml"]),
        (["deepvid", "demo", "--port", "8"], {}, ["run", "pets"]),
        (["deepvid", "run", "pets.toml"], {"leave_out": "some.csv"}, []),  # samples have other numbers
        (["/home/me/notebook.py"], {}, []),
    ],
)
def test_marked_images_are_left_out_of_a_run_whose_numbers_are_theirs(
    argv: list[str], dataset: dict[str, str], words: list[str]
) -> None:
    run = SimpleNamespace(
        summary={"name": "pets"}, provenance={"argv": argv}, path=Path("/data/my runs/pets-1"),
        read_only=False, teacher_source="trained", config={"dataset": dataset},
    )  # fmt: skip
    said = retraining(run, "my marks.csv")  # type: ignore[arg-type]
    left_out = ["--store", "/data/my runs", "--set", "dataset.leave_out=my marks.csv"]
    assert shlex.split(said) == (["deepvid", *words, *left_out] if words else [])


def test_a_first_run_is_made_in_the_store_that_is_shown_where_it_can_be(tmp_path: Path) -> None:
    assert shlex.split(first_run(tmp_path / "my runs").text)[-1] == str(tmp_path / "my runs")
    assert first_run("s3://bucket/runs") == NONE
