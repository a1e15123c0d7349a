"""Images that are stored smaller than a model takes them: how often it agrees with itself."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explained import described, explained
from PIL import Image

import deepvid
from dashboards.data.orders import to_study
from dashboards.data.population import population
from dashboards.data.query import evaluated
from dashboards.views.archive.provenance import provenance_sections
from dashboards.views.focus.card import of_file
from dashboards.views.grid.table import Wish, listing
from deepvid.config import Experiment
from deepvid.pipeline.checked import USUAL, checked, with_stored_size

SIDE = 32
STRIPES = """
import numpy as np
def striped(images):
    assert images.shape[1:] == (32, 32, 1), images.shape
    fine = abs(np.diff(images, axis=2)).mean(axis=(1, 2, 3))
    return 9 * np.stack([np.full(len(images), 0.25), fine], axis=1)
"""


def pictures(side: int = SIDE) -> np.ndarray:
    """uint8 (20, y, x): even ones are gray, odd ones have stripes of one pixel, which an 8x8 image loses."""
    stripes = np.broadcast_to(np.where(np.arange(side) % 2, 255, 0), (side, side))
    return np.stack([stripes if n % 2 else np.full((side, side), 100 + n) for n in range(20)]).astype(
        np.uint8
    )


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "my_stripes.py").write_text(STRIPES)
    importlib.invalidate_caches()
    yield {"source": "function", "entry": "my_stripes:striped", "input": {"size": SIDE}}
    sys.modules.pop("my_stripes", None)


def folder(tmp_path: Path, model: dict[str, Any]) -> Experiment:
    for number, image in enumerate(pictures()):
        path = tmp_path / "photos" / ("gray", "striped")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    dataset = {"source": "folder", "path": str(tmp_path / "photos"), "size": 8, "test_share": 1}
    return described(tmp_path, model, dataset=dataset)


def test_a_run_says_how_often_its_model_agrees_with_itself(tmp_path: Path, model: dict[str, Any]) -> None:
    run = explained(tmp_path, folder(tmp_path, model))
    told = run.stages["teacher"].open().attrs["resized"]
    assert (told["images"], told["agreement"]) == (20, 0.5)  # of the gray ones
    assert (told["stored"], told["taken"]) == ([8, 8], [SIDE, SIDE])
    assert told["low"] < 0.4 < 0.6 < told["high"]
    assert (run.stages["teacher"].open()["logits"].to_numpy().argmax(axis=1) == 0).all()
    of_file, striped = run.stages["teacher"].open()["class_of_file"].to_numpy(), run.stages["dataset"].open()
    assert (of_file == striped["label"].to_numpy()).all()  # of every file, not of some
    (section,) = (each for each in provenance_sections(run) if each.title.startswith("The model"))
    assert ["name", "my_stripes:striped"] in section.rows
    assert "50 % of 20 images" in dict(section.rows)["resized"]


def test_a_page_says_of_each_image_what_the_model_says_of_its_file(
    tmp_path: Path, model: dict[str, Any]
) -> None:
    run = explained(tmp_path, folder(tmp_path, model))
    table = population(run)
    assert table is not None
    assert table.differs is not None
    striped = np.flatnonzero(table.label == 1)
    assert np.flatnonzero(table.differs).tolist() == striped.tolist()
    assert np.flatnonzero(evaluated('of_file == "striped"', table)).tolist() == striped.tolist()
    assert to_study(table, None) not in striped  # all errors are among them
    assert to_study(table, table.differs) in striped
    shown = listing(table, None, Wish(sort="index"))
    assert shown.window.facts["of_file"] == [1 if row in striped else -1 for row in shown.listed.rows()]
    assert "file differs" in shown.described["note"]
    assert [of_file(table, int(row)) for row in (striped[0], np.flatnonzero(table.label == 0)[0])] == [
        "striped",
        "",
    ]


def test_a_check_says_it_and_what_to_do(tmp_path: Path, model: dict[str, Any]) -> None:
    said = list(checked(folder(tmp_path, model)))
    (sentence,) = (line for line in said if "stored at 8x8" in line)
    assert "takes 32x32" in sentence
    assert "50 % of 20 images" in sentence
    assert "--size 128" in sentence


@pytest.mark.parametrize("source", ["folder", "table"])
def test_large_files_are_stored_smaller_without_being_asked_for(
    tmp_path: Path, model: dict[str, Any], source: str
) -> None:
    (tmp_path / "photos" / "one").mkdir(parents=True)
    picture = Image.fromarray(np.zeros((150, 200), np.uint8))
    picture.save(tmp_path / "photos" / "one" / "a.png")
    (tmp_path / "all.csv").write_text("path,label\nphotos/one/a.png,one\n")
    path = tmp_path / ("photos" if source == "folder" else "all.csv")
    dataset = {"source": source, "path": str(path), "test_share": 1}
    assert with_stored_size(described(tmp_path, model, dataset=dataset)).dataset.size == (USUAL, USUAL)
    named = described(tmp_path, model, dataset={**dataset, "size": 8})
    assert with_stored_size(named) == named
    picture.resize((128, 100)).save(tmp_path / "photos" / "one" / "a.png")
    small = described(tmp_path, model, dataset=dataset)
    assert with_stored_size(small) == small


@pytest.mark.parametrize(
    ("name", "shape"),
    [("images", (4, 150, 200, 3)), ("images", (4, 3, 150, 200)), ("x_train", (4, 200, 150))],
)
def test_large_arrays_are_stored_smaller_without_being_asked_for(
    tmp_path: Path, model: dict[str, Any], name: str, shape: tuple[int, ...]
) -> None:
    np.savez(tmp_path / "own.npz", **{name: np.zeros(shape, np.uint8)})
    dataset = {"source": "arrays", "path": str(tmp_path / "own.npz"), "test_share": 1}
    assert with_stored_size(described(tmp_path, model, dataset=dataset)).dataset.size == (USUAL, USUAL)
    np.savez(tmp_path / "own.npz", **{name: np.zeros((4, 100, 128), np.uint8)})
    small = described(tmp_path, model, dataset=dataset)
    assert with_stored_size(small) == small


def test_arrays_are_asked_about_as_they_were(tmp_path: Path, model: dict[str, Any]) -> None:
    np.savez(tmp_path / "own.npz", images=pictures(), labels=np.arange(20) % 2)
    dataset = {"source": "arrays", "path": str(tmp_path / "own.npz"), "size": 8, "test_share": 1}
    said = list(checked(described(tmp_path, model, dataset=dataset)))
    assert any("50 % of 20 images" in line for line in said)
    same = list(checked(described(tmp_path, model, dataset={**dataset, "size": SIDE})))
    assert not any("stored at" in line for line in same)


def test_images_that_were_small_from_the_beginning_lose_nothing(
    tmp_path: Path, model: dict[str, Any]
) -> None:
    np.savez(tmp_path / "own.npz", images=pictures()[:, :8, :8], labels=np.arange(20) % 2)
    dataset = {"source": "arrays", "path": str(tmp_path / "own.npz"), "test_share": 1}
    assert not any("stored at" in line for line in checked(described(tmp_path, model, dataset=dataset)))


def test_explain_gives_the_model_images_of_the_size_that_they_were_given_in(tmp_path: Path) -> None:
    """160x160 is stored at 128x128: stripes of one pixel become gray."""
    sizes = set()

    def fine(images: np.ndarray) -> np.ndarray:
        sizes.add(images.shape[1:])
        return 9 * np.stack(
            [np.full(len(images), 0.6), abs(np.diff(images, axis=2)).mean(axis=(1, 2, 3))], axis=1
        )

    settings = {
        "soft_tree": {"depth": 2, "epochs": 1, "trees": 2},
        "vae": {"latent": 2, "width": 1, "hidden": 2, "epochs": 1, "batch": 20},
        "projections": [{"method": "pca"}],
        "students": {"limit": 0},
        "explanations": {"limit": 0},
        "causes": {"limit": 0},
    }
    run = deepvid.explain(fine, pictures(160), np.arange(20) % 2, store=tmp_path / "runs", settings=settings)
    told = run.stages["teacher"].open().attrs["resized"]
    assert sizes == {(160, 160, 1)}
    assert (told["stored"], told["taken"], told["agreement"]) == ([128, 128], [160, 160], 0.5)
    assert run.open("teacher")["class_of_file"].to_numpy().tolist() == [0, 1] * 10
