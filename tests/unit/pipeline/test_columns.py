"""Further columns in a run: stored, read again, and never lost on the way of a copy."""

from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from micro import experiment
from PIL import Image
from trainings import IMAGES, LABELS, NAMES, TEST, given

import deepvid
from dashboards.data.population import population
from deepvid.column_format import ATTRIBUTE, unpack_columns
from deepvid.config import experiment_from
from deepvid.logger.samples import samples_of, with_columns
from deepvid.pipeline.runner import RunOptions, run_experiment
from deepvid.progress import Tick
from deepvid.store import Run, open_run, verify

COUNT = 12


class Notes:
    """Notes of a command."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def began(self, *_: object) -> None: ...
    def ended(self, *_: object) -> None: ...
    def ticked(self, _: str, tick: Tick) -> None:
        if tick.lasting:
            self.texts.append(tick.message)


def table(folder: Path) -> Path:
    lines = ["path,label,gray,site,taken,note"]
    for number in range(COUNT):
        Image.new("L", (10, 10), number).save(folder / f"{number}.png")
        lines.append(f"{number}.png,{number % 2},{number},s{number % 3},2024-01-{number + 1:02d},ß{number}")
    (folder / "list.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "list.csv"


def run_on(path: Path, store: Path, name: str = "own") -> tuple[Run, list[str]]:
    notes = Notes()
    experiment = experiment_from({"name": name, "dataset": {"source": "table", "path": str(path), "test": 4}})
    run = open_run(run_experiment(experiment, store, RunOptions(notes, Event(), stop_after="dataset")))
    return run, notes.texts


def test_columns_are_stored_and_come_back_with_their_images(tmp_path: Path) -> None:
    run, notes = run_on(table(tmp_path), tmp_path / "store")
    assert any(
        note.startswith("Columns kept: gray (number), site (category of 3), taken (date)") for note in notes
    )
    group = run.stages["dataset"].open()
    shown = np.flatnonzero(group["test"].to_numpy())[::-1]
    gray, site, taken, note = unpack_columns(group, shown)
    np.testing.assert_array_equal(gray.values, group["image"].to_numpy()[shown, 0, 0, 0])
    assert [site.words[index] for index in site.values] == [f"s{int(value) % 3}" for value in gray.values]
    assert (taken.values / 86_400 - 19_723).tolist() == gray.values.tolist()  # days since 2024-01-01
    assert note.values.tolist() == [f"ß{int(value)}" for value in gray.values]
    assert verify(run.path).ok


def test_a_run_that_began_without_its_columns_says_so_and_lends_it_to_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, store = table(tmp_path), tmp_path / "store"
    text = path.read_text(encoding="utf-8")
    with monkeypatch.context() as older:
        older.setattr("deepvid.datasets.table.columns_from", lambda _: ((), ()))  # as version 0.1 read it
        before, _ = run_on(path, store)
    assert ATTRIBUTE not in before.stages["dataset"].open().attrs
    again, notes = run_on(path, store)
    assert again.stages["dataset"].digest == before.stages["dataset"].digest
    (said,) = (note for note in notes if "began without" in note)
    assert "gray, site, taken, note" in said
    other, notes = run_on(path, store, "other")
    assert len(unpack_columns(other.stages["dataset"].open(), np.arange(COUNT - 4))) == 4
    assert not any("began without" in note for note in notes)
    third, _ = run_on(path, store, "third")
    assert third.stages["dataset"].digest == other.stages["dataset"].digest  # copied
    assert path.read_text(encoding="utf-8") == text


META = {"age": np.arange(60) / 2, "site": [f"s{number % 3}" for number in range(60)]}


def test_a_logged_run_has_them_in_the_order_of_its_images(tmp_path: Path) -> None:
    wanted: dict[str, Any] = {"test": TEST, "epochs": 1, "class_names": NAMES, "store": tmp_path}
    with deepvid.log_run("toy", IMAGES, LABELS, meta=META, **wanted) as logged:
        logged.epoch(**given(0))
    age, site = unpack_columns(open_run(logged.path).stages["dataset"].open(), np.arange(60))
    order = np.argsort(TEST, kind="stable")
    assert age.values.tolist() == (order / 2).tolist()
    assert site.values.tolist() == (order % 3).tolist()


def test_what_is_explained_has_them_and_other_columns_are_another_run(tmp_path: Path) -> None:
    logits = np.random.default_rng(0).normal(size=(60, len(NAMES))).astype(np.float32)
    np.savez(tmp_path / "answers.npz", logits=logits)
    micro = experiment(projections=[{"method": "pca"}]).model_dump(mode="json")
    settings = {name: micro[name] for name in ("projections", "soft_tree")}

    def explained(meta: Any) -> Run:
        return deepvid.explain(
            *(tmp_path / "answers.npz", IMAGES, LABELS, NAMES),
            **{"test": TEST, "meta": meta, "store": tmp_path / "runs", "settings": settings},
        )

    run = explained(META)
    table = population(run)
    assert table is not None
    given = np.argsort(TEST, kind="stable")[table.samples]
    assert table.columns["age"].values.tolist() == (given / 2).tolist()
    assert explained(META).id == run.id
    assert explained({**META, "age": np.arange(60)}).id != run.id


def test_columns_tell_samples_apart_and_their_absence_changes_no_key() -> None:
    plain = samples_of(IMAGES, LABELS, TEST, NAMES, where="a test")
    aged = with_columns(plain, {"age": np.arange(60)})
    older = with_columns(plain, {"age": np.arange(60) + 1})
    renamed = with_columns(plain, {"years": np.arange(60)})
    assert len({one.key() for one in (plain, aged, older, renamed)}) == 4
    assert with_columns(plain, None).key() == plain.key()
    assert aged._replace(columns=()).key() == plain.key()
