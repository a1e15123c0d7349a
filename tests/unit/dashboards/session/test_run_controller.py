"""A run opened while a lasso is under way: its mask and the new run's table never meet."""

from collections.abc import Callable
from concurrent.futures import wait
from pathlib import Path
from threading import Event

import numpy as np
import xarray as xr
from bokeh.document import Document
from loops import in_own_loop

from dashboards.session.failing import Failed
from dashboards.session.gestures import Samples
from dashboards.session.scene import Scene
from dashboards.session.selection import Mode, Step
from dashboards.session.session import EXECUTOR, Session
from deepvid.store import open_writer


def write_run(store: Path, name: str, images: int) -> str:
    """A run of black test images, half of them misclassified; its id."""
    label = np.arange(images, dtype=np.int32) % 2
    data = {
        "image": (("sample", "y", "x", "channel"), np.zeros((images, 2, 2, 1), np.uint8)),
        "label": ("sample", label),
        "test": ("sample", np.ones(images, bool)),
    }
    logits = np.eye(2, dtype=np.float32)[np.zeros(images, int)]
    with open_writer(store, f"{name}-0123abcd", config={"name": name}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, xr.Dataset(data, attrs={"class_names": ["a", "b"]}))
        writer.commit_stage("teacher", "b" * 12, xr.Dataset({"logits": (("sample", "class"), logits)}))
        writer.finish()
        return writer.run.path.name


class Recorder:
    """Records the lengths of table and mask that it is given."""

    subject, needs, follows = "This view", (), ("table", "steps", "mask")

    def __init__(self) -> None:
        self.prepared: list[tuple[int, int]] = []
        self.published: list[int] = []

    def scene_for(self, scene: Scene) -> Scene:
        return scene

    def local_state(self) -> None:
        return None

    def prepare(self, scene):  # type: ignore[no-untyped-def]
        rows = scene.table.rows
        self.prepared.append((rows, rows if scene.mask is None else len(scene.mask)))
        return rows

    def is_stale(self, scene: Scene) -> bool:
        return False

    def show_content(self) -> None:
        pass

    def publish(self, rows: int) -> None:
        self.published.append(rows)


class Stepped(Session):
    """Nothing happens on the document's thread until `run_scheduled` is called."""

    def schedule(self, function: Callable[[], None]) -> None:
        self.__dict__.setdefault("waiting", []).append(function)

    def run_scheduled(self) -> None:
        while waiting := self.__dict__.get("waiting"):
            waiting.pop(0)()


async def _opened_during_a_lasso(store: Path) -> Recorder:
    large, small = write_run(store, "large", 60), write_run(store, "small", 6)
    session, view, released = Stepped(store, Document()), Recorder(), Event()
    session.go(f"?run={large}")
    session.refresh().result(10)
    session.run_scheduled()
    session.linker.join(view, session.showing)
    blockers = [EXECUTOR.submit(released.wait, 10) for _ in range(EXECUTOR._max_workers)]
    lasso = session.linker.commit((Step(Mode.REPLACE, Samples((0, 1))),))

    def release(_: object) -> None:
        """The other run's table is there: now the lasso is prepared, whole, before the opening goes on."""
        if session.population is not None and session.population.rows == 6:
            released.set()
            wait([*blockers, lasso], timeout=10)

    session.navigation.param.watch(release, "focus")
    session.navigation.run = small
    assert released.is_set()
    session.refresh().result(10)
    session.run_scheduled()
    assert session.selection.steps == ()
    return view


def test_a_mask_never_meets_the_table_of_another_run(tmp_path: Path) -> None:
    view = in_own_loop(lambda: _opened_during_a_lasso(tmp_path))
    assert {rows == masked for rows, masked in view.prepared} == {True}
    assert view.published == [60, 6]


async def _failure_of(store: Path) -> Failed | None:
    session = Stepped(store, Document())
    session.go("")
    return session.opening.failure


def test_a_store_whose_only_run_has_lost_its_lines_says_so(tmp_path: Path) -> None:
    """Some file systems leave bytes of zeros behind a crash."""
    (tmp_path / write_run(tmp_path, "lost", 2) / "journal.jsonl").write_bytes(bytes(4096))
    failure = in_own_loop(lambda: _failure_of(tmp_path))
    assert failure is not None
    assert failure.title == "The run lost-0123abcd cannot be shown"
    assert "The journal of a run has at least one line." in failure.text
