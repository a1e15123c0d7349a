"""The strip under the header."""

from dashboards.views.progress.view import strip_of
from deepvid.store import Status


def test_an_interrupted_run_shows_the_command_that_continues_it() -> None:
    strip = strip_of(Status("interrupted"), None, "deepvid run pets.toml")
    assert strip["command"] == "deepvid run pets.toml"
    assert "continues it" in strip["detail"]


def test_a_run_that_was_asked_to_stop_says_so_and_how_to_compute_the_rest() -> None:
    strip = strip_of(Status("stopped", "vae"), None, "deepvid run pets.toml")
    assert strip["text"] == "The run stopped after training the autoencoder, as asked."
    assert strip["command"] == "deepvid run pets.toml"


def test_what_nothing_can_continue_is_only_read() -> None:
    assert "only read" in strip_of(Status("interrupted"), None, "")["detail"]
