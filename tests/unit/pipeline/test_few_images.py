"""A handful of photos, as everybody tries first: all stages run through, and the map says what it changed."""

from pathlib import Path

import numpy as np
import pytest
from micro import Recorder, experiment, run
from PIL import Image

import deepvid
from dashboards.data.maps import by_row, read_projection
from dashboards.views.archive.provenance import provenance_sections

MAP = "projection-tsne-features-2d"


def test_five_images_are_explained_and_their_map_says_its_perplexity(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weight = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    settings = experiment().model_dump(mode="json")
    explained = deepvid.explain(
        lambda images: images.reshape(len(images), -1) @ weight,
        np.random.default_rng(1).random((5, 8, 8)),
        store=tmp_path,
        settings={
            name: settings[name] for name in ("vae", "soft_tree", "students", "explanations", "causes")
        },
    )
    assert explained.status().state == "finished"
    said = "perplexity 1.33, not 30: there are 5 images"  # (5 - 1) / 3
    assert said in capsys.readouterr().out
    group = explained.stages[MAP].open()
    assert group.attrs["note"] == said
    assert group.attrs["projection"]["perplexity"] == pytest.approx(4 / 3)
    shown = by_row(read_projection("tsne-features-2d", group), np.arange(5, dtype=np.int32), 5)
    assert shown.settings["note"] == said
    (stages,) = (part.rows for part in provenance_sections(explained) if part.title == "Stages")
    assert [name for name, words in stages if words.endswith(said)] == [MAP]


@pytest.mark.parametrize(("count", "said"), [(4, "is 1 image"), (9, "are 2 images"), (25, "perplexity 1.33")])
def test_a_folder_of_few_photos_has_a_map_of_its_test_images(tmp_path: Path, count: int, said: str) -> None:
    """A fifth of them are test images."""
    pixels = np.random.default_rng(0).integers(0, 256, (count, 12, 12), dtype=np.uint8)
    for number in range(count):
        path = tmp_path / "pets" / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[number]).save(path)
    pets = {"source": "folder", "path": str(tmp_path / "pets")}
    wanted, name = experiment(dataset=pets, projections=[{"of": "pixels"}]), "projection-tsne-pixels-2d"
    recorder = Recorder()
    stage = run(tmp_path / "runs", wanted, recorder, name).stages[name]
    assert said in stage.open().attrs["note"]
    assert any(said in note for note in recorder.notes)
    assert np.isfinite(stage.open()["position"]).all()
