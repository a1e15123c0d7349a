"""The strip under the header."""

from dashboards.views.progress.view import strip_of
from deepvid.store import Status


def test_an_interrupted_run_shows_the_command_that_continues_it() -> None:
    strip = strip_of(Status("interrupted"), None, "deepvid run pets.toml")
    assert strip["command"] == "deepvid run pets.toml"
    assert "continues it" in strip["detail"]


def test_what_nothing_can_continue_is_only_read() -> None:
    assert "only read" in strip_of(Status("interrupted"), None, "")["detail"]
