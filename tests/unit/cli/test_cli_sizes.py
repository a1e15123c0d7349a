"""Larger images than are stored: what a person is told to give."""

import pytest

from deepvid.cli.main import main


def test_a_size_that_is_not_stored_is_what_the_model_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["explain", "answers.csv", "--images", "photos", "--size", "224,224"])
    said = " ".join(capsys.readouterr().err.split())
    assert "at 8 to 128 pixels a side. Found: --size 224,224." in said
    assert "Give --size 128 at most, and --takes 224,224" in said
