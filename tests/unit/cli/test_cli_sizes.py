"""Images that cannot be taken as they are: what a person is told to give."""

import pytest

from deepvid.cli.main import main


def test_a_size_that_is_not_stored_is_what_the_model_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["explain", "answers.csv", "--images", "photos", "--size", "224,224"])
    said = " ".join(capsys.readouterr().err.split())
    assert "at 8 to 128 pixels a side. Found: --size 224,224." in said
    assert "Give --size 128 at most, and --takes 224,224" in said


@pytest.mark.parametrize(
    ("images", "found"),
    [
        ("photos", "photos, which is none of them."),
        ("C:\\photos", "a path of Windows"),
        ("https://example.org/photos", "an address: download"),
        ("photos.zip", "photos.zip, which is none of them."),
    ],
)
def test_images_that_are_nowhere_are_an_error_with_what_images_are(
    images: str, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["explain", "answers.csv", "--images", images])
    said = " ".join(capsys.readouterr().err.split())
    assert found in said
    assert len(said) < 1000
