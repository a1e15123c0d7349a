"""The strip under the header."""

import pytest

from dashboards.views.progress.view import strip_of
from deepvid.store import Status


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (["/home/me/.venv/bin/deepvid", "run", "my pets.toml"], "deepvid run 'my pets.toml'"),
        (["/home/me/deepvid/__main__.py", "demo", "--store", "runs"], "deepvid demo --store runs"),
        (["/home/me/notebook.py"], "deepvid run experiments/pets.toml"),
        ([], "deepvid run experiments/pets.toml"),
    ],
)
def test_an_interrupted_run_shows_the_command_that_began_it(argv: list[str], command: str) -> None:
    assert strip_of(Status("interrupted"), "pets", None, argv)["command"] == command
